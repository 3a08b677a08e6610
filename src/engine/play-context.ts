/** Puts together what the tasks of one play share. */

import { playbookDirOf } from '../playbook/index.ts';
import type { Play, Task } from '../playbook/types.ts';
import type { PlayMagic } from '../vars/magic.ts';
import { flag } from './conditions.ts';
import type { HostRun } from './host-run.ts';
import { playHosts } from './play-hosts.ts';
import { PlayRoles } from './play-roles.ts';
import { playScope, playVars } from './play-vars.ts';
import type { RunContext } from './run-context.ts';
import type { PlayContext } from './task-context.ts';
import { buildPlayTree, type PlayTree, type TaskNode } from './tree.ts';

/**
 * The context of a play on the hosts that it works on.
 *
 * @param matching - names of the hosts that the pattern gives, those that failed before too; not sorted by `order`
 */
export function playContext(
  run: RunContext,
  play: Play,
  playId: string,
  name: string,
  hosts: readonly HostRun[],
  matching: readonly string[],
  tree: PlayTree,
  isLast: boolean,
): PlayContext {
  const { options } = run;
  const playbookDir = playbookDirOf(play);
  const magic: PlayMagic = {
    playName: name,
    ...playHosts(run, matching, () => context.batch),
    roles: () => roles.names(),
  };
  const roles = new PlayRoles(play, tree.handlers, options.mergeHashes);
  const gather = play.gatherFacts;
  const { gathering = 'implicit' } = options;
  const isKnown = ({ vars }: HostRun) => gathering === 'smart' && (vars.factsGathered || vars.hasStoredFacts);
  const missing = hosts.filter((host) => !isKnown(host));
  run.gatherable = new Set(gather === undefined && gathering !== 'explicit' ? missing : []);
  const context: PlayContext = {
    options,
    playId,
    play,
    tree,
    roles,
    magic: run.magic,
    playMagic: magic,
    pool: run.pool,
    stats: run.stats,
    isLast,
    limit: run.limit,
    hostRun: (host) => run.hostRunByName(host),
    playVars: playVars(run, play, playbookDir),
    playbookDir,
    environment: run.environment,
    environmentOf: run.environmentOf,
    readVarsFile: run.readVarsFile,
    confirm: run.confirm,
    gatherable: run.gatherable,
    missingFacts: new Set(missing),
    factsNode: gather !== undefined && flag(gather, playScope(run, play)) ? factsNode(play, playId) : undefined,
    abort: undefined,
    mistake: undefined,
    ended: false,
    batch: hosts,
    warned: new Set(),
  };
  return context;
}

// `gather_facts: true` is a task of its own, as Ansible shows it.
function factsNode(play: Play, playId: string): TaskNode | undefined {
  const task: Task = {
    kind: 'task',
    name: 'Gathering Facts',
    module: 'setup',
    moduleAsWritten: 'setup',
    args: play.factsArgs,
    argPositions: {},
    tags: ['always'],
    when: [],
    notify: [],
    listen: [],
    source: play.source,
  };
  const only = { ...play, roles: [], roleHandlers: [], preTasks: [task], tasks: [], postTasks: [], handlers: [] };
  const imported = { roles: [], handlers: [] };
  const tree = buildPlayTree({ ...only, imported }, `${playId}.facts`, { tags: [], skipTags: [] });
  const node = tree.preTasks[0];
  return node?.kind === 'task' ? { ...node, moreFollow: true } : undefined;
}
