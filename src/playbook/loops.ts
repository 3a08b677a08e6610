/** `loop`, `with_<lookup>` and their `loop_control`. */

import { didYouMean } from '../util/did-you-mean.ts';
import { knownLookups, readConditions, readFlag } from './expressions.ts';
import type { Fields } from './fields.ts';
import { checkShape } from './shapes.ts';
import type { Loop, Raw } from './types.ts';
import type { YamlMap } from './yaml-node.ts';

/** The loop of a task; undefined when it has none. Two of them, or unknown words in `loop_control`, are noted. */
export function readLoop(fields: Fields): Loop | undefined {
  const { findings, map } = fields;
  const control = readControl(fields);
  const written = [...map.entries.values()].filter(({ key }) => /^(?:loop|with_\w+)$/.test(String(key.value)));
  const [first, second] = written;
  if (first === undefined) return undefined;
  const name = String(first.key.value);
  if (second !== undefined) {
    const message = `task has two loops: '${name}' and '${String(second.key.value)}'`;
    findings.add('PLAYBOOK_INVALID', second.key.offset, message, 'keep one of them');
    return undefined;
  }
  if (name === 'loop') {
    const items = fields.raw('loop');
    return items && { items, ...control };
  }
  const lookup = name.slice('with_'.length);
  if (!isLookup(lookup)) {
    const near = didYouMean(
      `with_${lookup}`,
      [...knownLookups(), 'flattened', 'cartesian'].map((each) => `with_${each}`),
    );
    findings.add(
      'UNKNOWN_KEYWORD',
      first.key.offset,
      `'${name}' needs the lookup '${lookup}', which does not exist`,
      near,
    );
    return undefined;
  }
  if (!checkShape(name, 'items', first.value, findings)) return undefined;
  return { lookup, items: fields.rawOf(first.value), ...control };
}

function isLookup(name: string): boolean {
  return name === 'flattened' || name === 'cartesian' || knownLookups().has(name);
}

type Control = Omit<Loop, 'lookup' | 'items'>;

function readControl(fields: Fields): Control {
  const { findings } = fields;
  const node = fields.node('loop_control');
  if (node?.kind !== 'map') return { loopVar: 'item' };
  addUnknownWords(fields, node);
  const value = (name: string) => node.entries.get(name)?.value;
  const raw = (name: string): Raw | undefined => {
    const found = value(name);
    return found && fields.rawOf(found);
  };
  const flag = (name: string) => {
    const found = value(name);
    return found && readFlag(found, findings);
  };
  const word = (name: string) => raw(name)?.value as string | undefined;
  const breakWhen = value('break_when');
  return {
    loopVar: word('loop_var') ?? 'item',
    indexVar: word('index_var'),
    label: raw('label'),
    pauseSeconds: raw('pause'),
    extended: flag('extended'),
    extendedAllItems: flag('extended_allitems'),
    breakWhen: breakWhen && readConditions(breakWhen, findings),
  };
}

const WORDS = ['loop_var', 'index_var', 'label', 'pause', 'extended', 'extended_allitems', 'break_when'];

function addUnknownWords({ findings }: Fields, node: YamlMap): void {
  for (const { key } of node.entries.values()) {
    const name = String(key.value);
    if (WORDS.includes(name)) continue;
    const hint = didYouMean(name, WORDS) ?? `it has ${WORDS.join(', ')}`;
    findings.add('UNKNOWN_KEYWORD', key.offset, `unknown keyword '${name}' in loop_control`, hint);
  }
}
