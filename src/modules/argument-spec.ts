/** Values against an argument specification of a role: types, choices, what is required, and what is inside maps. */

import { typedValue, type ValueSchema } from '../playbook/index.ts';
import { didYouMean } from '../util/did-you-mean.ts';

type Spec = Readonly<Record<string, unknown>>;

/**
 * All that is wrong with some values, one sentence each; empty when nothing is.
 *
 * @param spec - options by name: `type`, `required`, `choices`, `elements`, `options`, `aliases` …
 */
export function checkArgumentSpec(spec: Spec, values: Spec, within = ''): string[] {
  const errors: string[] = [];
  const known = new Map<string, Spec>();
  for (const [name, option] of Object.entries(spec)) {
    const own = isRecord(option) ? option : {};
    known.set(name, own);
    for (const alias of Array.isArray(own.aliases) ? own.aliases : []) known.set(String(alias), own);
  }
  const unknown = Object.keys(values).filter((name) => !known.has(name));
  for (const name of unknown) {
    const hint = didYouMean(name, known.keys());
    errors.push(`unknown option '${name}'${within}${hint === undefined ? '' : `; ${hint}`}`);
  }
  for (const [name, option] of Object.entries(spec)) {
    const own = isRecord(option) ? option : {};
    const names = [name, ...(Array.isArray(own.aliases) ? own.aliases.map(String) : [])];
    const given = names.find((each) => values[each] !== undefined && values[each] !== null);
    if (given !== undefined) errors.push(...checkValue(given, own, values[given], within));
    else if (own.required === true) errors.push(`missing required option '${name}'${within}`);
    else if (own.default !== undefined && isRecord(own.options))
      errors.push(...checkValue(name, own, own.default, within));
  }
  return errors;
}

function checkValue(name: string, option: Spec, value: unknown, within: string): string[] {
  const errors: string[] = [];
  const subject = `option '${name}'${within}`;
  const typed = typedValue(subject, value, schemaOf(option), (message) => errors.push(message));
  if (typed === undefined) return errors;
  const values = Array.isArray(typed.value) ? typed.value : [typed.value];
  if (Array.isArray(option.choices)) {
    const choices = option.choices.map(String);
    for (const each of values.filter((one) => !choices.includes(String(one)))) {
      errors.push(
        `expected ${subject} to be one of ${choices.join(', ')}, found ${option.no_log === true ? 'another value' : `'${String(each)}'`}`,
      );
    }
  }
  if (isRecord(option.options)) {
    for (const each of values) {
      if (isRecord(each)) errors.push(...checkArgumentSpec(option.options, each, ` in '${name}'${within}`));
    }
  }
  return errors;
}

const TYPES: Readonly<Record<string, string>> = {
  str: 'string',
  path: 'string',
  bool: 'boolean',
  int: 'integer',
  float: 'number',
  list: 'array',
  dict: 'object',
  bytes: 'string',
  bits: 'string',
};

// Types without a word here (`raw`, `json`, `jsonarg`) take every value.
function schemaOf({ type = 'str', elements, no_log: secret }: Spec): ValueSchema {
  const word = TYPES[String(type)];
  const item = TYPES[String(elements)];
  return {
    secret,
    ...(word === undefined ? {} : { type: word }),
    ...(item === undefined ? {} : { items: { type: item } }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}
