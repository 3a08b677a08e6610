/** `loop`, `with_list`, `with_items` and their `loop_control`. */

import type { Fields } from './fields.ts';
import type { Loop, Raw } from './types.ts';
import type { YamlMap } from './yaml-node.ts';

const KINDS = { loop: 'loop', with_list: 'loop', with_items: 'items' } as const;

/** The loop of a task; undefined when it has none. Two of them, or unknown words in `loop_control`, are noted. */
export function readLoop(fields: Fields): Loop | undefined {
  const { findings, map } = fields;
  const control = readControl(fields);
  const written = Object.entries(KINDS).filter(([keyword]) => map.entries.has(keyword));
  const [first, second] = written;
  if (first === undefined) return undefined;
  if (second !== undefined) {
    const offset = map.entries.get(second[0])?.key.offset ?? map.offset;
    findings.add(
      'PLAYBOOK_INVALID',
      offset,
      `task has two loops: '${first[0]}' and '${second[0]}'`,
      'keep one of them',
    );
    return undefined;
  }
  const items = fields.raw(first[0]);
  return items && { kind: first[1], items, ...control };
}

type Control = Omit<Loop, 'kind' | 'items'>;

function readControl(fields: Fields): Control {
  const node = fields.node('loop_control');
  if (node?.kind !== 'map') return { loopVar: 'item' };
  addUnknownWords(fields, node);
  const raw = (name: string): Raw | undefined => {
    const value = node.entries.get(name)?.value;
    return value && fields.rawOf(value);
  };
  const name = (word: string) => raw(word)?.value as string | undefined;
  return {
    loopVar: name('loop_var') ?? 'item',
    indexVar: name('index_var'),
    label: raw('label'),
    pauseSeconds: raw('pause'),
  };
}

function addUnknownWords({ findings }: Fields, node: YamlMap): void {
  const known = ['loop_var', 'index_var', 'label', 'pause'];
  const ansibles = ['extended', 'extended_allitems', 'break_when'];
  for (const { key } of node.entries.values()) {
    const name = String(key.value);
    if (known.includes(name)) continue;
    const message = ansibles.includes(name)
      ? `'${name}' of Ansible's loop_control is not supported yet`
      : `unknown keyword '${name}' in loop_control`;
    findings.add('UNKNOWN_KEYWORD', key.offset, message, `it has ${known.join(', ')}`);
  }
}
