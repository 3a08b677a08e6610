/** Text -> program: closures that know nothing of files. Programs are kept by text, so that each is compiled once. */
import type { Body, Statement, Target } from './ast.ts';
import type { CompileContext, Evaluate } from './compile-context.ts';
import { compileNode } from './compile-expression.ts';
import { compileBody } from './compile-statement.ts';
import { FILTERS } from './filters/index.ts';
import { lexExpression, lexTemplate } from './lexer.ts';
import { parseBareExpression, parseTemplate } from './parser.ts';
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
  readonly mayHoldUndefined: boolean;
  readonly changesValues: boolean;
  readonly lookups: readonly { readonly name: string; readonly offset: number }[];
}

/** Programs that are kept; beyond it the oldest goes. */
const MAX_PROGRAMS = 5_000;
const programs = new Map<string, Program>();

/**
 * The program of a text, compiled on first use.
 *
 * @throws EvaluationFailure TEMPLATE_SYNTAX with the offset in the text
 */
export function programOf(text: string, kind: SourceKind): Program {
  const key = `${kind}:${text}`;
  const known = programs.get(key);
  if (known !== undefined) return known;
  const program = compile(text, kind);
  if (programs.size >= MAX_PROGRAMS) {
    const oldest = programs.keys().next();
    if (oldest.done !== true) programs.delete(oldest.value);
  }
  programs.set(key, program);
  return program;
}

function compile(text: string, kind: SourceKind): Program {
  if (kind === 'expression') {
    const expression = parseBareExpression(lexExpression(text));
    const context = contextFor(new Set());
    return programFrom(compileNode(expression, context), context, true);
  }
  const body = parseTemplate(lexTemplate(text, { literalBackslashes: kind === 'playbook' }));
  const context = contextFor(assignedNames(body));
  return programFrom(compileBody(body, context), context, body.length === 1 && body[0]?.kind === 'output');
}

function programFrom(run: Evaluate, context: CompileContext, isSingleExpression: boolean): Program {
  return {
    isSingleExpression,
    run,
    needsFrame: context.assigned.size > 0,
    mayHoldUndefined: context.mayHoldUndefined,
    changesValues: context.changesValues,
    lookups: context.lookups,
  };
}

function contextFor(assigned: ReadonlySet<string>): CompileContext {
  return { filters: FILTERS, tests: TESTS, assigned, lookups: [], mayHoldUndefined: false, changesValues: false };
}

// All names that the template sets, wherever it does.
function assignedNames(body: Body, names: Set<string> = new Set()): Set<string> {
  for (const statement of body) addAssigned(statement, names);
  return names;
}

function addAssigned(statement: Statement, names: Set<string>): void {
  switch (statement.kind) {
    case 'if':
      for (const branch of statement.branches) assignedNames(branch.body, names);
      assignedNames(statement.otherwise, names);
      break;
    case 'for':
      names.add('loop');
      addTarget(statement.target, names);
      assignedNames(statement.body, names);
      assignedNames(statement.otherwise, names);
      break;
    case 'set':
    case 'set-block':
      addTarget(statement.target, names);
      if (statement.kind === 'set-block') assignedNames(statement.body, names);
      break;
    case 'filter-block':
      assignedNames(statement.body, names);
      break;
    case 'with':
      for (const [target] of statement.bindings) addTarget(target, names);
      assignedNames(statement.body, names);
      break;
    case 'macro':
      names.add(statement.name);
      for (const parameter of statement.parameters) names.add(parameter.name);
      assignedNames(statement.body, names);
      break;
  }
}

function addTarget(target: Target, names: Set<string>): void {
  if (target.kind === 'name') names.add(target.name);
  if (target.kind === 'targets') for (const item of target.items) addTarget(item, names);
}
