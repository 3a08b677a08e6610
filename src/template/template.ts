/** Compiled templates: a program, the place of its text, and the environment that it runs in. */
import {
  type Diagnostic,
  errorMessage,
  FleetmendError,
  formatDiagnostic,
  internalError,
  type Position,
  TemplateError,
} from '../errors.ts';
import { NOTHING } from './body-result.ts';
import { EvaluationFailure, fail } from './failure.ts';
import { FILTERS } from './filters/index.ts';
import { createEnvironment } from './lookups/index.ts';
import { lookupHint } from './lookups/run.ts';
import { type Program, programOf, type SourceKind } from './program.ts';
import { MAX_TEXT_SIZE, type Runtime } from './runtime.ts';
import { TESTS } from './tests/index.ts';
import type { CompiledTemplate, Environment, Scope } from './types.ts';
import { dictValues, isDict, LazyDict } from './values/dict.ts';
import { MAX_DEPTH } from './values/text.ts';
import { requireDefined } from './values/undefined.ts';

/** A TemplateError whose parts are apart, for callers that collect findings: `message` has the place in it already. */
export class PlacedTemplateError extends TemplateError {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic, message: string, cause: unknown) {
    super(diagnostic.code, message, { source: diagnostic.source, hint: diagnostic.hint, cause });
    this.diagnostic = diagnostic;
  }
}

/**
 * Compiles a text that may hold `{{ }}`, `{% %}` and `{# #}`. Texts are compiled once; a further call costs a look-up.
 *
 * @param position - where the text's first character stands in the user's file, for errors
 * @param environment - what it may use of the controller; by default nothing but the lookups that need no machine
 * @param options.isFile - it is the text of a template file: backslashes in literals escape, as in Jinja. In playbooks
 *   they stand for themselves, as in Ansible
 * @throws {@link TemplateError} TEMPLATE_SYNTAX: syntax, unknown filters, tests and lookups, wrong arguments of filters
 */
export function compileTemplate(
  text: string,
  position?: Position,
  environment?: Environment,
  options: { readonly isFile?: boolean } = {},
): CompiledTemplate {
  if (!isTemplate(text)) return { text, isStatic: true, isSingleExpression: false, evaluate: () => text };
  return compile(text, options.isFile === true ? 'file' : 'playbook', position, environment);
}

/**
 * Compiles a bare expression, without `{{ }}` (`when`). One that is wrapped in them as a whole is understood, as in
 * Ansible: text that it gives must then say true or false. Braces amid an expression are an error, for they would compare
 * with a text that nobody meant.
 *
 * @throws {@link TemplateError} as {@link compileTemplate}
 */
