/** Names that are no variables of the template: the scope's, then the global functions. */
import { TemplateError } from '../errors.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import { GLOBALS } from './globals.ts';
import type { Runtime } from './runtime.ts';
import { Undefined } from './values/undefined.ts';

/** The variable, the global function, or an undefined value that knows the name. */
export function readName(runtime: Runtime, name: string, offset: number): unknown {
  let value: unknown;
  try {
    value = runtime.scope.get(name);
  } catch (error) {
    // The variable is there, but its own template needs something undefined. As in Ansible it fails only when it is
    // used, so that `default` and `is defined` work on it.
    if (error instanceof TemplateError && error.code === 'TEMPLATE_UNDEFINED') {
      return new Undefined(error.message, { cause: error });
    }
    throw error;
  }
  if (value !== undefined) return value;
  const { scope } = runtime;
  return (
    GLOBALS.get(name) ??
    new Undefined(`'${name}' is undefined`, { offset, hint: () => didYouMean(name, scope.names()) })
  );
}
