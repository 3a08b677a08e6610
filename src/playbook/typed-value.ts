/** Converts an argument, and what is in it, to the types of its schema. */

import { didYouMean } from '../util/did-you-mean.ts';
import { type Coerced, coerce, expectedTypes } from './coerce.ts';
import { describeValue, setOwn } from './yaml-node.ts';

/** What of a JSON Schema matters here. */
export interface ValueSchema {
  readonly type?: unknown;
  readonly items?: unknown;
  readonly properties?: unknown;
  readonly additionalProperties?: unknown;
  readonly secret?: unknown;
  readonly [keyword: string]: unknown;
}

/** Takes note of what does not fit. */
export type Report = (message: string, hint?: string) => void;

/**
 * The value in its schema's type, lists and maps with all that is in them; undefined when it does not fit, which is
 * reported.
 *
 * @param subject - what the value is, for messages: "argument 'mode'"
 */
export function typedValue(subject: string, value: unknown, schema: ValueSchema, report: Report): Coerced {
  const types = typesOf(schema);
  const coerced = coerce(value, types);
  if (coerced === undefined) {
    const found = schema.secret === true ? 'another type' : describeValue(value);
    report(`expected ${subject} to be ${expectedTypes(types)}, found ${found}`);
    return undefined;
  }
  if (Array.isArray(coerced.value)) return typedItems(subject, coerced.value, schema, report);
  if (isRecord(coerced.value) && isRecord(schema.properties)) {
    return typedProperties(subject, coerced.value, schema, schema.properties, report);
  }
  return coerced;
}

/** The types that a schema names; none when it takes everything. */
export function typesOf(schema: ValueSchema): readonly string[] {
  if (typeof schema.type === 'string') return [schema.type];
  return Array.isArray(schema.type) ? schema.type : [];
}

function typedItems(subject: string, items: readonly unknown[], schema: ValueSchema, report: Report): Coerced {
  if (!isRecord(schema.items)) return { value: items };
  const itemSchema: ValueSchema = { secret: schema.secret, ...schema.items };
  const list: unknown[] = [];
  for (const item of items) {
    const typed = typedValue(`each item of ${subject}`, item, itemSchema, report);
    if (typed === undefined) return undefined;
    list.push(typed.value);
  }
  return { value: list };
}

function typedProperties(
  subject: string,
  value: Readonly<Record<string, unknown>>,
  schema: ValueSchema,
  properties: Readonly<Record<string, unknown>>,
  report: Report,
): Coerced {
  const result: Record<string, unknown> = {};
  let fits = true;
  for (const [name, inner] of Object.entries(value)) {
    const innerSchema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (isRecord(innerSchema)) {
      const typed = typedValue(`'${name}' of ${subject}`, inner, { secret: schema.secret, ...innerSchema }, report);
      if (typed === undefined) fits = false;
      else setOwn(result, name, typed.value);
    } else if (schema.additionalProperties === false) {
      const names = Object.keys(properties);
      report(`${subject} has no '${name}'`, didYouMean(name, names) ?? `it has ${names.join(', ')}`);
      fits = false;
    } else setOwn(result, name, inner);
  }
  return fits ? { value: result } : undefined;
}

/** Whether a value is a map, in JSON's sense. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}
