/** YAML as Ansible reads it: how a text is parsed, and what a scalar with its tag means. */
import { type Document, parseDocument } from 'yaml';
import { isVaultText } from './vault-format.ts';
import { vaultedValue } from './vaulted-value.ts';
import { resolvePlainScalar } from './yaml-scalar.ts';

/** A text as a tree of nodes with their places. What is wrong is in its `errors`, see {@link syntaxFindings}. */
export function parseYaml(text: string): Document.Parsed {
  return parseDocument(text, {
    // Every scalar comes as text: the meaning of plain ones is resolvePlainScalar's affair.
    schema: 'failsafe',
    version: '1.1',
    // The readers look for keys that are there twice themselves, which is linear.
    uniqueKeys: false,
    // As PyYAML, which lets a comment touch what stands before it.
    strict: false,
    prettyErrors: false,
    merge: false,
    // 'silent' would also pass over a second document.
    logLevel: 'error',
  });
}

/** What is wrong with a tag, or with what it stands before. */
export interface TagProblem {
  readonly problem: string;
  readonly hint?: string;
  readonly at: 'tag' | 'value';
}

const STANDARD_TAG = 'tag:yaml.org,2002:';
const KNOWN_TAGS: ReadonlySet<string | undefined> = new Set([
  undefined,
  '!',
  '!unsafe',
  ...['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `${STANDARD_TAG}${name}`),
]);

/**
 * What a scalar means: plain text what YAML 1.1 says, quoted text itself; a tag decides before both.
 *
 * @param makeFloat - builds the value of a float that is a whole number
 */
export function readScalar(
  tag: string | undefined,
  text: string,
  isPlain: boolean,
  makeFloat: (value: number) => unknown,
): { readonly value: unknown } | TagProblem {
  switch (tag) {
    case undefined:
    case '!unsafe':
      return { value: isPlain ? resolvePlainScalar(text, makeFloat) : text };
    case `${STANDARD_TAG}int`:
    case `${STANDARD_TAG}bool`:
    case `${STANDARD_TAG}null`:
      return { value: resolvePlainScalar(text, makeFloat) };
    case `${STANDARD_TAG}float`: {
      const value = resolvePlainScalar(text, makeFloat);
      return { value: typeof value === 'number' && Number.isInteger(value) ? makeFloat(value) : value };
    }
    case '!vault':
    case '!vault-encrypted':
      if (isVaultText(text.trimStart())) return { value: vaultedValue(text) };
      return { problem: "expected a text that begins with '$ANSIBLE_VAULT;' after '!vault'", at: 'value' };
    default:
      return tagProblem(tag) ?? { value: text };
  }
}

/** What is wrong with the tag of a list or a map; undefined: nothing. */
export function tagProblem(tag: string | undefined): TagProblem | undefined {
  if (KNOWN_TAGS.has(tag)) return undefined;
  return {
    problem: `unknown tag '${tag?.replace(STANDARD_TAG, '!!')}'`,
    at: 'tag',
    hint: "known are '!unsafe', '!vault' and !!str, !!int, !!float, !!bool, !!null",
  };
}

/** Where the tag of a node stands, which is before it. */
export function tagOffset(text: string, nodeOffset: number): number {
  return Math.max(text.lastIndexOf('!', nodeOffset), 0);
}
