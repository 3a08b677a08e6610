/** A role where its tasks run: the layers of variables that it gives them. Made once for each use of a role. */

import { resolve } from 'node:path';
import type { VarsLayer } from '../inventory/types.ts';
import type { RoleUse, VarsBlock } from '../playbook/types.ts';
import type { TaskMagic } from '../vars/magic.ts';
import { templateLayer } from '../vars/scope.ts';

export interface RoleFrame {
  readonly use: RoleUse;
  readonly outer?: RoleFrame;
  /** `{role: x, port: 80}`, of the roles around it too; they beat `set_fact`. Each list: highest precedence first. */
  readonly params: readonly VarsLayer[];
  /** `vars/`, of the roles it depends on and of those around it too. */
  readonly vars: readonly VarsLayer[];
  readonly defaults: readonly VarsLayer[];
  /** `role_name` and its like. */
  readonly magic: TaskMagic;
}

/** The frame of a role inside another. */
export function inRole(outer: RoleFrame | undefined, use: RoleUse): RoleFrame {
  const lineage = [...use.parents, use].toReversed();
  return {
    use,
    outer,
    magic: magicOf(outer, use),
    params: lineage.flatMap(({ params }) => layerOf(params, 'role params')),
    vars: [...ownVars(use), ...use.parents.toReversed().flatMap(ownVarsAlone)],
    defaults: [
      ...lineage.flatMap(({ role }) => layerOf(role.defaults, 'role defaults')),
      ...use.dependencies.toReversed().flatMap(defaultsOf),
    ],
  };
}

function magicOf(outer: RoleFrame | undefined, use: RoleUse): TaskMagic {
  const { name, path } = use.role;
  const magic = new Map<string, unknown>([
    ['role_name', name],
    ['ansible_role_name', name],
    ['role_path', resolve(path)],
    // A role beside a playbook is of no collection; it is there all the same.
    ['ansible_collection_name', null],
  ]);
  // Only roles that were imported or included have parents; dependencies have none.
  const parents: RoleUse[] = [];
  for (let [inner, next] = [use, outer]; next !== undefined; [inner, next] = [next.use, next.outer]) {
    if (inner.isIncluded) parents.push(next.use);
  }
  if (parents.length > 0) {
    magic.set(
      'ansible_parent_role_names',
      parents.map(({ role }) => role.name),
    );
    magic.set(
      'ansible_parent_role_paths',
      parents.map(({ role }) => resolve(role.path)),
    );
  }
  return magic;
}

/** Variables of roles that every task of the play sees, highest precedence first; each list is one layer. */
export function sharedRoleLayers(
  uses: readonly RoleUse[],
  areApart = false,
): { vars: VarsLayer[]; defaults: VarsLayer[] } {
  const last = uses.toReversed();
  if (areApart) return { vars: last.flatMap(ownVars), defaults: last.flatMap(defaultsOf) };
  return {
    vars: merged('role vars', last.flatMap(ownVars)),
    defaults: merged('role defaults', last.flatMap(defaultsOf)),
  };
}

// A role's variables beat those of the roles it depends on, later dependencies beat earlier ones.
function ownVars(use: RoleUse): VarsLayer[] {
  return [...ownVarsAlone(use), ...use.dependencies.toReversed().flatMap(ownVars)];
}

function ownVarsAlone({ role, entryVars }: RoleUse): VarsLayer[] {
  return [...layerOf(role.vars, 'role vars'), ...(entryVars === undefined ? [] : layerOf(entryVars, 'role entry'))];
}

function defaultsOf(use: RoleUse): VarsLayer[] {
  return [...layerOf(use.role.defaults, 'role defaults'), ...use.dependencies.toReversed().flatMap(defaultsOf)];
}

function layerOf(block: VarsBlock, origin: string): VarsLayer[] {
  if (Object.keys(block.values).length === 0) return [];
  return [templateLayer(origin, block.values, (name) => block.positions[name] ?? block.source)];
}

// One layer to look into, however many roles there are.
function merged(origin: string, layers: readonly VarsLayer[]): VarsLayer[] {
  if (layers.length < 2) return [...layers];
  const owners = new Map<string, VarsLayer>();
  for (const layer of layers)
    for (const name of Object.keys(layer.vars)) if (!owners.has(name)) owners.set(name, layer);
  const vars = Object.fromEntries([...owners].map(([name, layer]) => [name, layer.vars[name]]));
  return [templateLayer(origin, vars, (name) => owners.get(name)?.positionOf?.(name))];
}
