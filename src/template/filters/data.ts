/** Filters between values and JSON or YAML text. */

import { errorMessage } from '../../errors.ts';
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { fromJsonText, type JsonOptions, toJsonText } from '../python-json.ts';
import { fromYamlText, fromYamlTexts } from '../python-yaml.ts';
import { wholeNumber } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';
import { toYamlText, type YamlOptions } from '../yaml-writer.ts';

type Options = Record<string, unknown>;

export const DATA_FILTERS: readonly (readonly [string, Builtin])[] = [
  [
    'to_json',
    pure('value **options', (value: unknown, options: Options) =>
      toJsonText(value, jsonOptions('to_json', options, {})),
    ),
  ],
  [
    'to_nice_json',
    pure(
      'value indent? sort_keys? **options',
      (value: unknown, indent: unknown = 4, sort: unknown = true, options: Options) =>
        toJsonText(value, jsonOptions('to_nice_json', options, { indent: indentOf(indent), sortKeys: truthy(sort) })),
    ),
  ],
  [
    'tojson',
    pure('value indent?', (value: unknown, indent: unknown = null) => {
      const width = indent === null ? undefined : indentOf(indent);
      const text = toJsonText(value, { indent: width, sortKeys: true });
      return text.replace(/[<>&']/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
    }),
  ],
  ['from_json', pure('value **options', (value: unknown) => parse('from_json', value, fromJsonText))],
  [
    'to_yaml',
    pure('value indent? **options', (value: unknown, indent: unknown, options: Options) =>
      toYamlText(value, yamlOptions('to_yaml', indent, options, 2, 'leaves')),
    ),
  ],
  [
    'to_nice_yaml',
    pure('value indent? **options', (value: unknown, indent: unknown, options: Options) =>
      toYamlText(value, yamlOptions('to_nice_yaml', indent, options, 4, 'never')),
    ),
  ],
  [
    'from_yaml',
    pure('value', (value: unknown) => (typeof value === 'string' ? parse('from_yaml', value, fromYamlText) : value)),
  ],
  [
    'from_yaml_all',
    pure('value', (value: unknown) =>
      typeof value === 'string' ? parse('from_yaml_all', value, fromYamlTexts) : value,
    ),
  ],
];

/** Most spaces that one level may take. */
const MAX_INDENT = 1_000;

// Python takes less than none for none.
function indentOf(value: unknown): number {
  const indent = wholeNumber(value, 'indent');
  return indent > MAX_INDENT ? fail(`Expected indent to be at most ${MAX_INDENT}, got ${indent}`) : Math.max(0, indent);
}

function jsonOptions(filter: string, options: Options, start: JsonOptions): JsonOptions {
  const {
    indent,
    sort_keys: sort,
    ensure_ascii: ascii,
    separators,
    default: _,
    preprocess_unsafe,
    vault_to_text,
    ...unknown
  } = options;
  for (const name of Object.keys(unknown)) fail(`The filter '${filter}' has no argument '${name}'`);
  const [item, key] = Array.isArray(separators) ? separators.map(toText) : [];
  return {
    indent: indent === undefined || indent === null ? start.indent : indentOf(indent),
    sortKeys: sort === undefined ? start.sortKeys : truthy(sort),
    keepsUnicode: ascii !== undefined && !truthy(ascii),
    itemSeparator: item,
    keySeparator: key,
  };
}

function yamlOptions(
  filter: string,
  indent: unknown,
  options: Options,
  width: number,
  flow: 'leaves' | 'never',
): YamlOptions {
  const {
    sort_keys: sort = true,
    width: lineWidth = 80,
    default_flow_style: style,
    allow_unicode: _,
    ...unknown
  } = options;
  for (const name of Object.keys(unknown)) fail(`The filter '${filter}' has no argument '${name}'`);
  return {
    indent: indent === undefined || indent === null ? width : wholeNumber(indent, 'indent'),
    sortKeys: truthy(sort),
    lineWidth: wholeNumber(lineWidth, 'width'),
    flow: style === undefined || style === null ? flow : truthy(style) ? ('always' as const) : ('never' as const),
  };
}

function parse(filter: string, value: unknown, read: (text: string) => unknown): unknown {
  try {
    return read(toText(value));
  } catch (error) {
    return fail(`The filter '${filter}' cannot read its text: ${errorMessage(error).split('\n')[0]}`);
  }
}
