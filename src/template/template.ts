/** Compiled templates: a program, the place of its text, and the environment that it runs in. */
import type { Position } from '../errors.ts';
import { bodyText, NOTHING } from './body-result.ts';
import { runUnit, type Unit } from './composition.ts';
import { EvaluationFailure, fail } from './failure.ts';
import { FILTERS } from './filters/index.ts';
import { enterEvaluation, leaveEvaluation } from './limits.ts';
import { COLLECTION_LOOKUPS } from './lookups/collections.ts';
import { DATA_LOOKUPS } from './lookups/data.ts';
import { whyNoLookup } from './lookups/run.ts';
import { placed, TOO_DEEP, templateError } from './placing.ts';
import { type Program, programOf, type SourceKind } from './program.ts';
import { MAX_TEXT_SIZE, type Runtime } from './runtime.ts';
import { checkSyntax, DEFAULT_SYNTAX, readSyntaxHeader, type TemplateSyntax } from './syntax.ts';
import { TESTS } from './tests/index.ts';
import type { CompiledTemplate, Environment, Scope } from './types.ts';
import { dictValues, isDict, LazyDict } from './values/dict.ts';
import { MAX_DEPTH } from './values/text.ts';
import { requireDefined } from './values/undefined.ts';

/**
 * Compiles a text that may hold `{{ }}`, `{% %}` and `{# #}`. Texts are compiled once; a further call costs a look-up.
 *
 * @param position - where the text's first character stands in the user's file, for errors
 * @param environment - what it may use of the controller; by default nothing but the lookups that need no machine
 * @throws {@link TemplateError} TEMPLATE_SYNTAX: syntax, unknown filters, tests and lookups, wrong arguments of filters
 */
export function compileTemplate(text: string, position?: Position, environment?: Environment): CompiledTemplate {
  if (!isTemplate(text)) return { text, isStatic: true, isSingleExpression: false, evaluate: () => text };
  return compile(text, 'playbook', position, environment);
}

/**
 * Compiles the text of a template file. Unlike in playbooks, backslashes in literals escape, and the result is always
 * text. A first line `#jinja2: option: value, …` sets the syntax, as in Ansible.
 *
 * @param path - where the text was read from, for errors
 * @param syntax - what differs from Jinja's syntax as Ansible sets it
 * @throws {@link TemplateError} TEMPLATE_SYNTAX
 */
export function compileTemplateFile(
  text: string,
  path: string,
  environment?: Environment,
  syntax: Partial<TemplateSyntax> = {},
): CompiledTemplate {
  const start = { file: path, line: 1, column: 1 };
  try {
    const base = Object.keys(syntax).length === 0 ? DEFAULT_SYNTAX : checkSyntax({ ...DEFAULT_SYNTAX, ...syntax });
    const header = readSyntaxHeader(text, base);
    if (header.bodyOffset === 0) return compile(text, 'file', start, environment, base);
    return compile(
      text.slice(header.bodyOffset),
      'file',
      { ...start, line: 2 },
      environment,
      checkSyntax(header.syntax),
    );
  } catch (error) {
    throw placed(error, text, start, 0, environment?.sources);
  }
}

/**
 * Compiles a bare expression, without `{{ }}` (`when`). Braces in it are an error, for they would compare with a text that
 * nobody meant.
 *
 * @throws {@link TemplateError} as {@link compileTemplate}
 */
