/** All modules that ship, by name. */
import type { ModuleCatalog } from '../playbook/types.ts';
import { addHost } from './add-host.ts';
import { assert } from './assert.ts';
import { asyncStatus } from './async-status.ts';
import { command } from './command.ts';
import type { Module } from './contract.ts';
import { copy } from './copy.ts';
import { debug } from './debug.ts';
import { dockerCommitBackup } from './docker-commit-backup.ts';
import { dockerDaemonConfig } from './docker-daemon-config.ts';
import { dockerDiagnostics } from './docker-diagnostics.ts';
import { dockerHealth } from './docker-health.ts';
import { dockerNetworkRecreate } from './docker-network-recreate.ts';
import { dockerPrune } from './docker-prune.ts';
import { dockerRestart } from './docker-restart.ts';
import { dockerStalePorts } from './docker-stale-ports.ts';
import { fail } from './fail.ts';
import { file } from './file.ts';
import { groupBy } from './group-by.ts';
import { includeVars } from './include-vars.ts';
import { k8sNode } from './k8s-node.ts';
import { k8sStuckPods } from './k8s-stuck-pods.ts';
import { pause } from './pause.ts';
import { ping } from './ping.ts';
import { raw } from './raw.ts';
import { reboot } from './reboot.ts';
import { script } from './script.ts';
import { setFact } from './set-fact.ts';
import { setStats } from './set-stats.ts';
import { setup } from './setup.ts';
import { shell } from './shell.ts';
import { stat } from './stat.ts';
import { template } from './template.ts';
import { validateArgumentSpec } from './validate-argument-spec.ts';
import { waitFor } from './wait-for.ts';
import { waitForConnection } from './wait-for-connection.ts';

const MODULES: readonly Module[] = [
  addHost,
  assert,
  asyncStatus,
  command,
  copy,
  debug,
  dockerCommitBackup,
  dockerDiagnostics,
  dockerDaemonConfig,
  dockerHealth,
  dockerNetworkRecreate,
  dockerPrune,
  dockerRestart,
  dockerStalePorts,
  fail,
  file,
  groupBy,
  includeVars,
  k8sNode,
  k8sStuckPods,
  pause,
  ping,
  raw,
  reboot,
  script,
  setFact,
  setStats,
  setup,
  shell,
  stat,
  template,
  validateArgumentSpec,
  waitFor,
  waitForConnection,
];

const BY_NAME: ReadonlyMap<string, Module> = new Map(
  MODULES.flatMap((module) => namesOf(module).map((name) => [name, module] as const)),
);

/** The module by its short name (`copy`) or its full one (`ansible.builtin.copy`, `fleetmend.docker_prune`). */
export function findModule(name: string): Module | undefined {
  return BY_NAME.get(name);
}

/** Short names of all modules, sorted. */
export function moduleNames(): string[] {
  return MODULES.map((module) => module.spec.name).toSorted();
}

/** What the playbook loader asks: specs by name, and every name that a user can write. */
export const moduleCatalog: ModuleCatalog = {
  find: (name) => BY_NAME.get(name)?.spec,
  names: () => [...BY_NAME.keys()],
};

function namesOf(module: Module): readonly string[] {
  const { name, namespace } = module.spec;
  const names = [name, `${namespace}.${name}`];
  return namespace === 'ansible.builtin' ? [...names, `ansible.legacy.${name}`] : names;
}
