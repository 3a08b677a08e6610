/** `vars_prompt`: what a person is asked before a play begins. */

import { didYouMean } from '../util/did-you-mean.ts';
import { readFlag } from './expressions.ts';
import type { Fields } from './fields.ts';
import type { VarsPrompt } from './types.ts';
import type { YamlMap } from './yaml-node.ts';

const WORDS = ['name', 'prompt', 'default', 'private', 'confirm', 'encrypt', 'salt', 'salt_size', 'unsafe'];

/** The questions of a play, in order; what is wrong in them is noted. */
export function readVarsPrompt(fields: Fields): VarsPrompt[] {
  const node = fields.node('vars_prompt');
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((item) => (item.kind === 'map' ? readOne(item, fields) : []));
}

function readOne(map: YamlMap, fields: Fields): VarsPrompt {
  const { findings } = fields;
  for (const { key } of map.entries.values()) {
    const word = String(key.value);
    if (WORDS.includes(word)) continue;
    const hint = didYouMean(word, WORDS) ?? `it has ${WORDS.join(', ')}`;
    findings.add('UNKNOWN_KEYWORD', key.offset, `unknown keyword '${word}' in vars_prompt`, hint);
  }
  const value = (word: string) => map.entries.get(word)?.value;
  const raw = (word: string) => {
    const node = value(word);
    return node === undefined || (node.kind === 'scalar' && node.value === null) ? undefined : fields.rawOf(node);
  };
  const flag = (word: string) => {
    const node = value(word);
    return node && readFlag(node, findings);
  };
  return {
    name: String(raw('name')?.value),
    prompt: raw('prompt'),
    default: raw('default'),
    private: flag('private'),
    confirm: flag('confirm'),
    encrypt: raw('encrypt'),
    salt: raw('salt'),
    saltSize: raw('salt_size'),
    unsafe: flag('unsafe'),
    source: findings.source.position(map.offset),
  };
}
