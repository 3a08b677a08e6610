/** A module's arguments that are written as text, also on the command line of `fleetmend exec`. */

import { type Diagnostic, DiagnosticsError } from '../errors.ts';
import { isTemplate } from '../template/index.ts';
import { splitArgsText } from './args-text.ts';
import { includeEntry } from './includes.ts';
import { canonicalArgName, resolveAliases, validateArgs } from './module-args.ts';
import { findModule, unknownModule } from './modules.ts';
import type { CatalogEntry, ModuleCatalog } from './types.ts';
import { setOwn } from './yaml-node.ts';

/** A module call of `fleetmend exec`. */
export interface ModuleCall {
  /** Canonical short name. */
  readonly module: string;
  /** Under canonical names, not yet converted; each value may hold `{{ }}`. */
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Reads `-m MODULE -a ARGS`: free text, `key=value` words, a JSON object as text, or the arguments themselves.
 *
 * @throws {@link DiagnosticsError} UNKNOWN_MODULE, UNKNOWN_ARGUMENT, INVALID_ARGUMENT: all findings at once, without a place
 */
export function parseModuleArgs(
  catalog: ModuleCatalog,
  moduleName: string,
  args: string | Readonly<Record<string, unknown>>,
): ModuleCall {
  const entry = findModule(catalog, moduleName);
  if (entry === undefined) throw new DiagnosticsError([unknownModule(catalog, moduleName)]);
  if (includeEntry(entry.name) !== undefined) {
    const message = `'${entry.name}' has a meaning in playbooks only`;
    throw new DiagnosticsError([{ code: 'UNKNOWN_MODULE', message }]);
  }
  const read = typeof args === 'string' ? readArgsText(entry, args) : { args, problem: undefined };
  if (read.problem !== undefined) throw new DiagnosticsError([read.problem]);
  const named = resolveAliases(entry, read.args);
  const { problems } = validateArgs(entry, named, holdsTemplate);
  if (problems.length > 0) {
    throw new DiagnosticsError(problems.map(({ code, message, hint }) => ({ code, message, hint })));
  }
  return { module: entry.name, args: named };
}

/** Arguments written as text for one module, and what is wrong with the text. */
export interface ArgsFromText {
  readonly args: Readonly<Record<string, unknown>>;
  /** Offset in the text of each argument that is a `name=value` word. */
  readonly starts: ReadonlyMap<string, number>;
  readonly problem?: Diagnostic;
}

/** `src=a dest=b`, free text for the modules that take it, or a JSON object. */
export function readArgsText(entry: CatalogEntry, text: string): ArgsFromText {
  if (/^\s*\{\s*(?:"|\})/.test(text)) return readJson(text);
  const { freeForm } = entry;
  const args: Record<string, unknown> = {};
  const { pairs, rest, isUnbalanced } = splitArgsText(text, (name) => freeForm === undefined || isOption(entry, name));
  for (const [name, { value }] of pairs) setOwn(args, name, value);
  const starts = new Map([...pairs].map(([name, { start }]) => [name, start]));
  if (freeForm !== undefined) {
    if (rest !== '') args[freeForm] = rest;
    return { args, starts };
  }
  if (isUnbalanced) return { args, starts, problem: invalid("a quote or '{{' of the arguments is not closed") };
  if (rest === '') return { args, starts };
  return {
    args,
    starts,
    problem: invalid(`expected 'name=value' words as arguments of module '${entry.name}', found '${firstWord(rest)}'`),
  };
}

/** Whether a value, or anything in it, holds a template: what it will be cannot be judged before the run. */
export function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return isTemplate(value);
  if (Array.isArray(value)) return value.some(holdsTemplate);
  if (value instanceof Map) return [...value].some(([key, item]) => holdsTemplate(key) || holdsTemplate(item));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, item]) => isTemplate(key) || holdsTemplate(item));
}

// In free text only the module's simple options are taken out: `chdir=/tmp make CC=gcc` runs `make CC=gcc` in /tmp.
function isOption(entry: CatalogEntry, name: string): boolean {
  const canonical = canonicalArgName(entry, name);
  if (canonical === entry.freeForm || !Object.hasOwn(entry.args.properties, canonical)) return false;
  const type = entry.args.properties[canonical]?.type;
  return type !== 'array' && type !== 'object';
}

function readJson(text: string): ArgsFromText {
  try {
    return { args: JSON.parse(text) as Record<string, unknown>, starts: new Map() };
  } catch (error) {
    return {
      args: {},
      starts: new Map(),
      problem: invalid(`expected a JSON object of arguments: ${(error as Error).message}`),
    };
  }
}

function invalid(message: string): Diagnostic {
  return { code: 'INVALID_ARGUMENT', message };
}

function firstWord(text: string): string {
  return /^\S+/.exec(text)?.[0] ?? text;
}
