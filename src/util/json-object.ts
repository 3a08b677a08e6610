/** Reading of JSON that another program made: what is missing or of another type is undefined, never an error in the middle. */

export type Json = Readonly<Record<string, unknown>>;

/** The member of an object that is an object; an empty one when it is missing or something else. */
export function objectAt(value: unknown, ...path: readonly string[]): Json {
  let at = value;
  for (const key of path) at = isObject(at) ? at[key] : undefined;
  return isObject(at) ? at : {};
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const found = isObject(value) ? value[key] : undefined;
  return Array.isArray(found) ? found : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
