/** Text -> program: closures that know nothing of files. Programs are kept by text, so that each is compiled once. */
import type { Body, Macro, Statement, Target } from './ast.ts';
import type { CompileContext, Evaluate } from './compile-context.ts';
import { compileNode } from './compile-expression.ts';
import { compileBody } from './compile-statement.ts';
import { FILTERS } from './filters/index.ts';
import { lexExpression, lexTemplate } from './lexer.ts';
import { parseBareExpression, parseTemplate } from './parser.ts';
import { DEFAULT_SYNTAX, type TemplateSyntax } from './syntax.ts';
import { TESTS } from './tests/index.ts';

/**
 * - `playbook`: a text with `{{ }}`; backslashes in the literals of `{{ }}` stand for themselves, as in Ansible's playbooks
 * - `file`: the text of a template file; backslashes escape, as in Jinja
 * - `expression`: a bare expression (`when`)
 */
export type SourceKind = 'playbook' | 'file' | 'expression';

export interface Program {
  readonly isSingleExpression: boolean;
  readonly run: Evaluate;
  /** The template sets names itself and needs a frame. */
  readonly needsFrame: boolean;
  /** It may be put together with other templates: it runs as a unit. */
  readonly isComposed: boolean;
  readonly mayHoldUndefined: boolean;
  readonly changesValues: boolean;
  readonly lookups: readonly { readonly name: string; readonly offset: number }[];
  readonly blocks: CompileContext['blocks'];
}

/** Programs of a kind that are kept; beyond it the oldest goes. */
const MAX_PROGRAMS = 5_000;
// By kind and text; those of another syntax have the syntax in their key.
const programsOf: Readonly<Record<SourceKind, Map<string, Program>>> = {
  playbook: new Map(),
  file: new Map(),
  expression: new Map(),
};

/**
 * The program of a text, compiled on first use.
 *
 * @throws EvaluationFailure TEMPLATE_SYNTAX with the offset in the text
 */
export function programOf(text: string, kind: SourceKind, syntax: TemplateSyntax = DEFAULT_SYNTAX): Program {
  const programs = programsOf[kind];
  const key = syntax === DEFAULT_SYNTAX ? text : `${JSON.stringify(syntax)}\0${text}`;
  const known = programs.get(key);
  if (known !== undefined) return known;
  const program = compile(text, kind, syntax);
  if (programs.size >= MAX_PROGRAMS) {
    const oldest = programs.keys().next();
    if (oldest.done !== true) programs.delete(oldest.value);
  }
  programs.set(key, program);
  return program;
}

function compile(text: string, kind: SourceKind, syntax: TemplateSyntax): Program {
  if (kind === 'expression') {
    const expression = parseBareExpression(lexExpression(text));
    const context = contextFor(new Set());
    return programFrom(compileNode(expression, context), context, true);
  }
  const body = parseTemplate(lexTemplate(text, { literalBackslashes: kind === 'playbook', syntax }));
  const names = new Set<string>();
  const isAlone = assignedNames(body, names) && kind === 'playbook';
  const context = contextFor(isAlone ? names : undefined);
  return programFrom(compileBody(body, context), context, body.length === 1 && body[0]?.kind === 'output');
}

function programFrom(run: Evaluate, context: CompileContext, isSingleExpression: boolean): Program {
  return {
    isSingleExpression,
    run,
    needsFrame: context.assigned !== undefined && context.assigned.size > 0,
    isComposed: context.assigned === undefined,
    mayHoldUndefined: context.mayHoldUndefined,
    changesValues: context.changesValues,
    lookups: context.lookups,
    blocks: context.blocks,
  };
}

function contextFor(assigned: ReadonlySet<string> | undefined): CompileContext {
  return {
    filters: FILTERS,
    tests: TESTS,
    assigned,
    blocks: new Map(),
    lookups: [],
    mayHoldUndefined: false,
    changesValues: false,
  };
}

// Adds all names that the body sets, wherever it does; false when other templates may set more.
function assignedNames(body: Body, names: Set<string>): boolean {
  return body.map((statement) => addAssigned(statement, names)).every(Boolean);
}

function addAssigned(statement: Statement, names: Set<string>): boolean {
  switch (statement.kind) {
    case 'data':
    case 'output':
      return true;
    case 'if':
      return [...statement.branches.map((branch) => branch.body), statement.otherwise]
        .map((body) => assignedNames(body, names))
        .every(Boolean);
    case 'for':
      names.add('loop');
      addTarget(statement.target, names);
      return [statement.body, statement.otherwise].map((body) => assignedNames(body, names)).every(Boolean);
    case 'set':
      addTarget(statement.target, names);
      return true;
    case 'set-block':
      addTarget(statement.target, names);
      return assignedNames(statement.body, names);
    case 'filter-block':
      return assignedNames(statement.body, names);
    case 'with':
      for (const [target] of statement.bindings) addTarget(target, names);
      return assignedNames(statement.body, names);
    case 'macro':
      addMacro(statement, names);
      return assignedNames(statement.body, names);
    case 'call-block':
      addMacro(statement.caller, names);
      return assignedNames(statement.caller.body, names);
    default:
      return false;
  }
}

function addMacro(macro: Macro, names: Set<string>): void {
  for (const name of [macro.name, 'varargs', 'kwargs', 'caller']) names.add(name);
  for (const parameter of macro.parameters) names.add(parameter.name);
}

function addTarget(target: Target, names: Set<string>): void {
  if (target.kind === 'name') names.add(target.name);
  if (target.kind === 'targets') for (const item of target.items) addTarget(item, names);
}
