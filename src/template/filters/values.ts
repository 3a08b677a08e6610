/** Filters of any value: defaults, choices, kinds. */
import { type Builtin, pure } from '../builtin.ts';
import { EvaluationFailure } from '../failure.ts';
import { ansibleBool } from '../values/ansible-bool.ts';
import { readItem } from '../values/attributes.ts';
import { typeName } from '../values/kinds.ts';
import { iterate } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';
import { orUndefined, requireDefined, Undefined } from '../values/undefined.ts';

const DEFAULT = pure('value default_value? boolean?', useDefault, { lenient: true });

export const VALUE_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['default', DEFAULT],
  ['d', DEFAULT],
  [
    'mandatory',
    pure(
      'value msg?',
      (value: unknown, message?: unknown) => {
        if (!(value instanceof Undefined)) return value;
        if (message === undefined || message === null) return value.settle();
        throw new EvaluationFailure('TEMPLATE_UNDEFINED', toText(message));
      },
      { lenient: true },
    ),
  ],
  ['ternary', pure('value true_val false_val none_val?', ternary, { lenient: true })],
  ['bool', pure('value', ansibleBool)],
  ['string', pure('value', toText)],
  ['safe', pure('value', toText)],
  [
    'attr',
    pure('value name', (value: unknown, name: unknown) =>
      orUndefined(readItem(value, name), () => `There is no attribute '${toText(name)}'`),
    ),
  ],
  ['extract', pure('key container morekeys?', extract)],
  ['type_debug', pure('value', typeName, { lenient: true })],
];

function useDefault(value: unknown, fallback: unknown = '', isForFalse: unknown = false): unknown {
  if (value instanceof Undefined) return fallback;
  return isForFalse !== false && truthy(isForFalse) && !truthy(value) ? fallback : value;
}

function ternary(value: unknown, whenTrue: unknown, whenFalse: unknown, whenNone?: unknown): unknown {
  if (requireDefined(value) === null && whenNone !== undefined && whenNone !== null) return whenNone;
  return truthy(value) ? whenTrue : whenFalse;
}

function extract(key: unknown, container: unknown, more?: unknown): unknown {
  const first = orUndefined(readItem(container, key), () => `The container has no item ${toText(key)}`);
  if (more === undefined || more === null) return first;
  const path = Array.isArray(more) ? iterate(more) : [more];
  return path.reduce(
    (value: unknown, step) =>
      value instanceof Undefined ? value : orUndefined(readItem(value, step), () => `There is no item ${toText(step)}`),
    first,
  );
}