export function compileExpression(text: string, position?: Position, environment?: Environment): CompiledTemplate {
  // `'{{}}'` in a literal is an escaped brace of str.format, not a template.
  const braces = text.includes('{{') ? /\{\{-?\s*[\w'"(]/.exec(text) : null;
  if (braces === null) return compile(text, 'expression', position, environment);
  throw templateError(
    {
      code: 'TEMPLATE_SYNTAX',
      message: "Expected an expression without '{{ }}'",
      hint: "write the names as they are: x == 'a'",
    },
    { text, position, offset: braces.index, sources: environment?.sources },
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
  syntax: TemplateSyntax = DEFAULT_SYNTAX,
): CompiledTemplate {
  const environment = given ?? BARE_ENVIRONMENT;
  const source = kind === 'expression' ? text : withoutLastNewline(text, syntax);
  // Ansible gives a text as many newlines at its end as the template ended with.
  const newlines = kind === 'expression' ? 0 : (/\n*$/.exec(text)?.[0].length ?? 0);
  let program: Program;
  try {
    program = programOf(source, kind, syntax);
    checkLookups(program, environment);
  } catch (error) {
    throw placed(error, text, position, 0, environment.sources);
  }
  const main: Main = {
    kind,
    program,
    environment,
    newlines: syntax.newline.repeat(newlines),
    unit: {
      name: position?.file ?? 'the template',
      run: program.run,
      blocks: program.blocks,
      place: (error, offset) => placed(error, text, position, offset, environment.sources),
    },
    loadUnit: (name) => loadUnit(name, environment, syntax),
  };
  return {
    text,
    isStatic: false,
    isSingleExpression: program.isSingleExpression,
    evaluate: (scope) => evaluate(main, scope),
  };
}

// Jinja drops one newline at the end of a text.
function withoutLastNewline(text: string, syntax: TemplateSyntax): string {
  return syntax.keepsTrailingNewline ? text : text.replace(/\r?\n$/, '');
}

function checkLookups(program: Program, environment: Environment): void {
  for (const { name, offset } of program.lookups) {
    if (environment.lookups.has(name)) continue;
    const { message, hint } = whyNoLookup(name, environment);
    throw new EvaluationFailure('TEMPLATE_SYNTAX', message, { offset, hint });
  }
}

// A template that another one includes, imports or extends. It is written in the syntax of that one.
function loadUnit(name: string, environment: Environment, syntax: TemplateSyntax): Unit | undefined {
  const loaded = environment.templates?.load(name);
  if (loaded === undefined) return undefined;
  const { text, path } = loaded;
  const place = (error: unknown, offset: number): unknown =>
    placed(error, text, { file: path, line: 1, column: 1 }, offset, environment.sources);
  try {
    const program = programOf(withoutLastNewline(text, syntax), 'file', syntax);
    checkLookups(program, environment);
    return { name, run: program.run, blocks: program.blocks, place };
  } catch (error) {
    throw place(error, 0);
  }
}

// What a text may use when nothing is said: no file, no variable of the environment, no command.
const BARE_ENVIRONMENT: Environment = { lookups: new Map([...DATA_LOOKUPS, ...COLLECTION_LOOKUPS]) };

// Reading a variable may evaluate its own template, through the scope, which cannot carry a depth along; all of it is
// synchronous, so a count of what is open now tells how deep it goes.
const MAX_OPEN_EVALUATIONS = 100;

// All that an evaluation needs beside its scope.
interface Main {
  readonly kind: SourceKind;
  readonly program: Program;
  readonly environment: Environment;
  readonly unit: Unit;
  readonly newlines: string;
  readonly loadUnit: Runtime['loadUnit'];
}

function evaluate(main: Main, scope: Scope): unknown {
  const { program, unit } = main;
  const runtime: Runtime = {
    scope,
    environment: main.environment,
    filters: FILTERS,
    tests: TESTS,
    frame: program.needsFrame ? { names: new Map(), parent: undefined } : undefined,
    offset: 0,
    depth: 0,
    outputSize: 0,
    owned: program.changesValues ? new WeakSet() : undefined,
    unit: program.isComposed ? undefined : unit,
    layout: undefined,
    isSilent: false,
    openUnits: [],
    loadUnit: main.loadUnit,
  };
  try {
    if (enterEvaluation() > MAX_OPEN_EVALUATIONS) fail(TOO_DEEP);
    const run = program.isComposed ? runUnit(runtime, unit, undefined).result : program.run(runtime);
    const result = requireDefined(run);
    if (main.kind === 'file') return finishText(bodyText(result), main.newlines);
    if (program.mayHoldUndefined) requireDefinedDeep(result, 0);
    if (result === NOTHING) return main.newlines;
    return typeof result === 'string' ? finishText(result, main.newlines) : result;
  } catch (error) {
    throw unit.place(error, runtime.offset);
  } finally {
    leaveEvaluation();
  }
}

function finishText(text: string, newlines: string): string {
  if (text.length > MAX_TEXT_SIZE) {
    throw new EvaluationFailure('TEMPLATE_ERROR', `Expected the template to make at most ${MAX_TEXT_SIZE} characters`);
  }
  if (newlines === '') return text;
  const wanted = newlines.length;
  let has = 0;
  const unit = newlines.startsWith('\r\n') ? '\r\n' : newlines.charAt(0);
  while (has < wanted && text.endsWith(unit, text.length - has)) has += unit.length;
  return text + newlines.slice(has);
}

// Literals and map() may put undefined values into a list; nothing undefined may leave the template unseen.
function requireDefinedDeep(value: unknown, depth: number): void {
  requireDefined(value);
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH || value instanceof LazyDict) return;
  if (Array.isArray(value)) for (const item of value) requireDefinedDeep(item, depth + 1);
  else if (isDict(value)) for (const item of dictValues(value)) requireDefinedDeep(item, depth + 1);
}
