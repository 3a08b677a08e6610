/** Ready-made scopes. */
import type { Scope } from './types.ts';

/** A scope over a record of plain values; only its own keys are names. */
export function scopeOf(record: Readonly<Record<string, unknown>>): Scope {
  return {
    get: (name) => (Object.hasOwn(record, name) ? record[name] : undefined),
    has: (name) => Object.hasOwn(record, name) && record[name] !== undefined,
    names: () => Object.keys(record),
  };
}

/** The names of `first`, then those of `rest` that it does not hide. */
export function chainScope(first: Scope, rest: Scope): Scope {
  return {
    get: (name) => {
      const value = first.get(name);
      return value === undefined ? rest.get(name) : value;
    },
    has: (name) => first.has(name) || rest.has(name),
    names: () => new Set([...first.names(), ...rest.names()]),
  };
}
