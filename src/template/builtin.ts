/**
 * Filters, tests, methods and global functions are declared alike: a signature in words and a function. Arguments are
 * bound by position and name where the call is compiled, so that a wrong one is found before anything runs.
 */
import { didYouMean } from '../util/did-you-mean.ts';
import { EvaluationFailure } from './failure.ts';
import type { Runtime } from './runtime.ts';
import { requireDefined } from './values/undefined.ts';

type Run = (...args: never[]) => unknown;

export interface Builtin {
  /** Names of the parameters in order; of a filter, test or method the first is the value itself. */
  readonly params: readonly string[];
  /** How many of them must be given. */
  readonly required: number;
  /** Takes further positional arguments, passed as one array after the parameters. */
  readonly isVariadic: boolean;
  /** Takes unknown named arguments, passed as one record at the end. */
  readonly takesKeywords: boolean;
  /** Accepts undefined values; otherwise any undefined argument is an error before `run`. */
  readonly isLenient: boolean;
  /** The runtime comes first. */
  readonly needsRuntime: boolean;
  readonly run: Run;
}

interface Options {
  readonly lenient?: boolean;
}

/**
 * A function of its arguments alone.
 *
 * @param signature - parameter names by spaces; `name?` may be left out, `*rest` takes further positional arguments as
 *   an array, `**options` takes unknown named ones as a record
 */
export function pure(signature: string, run: Run, options: Options = {}): Builtin {
  return define(signature, run, options, false);
}

/** Like {@link pure}, with the {@link Runtime} as the first argument. */
export function contextual(signature: string, run: Run, options: Options = {}): Builtin {
  return define(signature, run, options, true);
}

/** Arguments of a call in the order of the parameters; `T` is a value, or code that gives one. */
export interface Binding<T> {
  readonly slots: readonly (T | undefined)[];
  readonly rest: readonly T[];
  readonly keywords: readonly (readonly [string, T])[];
}

/**
 * Binds the arguments of a call to the parameters.
 *
 * @param label - for messages: `filter 'join'`
 * @throws EvaluationFailure TEMPLATE_ERROR naming the argument that is missing, unknown or too many
 */
export function bindArguments<T>(
  builtin: Builtin,
  label: string,
  positional: readonly T[],
  named: Iterable<readonly [string, T]>,
): Binding<T> {
  const { params } = builtin;
  const slots: (T | undefined)[] = positional.slice(0, params.length);
  const rest = positional.slice(params.length);
  if (rest.length > 0 && !builtin.isVariadic) {
    reject(`The ${label} takes at most ${count(params.length)}, got ${positional.length}`);
  }
  while (slots.length < params.length) slots.push(undefined);
  const keywords: (readonly [string, T])[] = [];
  for (const [name, value] of named) {
    const index = params.indexOf(name);
    if (index >= 0 && slots[index] !== undefined) reject(`The ${label} got its argument '${name}' twice`);
    if (index >= 0) slots[index] = value;
    else if (builtin.takesKeywords) keywords.push([name, value]);
    else reject(`The ${label} has no argument '${name}'`, didYouMean(name, params) ?? known(params));
  }
  for (let i = 0; i < builtin.required; i++) {
    if (slots[i] === undefined) reject(`The ${label} needs its argument '${params[i]}'`);
  }
  return { slots, rest, keywords };
}

/** Calls with bound values. */
export function invoke(runtime: Runtime, builtin: Builtin, binding: Binding<unknown>): unknown {
  const args: unknown[] = [...binding.slots];
  if (builtin.isVariadic) args.push(binding.rest);
  if (builtin.takesKeywords) args.push(recordOf(binding.keywords));
  if (!builtin.isLenient) {
    for (const arg of binding.rest) requireDefined(arg);
    for (const [, arg] of binding.keywords) requireDefined(arg);
  }
  return callRun(runtime, builtin, builtin.isLenient ? args : args.map(requireDefined));
}

/** Calls `run` with checked arguments in their final order. */
export function callRun(runtime: Runtime, builtin: Builtin, args: readonly unknown[]): unknown {
  const run = builtin.run as (...args: unknown[]) => unknown;
  return builtin.needsRuntime ? run(runtime, ...args) : run(...args);
}

/** Binds and calls in one step, for calls that are known only while they run. */
export function callBuiltin(
  runtime: Runtime,
  builtin: Builtin,
  label: string,
  positional: readonly unknown[],
  named: Iterable<readonly [string, unknown]> = [],
): unknown {
  return invoke(runtime, builtin, bindArguments(builtin, label, positional, named));
}

/** A record without a prototype. */
export function recordOf(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const record: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries) record[name] = value;
  return record;
}

function define(signature: string, run: Run, options: Options, needsRuntime: boolean): Builtin {
  const words = signature.split(' ').filter((word) => word !== '');
  const params = words.filter((word) => !word.startsWith('*'));
  return {
    params: params.map((word) => word.replace('?', '')),
    required: params.filter((word) => !word.endsWith('?')).length,
    isVariadic: words.some((word) => /^\*[^*]/.test(word)),
    takesKeywords: words.some((word) => word.startsWith('**')),
    isLenient: options.lenient === true,
    needsRuntime,
    run,
  };
}

function known(params: readonly string[]): string {
  return `its arguments are ${params.slice(1).join(', ') || 'none'}`;
}

function count(n: number): string {
  return n === 1 ? '1 value' : `${n} values`;
}

function reject(message: string, hint?: string): never {
  throw new EvaluationFailure('TEMPLATE_ERROR', message, { hint });
}