export function compileExpression(text: string, position?: Position, environment?: Environment): CompiledTemplate {
  // `'{{}}'` in a literal is an escaped brace of str.format, not a template.
  const braces = /\{\{-?\s*[\w'"(]/.exec(text);
  if (braces === null) return compile(text, 'expression', position, environment);
  const wrapped = compile(text.trim(), 'playbook', position, environment);
  if (!wrapped.isSingleExpression)
    throw templateError('TEMPLATE_SYNTAX', NOT_BARE, BARE_HINT, text, position, braces.index);
  return { ...wrapped, evaluate: (scope) => wordOrValue(wrapped.evaluate(scope), text, position) };
}

const NOT_BARE = "Expected an expression without '{{ }}'";
const BARE_HINT = "write the names as they are: x == 'a'";

// A text must not count as true just because it is not empty: `-e flag=false` gives the text 'false'.
function wordOrValue(value: unknown, text: string, position: Position | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (value === 'true' || value === 'True') return true;
  if (value === 'false' || value === 'False') return false;
  throw templateError(
    'TEMPLATE_ERROR',
    "Expected '{{ }}' here to give true or false, got a text",
    BARE_HINT,
    text,
    position,
    0,
  );
}

/** Whether the value is a text that holds `{{`, `{%` or `{#`. */
export function isTemplate(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  for (let at = value.indexOf('{'); at >= 0; at = value.indexOf('{', at + 1)) {
    const next = value[at + 1];
    if (next === '{' || next === '%' || next === '#') return true;
  }
  return false;
}

function compile(
  text: string,
  kind: SourceKind,
  position: Position | undefined,
  given: Environment | undefined,
): CompiledTemplate {
  const environment = given ?? bareEnvironment();
  // Jinja drops one newline at the end; Ansible then gives a text as many as the template ended with.
  const source = kind === 'expression' ? text : text.replace(/\r?\n$/, '');
  const newlines = kind === 'expression' ? 0 : (/\n*$/.exec(text)?.[0].length ?? 0);
  let program: Program;
  try {
    program = programOf(source, kind);
    for (const { name, offset } of program.lookups) {
      if (environment.lookups.has(name)) continue;
      const hint = lookupHint(name, environment);
      throw new EvaluationFailure('TEMPLATE_SYNTAX', `Unknown lookup '${name}'`, { offset, hint });
    }
  } catch (error) {
    throw placed(error, text, position, 0);
  }
  return {
    text,
    isStatic: false,
    isSingleExpression: program.isSingleExpression,
    evaluate: (scope) => evaluate(program, scope, environment, text, position, newlines),
  };
}

// Made once, when it is first asked for.
function bareEnvironment(): Environment {
  bare ??= createEnvironment();
  return bare;
}

let bare: Environment | undefined;

// Reading a variable may evaluate its own template, through the scope, which cannot carry a depth along; all of it is
// synchronous, so a count of what is open now tells how deep it goes.
let openEvaluations = 0;
const MAX_OPEN_EVALUATIONS = 100;
const TOO_DEEP = 'The expression or the variables that it reads are nested too deeply, or refer to themselves';

function evaluate(
  program: Program,
  scope: Scope,
  environment: Environment,
  text: string,
  position: Position | undefined,
  newlines: number,
): unknown {
  const runtime: Runtime = {
    scope,
    environment,
    filters: FILTERS,
    tests: TESTS,
    frame: program.needsFrame ? { names: new Map(), parent: undefined } : undefined,
    offset: 0,
    depth: 0,
    outputSize: 0,
    owned: program.changesValues ? new WeakSet() : undefined,
  };
  openEvaluations++;
  try {
    if (openEvaluations > MAX_OPEN_EVALUATIONS) fail(TOO_DEEP);
    const result = requireDefined(program.run(runtime));
    if (program.mayHoldUndefined) requireDefinedDeep(result, 0);
    if (result === NOTHING) return '\n'.repeat(newlines);
    return typeof result === 'string' ? finishText(result, newlines) : result;
  } catch (error) {
    throw placed(error, text, position, runtime.offset);
  } finally {
    openEvaluations--;
  }
}

function finishText(result: string, newlines: number): string {
  const text = result;
  if (text.length > MAX_TEXT_SIZE) {
    throw new EvaluationFailure('TEMPLATE_ERROR', `Expected the template to make at most ${MAX_TEXT_SIZE} characters`);
  }
  if (newlines === 0) return text;
  const has = /\n*$/.exec(text)?.[0].length ?? 0;
  return has >= newlines ? text : text + '\n'.repeat(newlines - has);
}

// Literals and map() may put undefined values into a list; nothing undefined may leave the template unseen.
function requireDefinedDeep(value: unknown, depth: number): void {
  requireDefined(value);
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH || value instanceof LazyDict) return;
  if (Array.isArray(value)) for (const item of value) requireDefinedDeep(item, depth + 1);
  else if (isDict(value)) for (const item of dictValues(value)) requireDefinedDeep(item, depth + 1);
}

function placed(error: unknown, text: string, position: Position | undefined, offset: number): unknown {
  // An error of a template inside a variable already has its place.
  if (error instanceof TemplateError) return error;
  if (error instanceof EvaluationFailure) {
    return templateError(error.code, error.message, error.hint, text, position, error.offset ?? offset, error);
  }
  // A stack that is full: by deep nesting inside of one expression.
  if (error instanceof RangeError && error.message.includes('call stack')) {
    return templateError('TEMPLATE_ERROR', TOO_DEEP, undefined, text, position, offset, error);
  }
  if (error instanceof FleetmendError) return error;
  return internalError(`template '${text.slice(0, 200)}': ${errorMessage(error)}`, error);
}

function templateError(
  code: Diagnostic['code'],
  message: string,
  hint: string | undefined,
  text: string,
  position: Position | undefined,
  offset: number,
  cause?: unknown,
): TemplateError {
  const source = position === undefined ? undefined : positionAt(text, position, offset);
  const diagnostic: Diagnostic = { code, message, hint, source };
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  const where = source === undefined ? ` (in the expression: ${shown.replaceAll('\n', '\\n')})` : '';
  return new PlacedTemplateError(diagnostic, formatDiagnostic({ ...diagnostic, message: message + where }), cause);
}

// Exact for a text on one line; for a block scalar the line is the text's, the column that of its own line.
function positionAt(text: string, start: Position, offset: number): Position {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  if (lastBreak < 0) return { ...start, column: start.column + offset };
  const line = start.line + before.split('\n').length - 1;
  return { file: start.file, line, column: offset - lastBreak };
}
