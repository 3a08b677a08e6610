/** Filters, tests and calls -> closures, with arguments bound by name at compile time. */
import type { Arguments, Call, Expression, FilterCall, FilterStep, TestCall } from './ast.ts';
import { type Binding, type Builtin, bindArguments, callRun, invoke, recordOf } from './builtin.ts';
import type { CompileContext, Evaluate } from './compile-context.ts';
import { EvaluationFailure, fail, failSyntax } from './failure.ts';
import { lookupName } from './lookups/run.ts';
import { whyUnknown } from './refused.ts';
import type { Runtime } from './runtime.ts';
import { dictEntries, isDict } from './values/dict.ts';
import { typeName } from './values/kinds.ts';
import { isCallable } from './values/object.ts';
import { article, iterate } from './values/sequence.ts';
import { requireDefined, Undefined } from './values/undefined.ts';

type CompileNode = (node: Expression, context: CompileContext) => Evaluate;

/** @throws EvaluationFailure TEMPLATE_SYNTAX when there is no such filter or the arguments do not fit it */
export function compileFilter(node: FilterCall, context: CompileContext, compile: CompileNode): Evaluate {
  return compileFilterStep(node, compile(node.input, context), context, compile);
}

/** A filter over any input: `{% filter upper %}`. */
export function compileFilterStep(
  step: FilterStep,
  input: Evaluate,
  context: CompileContext,
  compile: CompileNode,
): Evaluate {
  const builtin = findBuiltin('filter', step.name, context.filters, step.offset);
  if (step.name === 'map') context.mayHoldUndefined = true;
  return compileBuiltin(builtin, `filter '${step.name}'`, input, step.args, step.offset, context, compile);
}

export function compileTest(node: TestCall, context: CompileContext, compile: CompileNode): Evaluate {
  const builtin = findBuiltin('test', node.name, context.tests, node.offset);
  const input = compile(node.input, context);
  const run = compileBuiltin(builtin, `test '${node.name}'`, input, node.args, node.offset, context, compile);
  return node.isNegated ? (runtime) => run(runtime) !== true : run;
}

export function compileCall(node: Call, context: CompileContext, compile: CompileNode): Evaluate {
  return compileCallWith(node, () => [], context, compile);
}

/** A call with further named arguments, made anew each time: `{% call %}`. */
export function compileCallWith(
  node: Call,
  more: (runtime: Runtime) => readonly (readonly [string, unknown])[],
  context: CompileContext,
  compile: CompileNode,
): Evaluate {
  const { offset } = node;
  noteLookup(node, context);
  const callee = compile(node.callee, context);
  const positional = compileAll(node.args.positional, context, compile);
  const named = node.args.named.map(([name, value]) => [name, compile(value, context)] as const);
  const spread = compileSpread(node.args, context, compile);
  return (runtime) => {
    const target = callee(runtime);
    const args = positional.map((arg) => arg(runtime));
    const keywords = new Map(named.map(([name, value]) => [name, value(runtime)]));
    const extra = spread(runtime);
    runtime.offset = offset;
    for (const [name, value] of [...extra.named, ...more(runtime)]) {
      if (keywords.has(name)) fail(`The call got its argument '${name}' twice`);
      keywords.set(name, value);
    }
    return callValue(runtime, target, [...args, ...extra.positional], keywords);
  };
}

/** Calls a function, a method, a macro, or a recursive loop. */
export function callValue(
  runtime: Runtime,
  target: unknown,
  args: readonly unknown[],
  keywords: ReadonlyMap<string, unknown>,
): unknown {
  if (!isCallable(target)) return failCall(target);
  return target.call(runtime, args, keywords);
}

