/** Names that must be known before there is a host: of imported files and roles. */

import type { Position } from '../errors.ts';
import { TemplateError } from '../errors.ts';
import { evaluateDeep, isTemplate, PlacedTemplateError, toText } from '../template/index.ts';
import type { Scope } from '../template/types.ts';

/** Maps of variables as they are written, highest precedence first. */
export type StaticVars = readonly Readonly<Record<string, unknown>>[];

/**
 * The text of a name that may hold variables of the play and of the command line.
 *
 * @throws TemplateError TEMPLATE_UNDEFINED for a variable that only a host has
 */
export function staticText(text: string, vars: StaticVars, source: Position): string {
  if (!isTemplate(text)) return text;
  try {
    return toText(evaluateDeep(text, staticScope(vars, new Set()), source));
  } catch (error) {
    // Its message names the place once more.
    if (!(error instanceof PlacedTemplateError)) throw error;
    throw new TemplateError(error.code, error.diagnostic.message, { hint: error.hint, cause: error });
  }
}

function staticScope(vars: StaticVars, resolving: ReadonlySet<string>): Scope {
  const ownerOf = (name: string) => vars.find((each) => Object.hasOwn(each, name));
  return {
    has: (name) => ownerOf(name) !== undefined,
    names: () => vars.flatMap((each) => Object.keys(each)),
    get: (name) => {
      const owner = ownerOf(name);
      if (owner === undefined) return undefined;
      if (resolving.has(name)) throw new TemplateError('TEMPLATE_ERROR', `variable '${name}' refers to itself`);
      return evaluateDeep(owner[name], staticScope(vars, new Set([...resolving, name])));
    },
  };
}
