/** Checks values against JSON Schemas with ajv, which is loaded only for a value that may not fit. */

import { createRequire } from 'node:module';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { isRecord } from './typed-value.ts';

/** A JSON Schema, draft-07; what ajv does not know in it is ours and says nothing about a value. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What does not fit; empty when all does. */
export function schemaErrors(schema: JsonSchema, value: unknown): readonly ErrorObject[] {
  if (surelyFits(schema, value)) return [];
  const validate = validatorOf(schema);
  return validate(value) ? [] : (validate.errors ?? []);
}

/**
 * Whether a value is seen to fit without ajv: loading it and compiling a few schemas is a quarter of a short run. False says
 * nothing. Exported for testing.
 */
export function surelyFits(schema: JsonSchema, value: unknown): boolean {
  for (const keyword in schema) {
    const fits = CHECKS[keyword];
    if (fits === undefined ? !NOTES.has(keyword) : !fits(value, schema[keyword], schema)) return false;
  }
  return true;
}

const NOTES: ReadonlySet<string> = new Set(['description', 'default', 'aliases', 'secret']);

type Check = (value: unknown, wanted: unknown, schema: JsonSchema) => boolean;

const CHECKS: Readonly<Record<string, Check>> = {
  type: (value, wanted) => [wanted].flat().some((type) => isOfType(value, type)),
  enum: (value, wanted) => (wanted as unknown[]).includes(value),
  anyOf: (value, wanted) => (wanted as JsonSchema[]).some((each) => surelyFits(each, value)),
  minimum: (value, wanted) => typeof value !== 'number' || value >= (wanted as number),
  minLength: (value, wanted) => typeof value !== 'string' || [...value].length >= (wanted as number),
  minItems: (value, wanted) => !Array.isArray(value) || value.length >= (wanted as number),
  pattern: (value, wanted) => typeof value !== 'string' || new RegExp(wanted as string, 'u').test(value),
  items: (value, wanted) =>
    !Array.isArray(value) || (isRecord(wanted) && value.every((item) => surelyFits(wanted, item))),
  properties: (value, wanted) => {
    if (!isRecord(value)) return true;
    const schemas = Object.entries(wanted as Record<string, JsonSchema>);
    return schemas.every(([name, schema]) => value[name] === undefined || surelyFits(schema, value[name]));
  },
  required: (value, wanted) => !isRecord(value) || (wanted as string[]).every((name) => value[name] !== undefined),
  additionalProperties: (value, wanted, { properties = {} }) =>
    wanted === true ||
    !isRecord(value) ||
    (isRecord(wanted) &&
      Object.keys(value).every((name) => Object.hasOwn(properties as object, name) || surelyFits(wanted, value[name]))),
};

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'number':
      return Number.isFinite(value);
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'null':
      return value === null;
    default:
      return false;
  }
}

const validators = new WeakMap<JsonSchema, ValidateFunction>();
let ajv: Ajv | undefined;

function validatorOf(schema: JsonSchema): ValidateFunction {
  let validate = validators.get(schema);
  if (validate === undefined) {
    ajv ??= createAjv();
    validate = ajv.compile(schema);
    validators.set(schema, validate);
  }
  return validate;
}

function createAjv(): Ajv {
  const library = createRequire(import.meta.url)('ajv') as { readonly Ajv: typeof Ajv };
  // `aliases`, `secret` and the like are ours: not strict.
  return new library.Ajv({ allErrors: true, strict: false, meta: false, validateSchema: false });
}
