/** Checks a module's arguments against its schema; used at load for what is literal and by the engine for each host. */

import type { ErrorObject } from 'ajv';
import type { ErrorCode } from '../errors.ts';
import { closestWord, didYouMean } from '../util/did-you-mean.ts';
import { keywordOf } from './keywords.ts';
import { type JsonSchema, schemaErrors } from './schema-errors.ts';
import { typedValue, typesOf } from './typed-value.ts';
import type { CatalogEntry } from './types.ts';
import { describeValue, setOwn } from './yaml-node.ts';

/** One thing that is wrong with the arguments. */
export interface ArgProblem {
  readonly code: Extract<ErrorCode, 'UNKNOWN_ARGUMENT' | 'INVALID_ARGUMENT'>;
  /** The argument by the name it should have, or as it was given when it is unknown. */
  readonly argument: string;
  /** One sentence without full stop; holds no value of an argument that is secret. */
  readonly message: string;
  readonly hint?: string;
}

export interface CheckedArgs {
  /** Under canonical names, in their schema's types, defaults filled in. Use it only when there are no problems. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly problems: readonly ArgProblem[];
}

type Schema = CatalogEntry['args'];
type PropertySchema = Schema['properties'][string];

/**
 * Checks and converts arguments with Ansible's loose typing: aliases resolved, `"yes"`, `5` and `"a,b"` taken as the
 * boolean, text or list that is asked for, null taken as not given, defaults filled in.
 *
 * @param isDeferred - whether a value cannot be judged yet (it holds a template); it then passes as it is
 * @see https://docs.ansible.com/ansible/latest/dev_guide/developing_program_flow_modules.html#argument-spec
 */
export function validateArgs(
  entry: CatalogEntry,
  given: Readonly<Record<string, unknown>>,
  isDeferred: (value: unknown) => boolean = () => false,
): CheckedArgs {
  const problems: ArgProblem[] = [];
  const args: Record<string, unknown> = {};
  const judged: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(resolveAliases(entry, given))) {
    const schema = propertyOf(entry, name);
    if (schema === undefined) {
      if (entry.args.additionalProperties === true) setOwn(args, name, value);
      else problems.push(unknownArgument(entry, name));
    } else if (value === null && !typesOf(schema).includes('null')) {
      // Not given: Ansible takes null so, too.
    } else if (isDeferred(value)) setOwn(args, name, value);
    else {
      const typed = typedValue(`argument '${name}'`, value, schema, (message, hint) => {
        problems.push({ code: 'INVALID_ARGUMENT', argument: name, message, hint });
      });
      if (typed === undefined) continue;
      setOwn(args, name, typed.value);
      setOwn(judged, name, typed.value);
    }
  }
  const unknown = problems.filter((problem) => problem.code === 'UNKNOWN_ARGUMENT').map((problem) => problem.argument);
  problems.push(...missingArguments(entry, args, given, unknown));
  if (Object.keys(judged).length > 0) problems.push(...schemaProblems(entry, judged));
  for (const [name, schema] of Object.entries(entry.args.properties)) {
    if (schema.default !== undefined && !Object.hasOwn(args, name)) setOwn(args, name, schema.default);
  }
  return { args, problems };
}

/** The arguments under their canonical names; one that is given under its own name beats its aliases. */
export function resolveAliases(
  entry: CatalogEntry,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const canonical = canonicalArgName(entry, name);
    if (canonical === name || !Object.hasOwn(given, canonical)) setOwn(result, canonical, value);
  }
  return result;
}

/** The argument's own name for one of its aliases; the name itself when it is no alias. */
export function canonicalArgName(entry: CatalogEntry, name: string): string {
  return aliasesOf(entry).get(name) ?? name;
}

function unknownArgument(entry: CatalogEntry, name: string): ArgProblem {
  const known = Object.entries(entry.args.properties).flatMap(([own, schema]) => [own, ...(schema.aliases ?? [])]);
  const names = Object.keys(entry.args.properties);
  const message = `module '${entry.name}' has no argument '${name}'`;
  const hint =
    joinedHint(name, known) ??
    (keywordOf('task', name) === undefined
      ? undefined
      : `'${name}' is a keyword of a task: put it beside '${entry.name}:'`) ??
    didYouMean(name, known) ??
    (names.length === 0 ? 'it takes none' : `it has ${names.join(', ')}`);
  return { code: 'UNKNOWN_ARGUMENT', argument: name, message, hint };
}

