/** YAML text as PyYAML (YAML 1.1) reads it. */
import {
  type DocumentOptions,
  type ParseOptions,
  parse,
  parseAllDocuments,
  type SchemaOptions,
  type ToJSOptions,
} from 'yaml';
import { resolvePlainScalar } from '../util/yaml-scalar.ts';
import { dictEntries, isDict, makeDict } from './values/dict.ts';
import { toFloat } from './values/numbers.ts';

type Options = ParseOptions & DocumentOptions & SchemaOptions & ToJSOptions;

const OPTIONS: Options = {
  schema: 'failsafe',
  merge: true,
  customTags: (tags) => [
    ...tags,
    {
      tag: 'tag:yaml.org,2002:value',
      default: true,
      test: /^/,
      resolve: (plain: string) => resolvePlainScalar(plain, toFloat),
    },
  ],
};

/**
 * Reads one YAML document; dates stay texts, `1.0` stays a float.
 *
 * @throws an error of the `yaml` package when it is no YAML
 */
export function fromYamlText(text: string): unknown {
  return orderDicts(parse(text, { ...OPTIONS, mapAsMap: true }));
}

/** Like {@link fromYamlText}, for a text of several documents. */
export function fromYamlTexts(text: string): unknown[] {
  const documents = parseAllDocuments(text, OPTIONS);
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return orderDicts(document.toJS({ mapAsMap: true }));
  });
}

function orderDicts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderDicts);
  if (isDict(value)) return makeDict(dictEntries(value).map(([key, item]) => [key, orderDicts(item)]));
  return value ?? null;
}
