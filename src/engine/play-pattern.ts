/** Which hosts a play is for, and in which order. */

import { FleetmendError, InventoryError, placeText } from '../errors.ts';
import type { Host } from '../inventory/types.ts';
import type { Play } from '../playbook/types.ts';
import { toPlain, toText } from '../template/index.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { evaluateRaw } from './conditions.ts';
import type { RunContext } from './run-context.ts';

/** The pattern of a play, as `hosts` gives it. @throws FleetmendError PATTERN_INVALID when it gives none */
export function playPattern(play: Play, scope: LayeredScope): string {
  const value = toPlain(evaluateRaw(play.hosts, scope));
  const pattern = Array.isArray(value) ? value.map(toText).join(',') : toText(value);
  if (pattern.trim() !== '') return pattern;
  throw new FleetmendError(
    'PATTERN_INVALID',
    `${placeText(play.hosts.source)}: expected \`hosts\` to name hosts or groups, found nothing`,
  );
}

/** The hosts of a pattern. @throws FleetmendError PATTERN_INVALID, with the place of the play's `hosts` where it can be shown */
export function hostsOfPlay({ options }: RunContext, play: Play, pattern: string): readonly Host[] {
  try {
    return options.selectHosts(pattern);
  } catch (error) {
    if (!(error instanceof InventoryError) || error.code !== 'PATTERN_INVALID') throw error;
    const { source } = play.hosts;
    const text = options.readSource?.(source.file);
    // The pattern of `exec` stands in no file.
    if (text === undefined) throw error;
    throw new InventoryError(error.code, `${placeText(source)}: ${error.message}`, {
      hint: error.hint,
      source,
      excerpt: text.excerpt(source.line),
    });
  }
}

/** In the order that the play asks for. */
export function orderHosts(hosts: readonly Host[], play: Play): readonly Host[] {
  switch (play.order) {
    case undefined:
    case 'inventory':
      return hosts;
    case 'reverse_inventory':
      return hosts.toReversed();
    case 'sorted':
      return hosts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    case 'reverse_sorted':
      return hosts.toSorted((a, b) => (a.name < b.name ? 1 : -1));
    case 'shuffle':
      return shuffle(hosts);
  }
}

function shuffle<T>(items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}
