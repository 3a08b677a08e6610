/** The comment lines at the head of a playbook, which say how both programs run it. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAYBOOKS } from './places.ts';

export interface Directions {
  /** Where the hosts come from: `-i` of both programs. Default: the hosts a, b and c. */
  readonly inventory: string;
  /** Further options for both, words as a shell would cut them. */
  readonly args: readonly string[];
  /** Whether the order in which tasks end on one host may differ. */
  readonly isUnordered: boolean;
  /** Whether Ansible keeps the types of what templates give, as its later versions always do. */
  readonly isNative: boolean;
  /** Whether both get `-e scratch=FOLDER`. */
  readonly usesScratch: boolean;
  /** The id of the difference, of src/playbook/differences.ts, that it proves. */
  readonly difference?: string;
}

const KNOWN = new Set(['args', 'inventory', 'unordered', 'native', 'differs']);

/** @throws Error when a comment has the form of a direction that does not exist */
export async function directionsOf(playbook: string): Promise<Directions> {
  const text = await readFile(join(PLAYBOOKS, playbook), 'utf8');
  const found = new Map<string, string>();
  for (const [, name = '', value = ''] of (/^(?:#.*\n)*/.exec(text)?.[0] ?? '').matchAll(/^# ([a-z]+)(?:: (.*))?$/gm)) {
    if (!KNOWN.has(name)) throw new Error(`${playbook}: there is no direction '# ${name}'; see README.md`);
    found.set(name, value);
  }
  return {
    inventory: found.get('inventory') ?? 'a,b,c,',
    args: wordsOf(found.get('args') ?? ''),
    isUnordered: found.has('unordered'),
    isNative: found.has('native'),
    difference: found.get('differs'),
    usesScratch: text.includes('scratch'),
  };
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}
