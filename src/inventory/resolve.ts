/** Turns what the sources said into an inventory: implicit groups, depths, loops, and the variables' precedence. */
import { InventoryError } from '../errors.ts';
import { LiveInventory } from './live-inventory.ts';
import type { InventoryBuilder, MutableGroup } from './model.ts';
import type { Inventory } from './types.ts';

/**
 * Closes the builder: groups without a parent become children of `all`, hosts without a group members of `ungrouped`,
 * every group gets its depth.
 *
 * @throws {@link InventoryError} INVENTORY_INVALID when a group is its own ancestor
 */
export function resolveInventory(builder: InventoryBuilder, sources: readonly string[]): Inventory {
  const { all, ungrouped } = builder;
  for (const group of builder.groups.values()) {
    if (group !== all && group.parents.size === 0) builder.addChild(all, group);
  }
  for (const host of builder.hosts.values()) {
    if (host.groups.size === 0) builder.addMember(ungrouped, host);
    else if (host.groups.size > 1 && host.groups.delete(ungrouped)) ungrouped.hosts.delete(host);
    // Another source or host_vars/ knows an address.
    const layers = [...host.layers, ...[...host.byOrigin.playbook.values()].flat()];
    if (layers.some(({ vars }) => Object.hasOwn(vars, 'ansible_host'))) host.unreachableReason = undefined;
  }
  setDepths(builder);
  warnOfNames(builder);
  return new LiveInventory(builder, sources);
}

// Longest way down from `all`, in topological order; what is left over is in a loop or below one.
function setDepths(builder: InventoryBuilder): void {
  const waiting = new Map<MutableGroup, number>();
  for (const group of builder.groups.values()) waiting.set(group, group.parents.size);
  const ready = [...builder.groups.values()].filter((group) => group.parents.size === 0);
  for (let group = ready.pop(); group !== undefined; group = ready.pop()) {
    waiting.delete(group);
    for (const child of group.children) {
      child.depth = Math.max(child.depth, group.depth + 1);
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  const first = [...waiting.keys()][0];
  if (first !== undefined) throw loopError(builder, first, waiting);
}

function loopError(builder: InventoryBuilder, start: MutableGroup, left: ReadonlyMap<MutableGroup, number>): Error {
  // Every group that is left has a parent that is left: walking up must come back to a group already seen.
  const path: MutableGroup[] = [];
  let group = start;
  while (!path.includes(group)) {
    path.push(group);
    group = [...group.parents].find((parent) => left.has(parent)) ?? group;
  }
  const loop = [...path.slice(path.indexOf(group)), group].toReversed();
  const edge = loop
    .map((parent, i) => loop[i + 1] && builder.positionOfChild(parent, loop[i + 1] ?? parent))
    .find((position) => position !== undefined);
  const where = edge === undefined ? '' : `${edge.file}:${edge.line}:${edge.column}: `;
  const names = loop.map((member) => `'${member.name}'`).join(' > ');
  return new InventoryError('INVENTORY_INVALID', `${where}expected groups without loops, found ${names}`, {
    source: edge,
    hint: 'remove one of these children',
  });
}

function warnOfNames(builder: InventoryBuilder): void {
  const odd = [...builder.groups.keys()].filter((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd.length > 0) {
    const list = odd.slice(0, 5).join("', '");
    const more = odd.length > 5 ? ` and ${odd.length - 5} more` : '';
    builder.warn(
      `group names with other characters than letters, digits and '_' cannot be written as groups.NAME in templates: '${list}'${more}`,
    );
  }
  for (const name of builder.hosts.keys()) {
    if (builder.groups.has(name)) builder.warn(`'${name}' is the name of a group and of a host`);
  }
}
