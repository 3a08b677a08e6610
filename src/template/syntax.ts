/** How a template is written: its delimiters and what happens to white space around tags. */
import { didYouMean } from '../util/did-you-mean.ts';
import { failSyntax } from './failure.ts';
import { readStringLiteral } from './string-literal.ts';

export interface TemplateSyntax {
  readonly blockStart: string;
  readonly blockEnd: string;
  readonly variableStart: string;
  readonly variableEnd: string;
  readonly commentStart: string;
  readonly commentEnd: string;
  /** Whether the newline right after a tag or comment is removed. */
  readonly trimsBlocks: boolean;
  /** Whether white space between the start of a line and a tag or comment is removed. */
  readonly stripsBlocks: boolean;
  /** What a newline of the text becomes: `\n`, `\r\n` or `\r`. */
  readonly newline: string;
  /** Whether the newline at the end of the text is kept for itself; otherwise as many are added at the end as there were. */
  readonly keepsTrailingNewline: boolean;
}

/** Jinja's delimiters, with `trim_blocks` on, as Ansible has it. */
export const DEFAULT_SYNTAX: TemplateSyntax = {
  blockStart: '{%',
  blockEnd: '%}',
  variableStart: '{{',
  variableEnd: '}}',
  commentStart: '{#',
  commentEnd: '#}',
  trimsBlocks: true,
  stripsBlocks: false,
  newline: '\n',
  keepsTrailingNewline: false,
};

const HEADER = '#jinja2:';
const OPTIONS: Readonly<Record<string, keyof TemplateSyntax>> = {
  block_start_string: 'blockStart',
  block_end_string: 'blockEnd',
  variable_start_string: 'variableStart',
  variable_end_string: 'variableEnd',
  comment_start_string: 'commentStart',
  comment_end_string: 'commentEnd',
  trim_blocks: 'trimsBlocks',
  lstrip_blocks: 'stripsBlocks',
  newline_sequence: 'newline',
  keep_trailing_newline: 'keepsTrailingNewline',
};
const REFUSED: Readonly<Record<string, string>> = {
  line_statement_prefix: 'line statements are off, as in Ansible',
  line_comment_prefix: 'line comments are off, as in Ansible',
  autoescape: 'nothing is escaped, as in Ansible',
};

/**
 * Splits Ansible's header line (`#jinja2: lstrip_blocks: True, trim_blocks: False`) from the text below it.
 *
 * @param base - what holds where the header says nothing
 * @returns `bodyOffset`: where the body starts in the text; 0 when there is no header
 * @throws EvaluationFailure TEMPLATE_SYNTAX for an option or value that is not known
 */
export function readSyntaxHeader(
  text: string,
  base: TemplateSyntax,
): { readonly syntax: TemplateSyntax; readonly bodyOffset: number } {
  if (!text.startsWith(HEADER)) return { syntax: base, bodyOffset: 0 };
  const end = text.indexOf('\n') < 0 ? text.length : text.indexOf('\n');
  const syntax: Record<string, unknown> = { ...base };
  let offset = HEADER.length;
  for (const pair of text.slice(offset, end).split(',')) {
    const colon = pair.indexOf(':');
    const name = (colon < 0 ? pair : pair.slice(0, colon)).trim();
    if (colon < 0) failSyntax(`Expected 'option: value' in the '#jinja2:' line, found '${pair.trim()}'`, offset);
    const refusal = REFUSED[name];
    if (refusal !== undefined) failSyntax(`The option '${name}' cannot be set: ${refusal}`, offset);
    const key = OPTIONS[name];
    if (key === undefined) {
      failSyntax(`Unknown option '${name}' in the '#jinja2:' line`, offset, didYouMean(name, Object.keys(OPTIONS)));
    }
    syntax[key] = readOption(name, key, pair.slice(colon + 1).trim(), offset);
    offset += pair.length + 1;
  }
  return { syntax: syntax as unknown as TemplateSyntax, bodyOffset: Math.min(end + 1, text.length) };
}

/**
 * Checks the delimiters and the newline of a syntax.
 *
 * @throws EvaluationFailure TEMPLATE_SYNTAX
 */
export function checkSyntax(syntax: TemplateSyntax): TemplateSyntax {
  const starts = [syntax.blockStart, syntax.variableStart, syntax.commentStart];
  const delimiters = [...starts, syntax.blockEnd, syntax.variableEnd, syntax.commentEnd];
  if (delimiters.includes('')) failSyntax('Expected delimiters of at least one character', 0);
  if (new Set(starts).size < starts.length) {
    failSyntax(`Expected different texts to start tags, variables and comments, got ${starts.join(' ')}`, 0);
  }
  if (!['\n', '\r\n', '\r'].includes(syntax.newline)) {
    failSyntax("Expected newline_sequence to be '\\n', '\\r\\n' or '\\r'", 0);
  }
  return syntax;
}

function readOption(name: string, key: keyof TemplateSyntax, value: string, offset: number): string | boolean {
  if (typeof DEFAULT_SYNTAX[key] === 'boolean') {
    if (value === 'True' || value === 'False') return value === 'True';
    failSyntax(`Expected ${name} to be True or False, found '${value}'`, offset);
  }
  if (value.startsWith("'") || value.startsWith('"')) {
    const literal = readStringLiteral(value, 0, false);
    if (literal.end === value.length) return literal.value;
  }
  failSyntax(`Expected ${name} to be a text in quotes, found '${value}'`, offset);
}