// `{src=a}` in YAML is the key `src=a` without a value.
function joinedHint(name: string, known: readonly string[]): string | undefined {
  const [, argument = '', value = ''] = /^(\w+)=(.*)$/.exec(name) ?? [];
  return known.includes(argument) ? `write '${argument}: ${value}'` : undefined;
}

function missingArguments(
  entry: CatalogEntry,
  args: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
  unknown: readonly string[],
): ArgProblem[] {
  const isGiven = (name: string) => Object.hasOwn(args, name) || (given[name] !== null && Object.hasOwn(given, name));
  const missing = (entry.args.required ?? []).filter((name) => {
    const aliases = propertyOf(entry, name)?.aliases ?? [];
    // A misspelt one is reported as unknown, with this name as what was meant.
    const isMeant = (word: string) => word.startsWith(`${name}=`) || closestWord(word, [name]) !== undefined;
    return !isGiven(name) && !aliases.some(isGiven) && !unknown.some(isMeant);
  });
  return missing.map((name) => ({
    code: 'INVALID_ARGUMENT',
    argument: name,
    message: `module '${entry.name}' needs argument '${name}'`,
  }));
}

function schemaProblems(entry: CatalogEntry, args: Readonly<Record<string, unknown>>): ArgProblem[] {
  return schemaErrors(givenSchemaOf(entry.args), args).flatMap((error) => wordSchemaError(entry, args, error) ?? []);
}

function wordSchemaError(
  entry: CatalogEntry,
  args: Readonly<Record<string, unknown>>,
  error: ErrorObject,
): ArgProblem | undefined {
  const [argument, ...below] = error.instancePath.split('/').slice(1);
  // Whole-object rules and types are judged above, with aliases, templates and loose typing in mind.
  if (argument === undefined || error.keyword === 'required' || error.keyword === 'additionalProperties')
    return undefined;
  const schema = propertyOf(entry, argument);
  const value = below.reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined)?.[step],
    args[argument],
  );
  const found = schema?.secret === true ? 'another value' : describeValue(value);
  const subject = below.reduce(
    (inner, step) => `${/^\d+$/.test(step) ? 'an item' : `'${step}'`} of ${inner}`,
    `argument '${argument}'`,
  );
  if (error.keyword === 'enum') {
    const allowed = (error.params as { allowedValues: readonly unknown[] }).allowedValues
      .filter((one) => one !== null)
      .map(String);
    const message = `expected ${subject} to be ${orList(allowed)}, found ${found}`;
    return { code: 'INVALID_ARGUMENT', argument, message, hint: didYouMean(String(value), allowed) };
  }
  const message = `${subject} ${error.message ?? 'does not fit'}, found ${found}`;
  return { code: 'INVALID_ARGUMENT', argument, message };
}

const givenSchemas = new WeakMap<Schema, JsonSchema>();
const aliasTables = new WeakMap<Schema, ReadonlyMap<string, string>>();

// The schema for some of the arguments: what is missing or unknown is judged with aliases in mind.
function givenSchemaOf(schema: Schema): JsonSchema {
  let given = givenSchemas.get(schema);
  if (given === undefined) {
    given = { ...schema, required: [], additionalProperties: true };
    givenSchemas.set(schema, given);
  }
  return given;
}

function aliasesOf(entry: CatalogEntry): ReadonlyMap<string, string> {
  let table = aliasTables.get(entry.args);
  if (table === undefined) {
    const pairs = Object.entries(entry.args.properties).flatMap(([name, schema]) =>
      (schema.aliases ?? []).map((alias): [string, string] => [alias, name]),
    );
    if (entry.freeForm !== undefined) pairs.push(['_raw_params', entry.freeForm]);
    table = new Map(pairs);
    aliasTables.set(entry.args, table);
  }
  return table;
}

function propertyOf(entry: CatalogEntry, name: string): PropertySchema | undefined {
  return Object.hasOwn(entry.args.properties, name) ? entry.args.properties[name] : undefined;
}

function orList(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`);
  return quoted.length < 2 ? (quoted[0] ?? '') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