function compileBuiltin(
  builtin: Builtin,
  label: string,
  input: Evaluate,
  args: Arguments,
  offset: number,
  context: CompileContext,
  compile: CompileNode,
): Evaluate {
  const positional = [input, ...compileAll(args.positional, context, compile)];
  const named = args.named.map(([name, value]) => [name, compile(value, context)] as const);
  if (args.spread !== undefined || args.spreadNamed !== undefined) {
    const spread = compileSpread(args, context, compile);
    return (runtime) => {
      const values = positional.map((arg) => arg(runtime));
      const keywords = named.map(([name, value]) => [name, value(runtime)] as const);
      const extra = spread(runtime);
      runtime.offset = offset;
      const all = [...values, ...extra.positional];
      return invoke(runtime, builtin, bindArguments(builtin, label, all, [...keywords, ...extra.named]));
    };
  }
  return callBound(builtin, bindAtCompileTime(builtin, label, positional, named, offset), offset);
}

function callBound(builtin: Builtin, binding: Binding<Evaluate>, offset: number): Evaluate {
  const { slots, rest, keywords } = binding;
  const { isLenient } = builtin;
  return (runtime) => {
    const args: unknown[] = [];
    for (const slot of slots) {
      const value = slot === undefined ? undefined : slot(runtime);
      args.push(!isLenient && value instanceof Undefined ? value.settle() : value);
    }
    const evaluate = (code: Evaluate): unknown => (isLenient ? code(runtime) : requireDefined(code(runtime)));
    if (builtin.isVariadic) args.push(rest.map(evaluate));
    if (builtin.takesKeywords) args.push(recordOf(keywords.map(([name, code]) => [name, evaluate(code)])));
    runtime.offset = offset;
    return callRun(runtime, builtin, args);
  };
}

function bindAtCompileTime(
  builtin: Builtin,
  label: string,
  positional: readonly Evaluate[],
  named: readonly (readonly [string, Evaluate])[],
  offset: number,
): Binding<Evaluate> {
  try {
    return bindArguments(builtin, label, positional, named);
  } catch (error) {
    if (error instanceof EvaluationFailure) failSyntax(error.message, offset, error.hint);
    throw error;
  }
}

function compileAll(nodes: readonly Expression[], context: CompileContext, compile: CompileNode): Evaluate[] {
  return nodes.map((node) => compile(node, context));
}

interface SpreadValues {
  readonly positional: readonly unknown[];
  readonly named: readonly (readonly [string, unknown])[];
}

const NOTHING: SpreadValues = { positional: [], named: [] };

// `*list` and `**dict` of a call.
function compileSpread(
  args: Arguments,
  context: CompileContext,
  compile: CompileNode,
): (runtime: Runtime) => SpreadValues {
  if (args.spread === undefined && args.spreadNamed === undefined) return () => NOTHING;
  const list = args.spread === undefined ? undefined : compile(args.spread, context);
  const dict = args.spreadNamed === undefined ? undefined : compile(args.spreadNamed, context);
  return (runtime) => {
    const positional = list === undefined ? [] : iterate(list(runtime));
    const keywords = requireDefined(dict?.(runtime) ?? {});
    if (!isDict(keywords)) fail(`Expected a dict after '**', got ${article(typeName(keywords))}`);
    return { positional, named: dictEntries(keywords).map(([name, value]) => [String(name), value] as const) };
  };
}

function findBuiltin(
  kind: 'filter' | 'test',
  name: string,
  table: ReadonlyMap<string, Builtin>,
  offset: number,
): Builtin {
  const found = table.get(name) ?? table.get(name.replace(/^ansible\.(builtin|legacy)\./, ''));
  if (found !== undefined) return found;
  const { message, hint } = whyUnknown(kind, name, table.keys());
  failSyntax(message, offset, hint);
}

// A lookup with a literal name can be checked before the template runs.
function noteLookup(node: Call, context: CompileContext): void {
  const [first] = node.args.positional;
  if (node.callee.kind !== 'name' || !['lookup', 'query', 'q'].includes(node.callee.name)) return;
  if (context.assigned?.has(node.callee.name) === true || first?.kind !== 'constant') return;
  context.lookups.push({ name: lookupName(first.value), offset: first.offset });
}

function failCall(target: unknown): never {
  requireDefined(target);
  fail(`Expected a function to call, got ${article(typeName(target))}`);
}
