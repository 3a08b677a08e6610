/** YAML text as PyYAML (YAML 1.1) reads it. */
import { parse } from 'yaml';
import { resolvePlainScalar } from '../util/yaml-scalar.ts';
import { dictEntries, isDict, makeDict } from './values/dict.ts';
import { toFloat } from './values/numbers.ts';

/**
 * Reads one YAML document; dates stay texts, `1.0` stays a float.
 *
 * @throws an error of the `yaml` package when it is no YAML
 */
export function fromYamlText(text: string): unknown {
  const parsed: unknown = parse(text, {
    schema: 'failsafe',
    merge: true,
    mapAsMap: true,
    customTags: (tags) => [
      ...tags,
      {
        tag: 'tag:yaml.org,2002:value',
        default: true,
        test: /^/,
        resolve: (plain: string) => resolvePlainScalar(plain, toFloat),
      },
    ],
  });
  return orderDicts(parsed);
}

function orderDicts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderDicts);
  if (isDict(value)) return makeDict(dictEntries(value).map(([key, item]) => [key, orderDicts(item)]));
  return value ?? null;
}
