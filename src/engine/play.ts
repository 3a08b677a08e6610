/** Runs one play: its hosts, batch by batch, with its strategy, its handlers and its failure budget. */

import { dirname, isAbsolute, resolve } from 'node:path';
import { FleetmendError, type Position } from '../errors.ts';
import type { Host, VarsLayer } from '../inventory/types.ts';
import type { Play, Playbook, Task } from '../playbook/types.ts';
import { isTemplate, toPlain, toText } from '../template/index.ts';
import { allEnded } from '../util/all-ended.ts';
import type { PlayMagic } from '../vars/magic.ts';
import { LayeredScope, needsFactsOf } from '../vars/scope.ts';
import { splitBatches } from './batches.ts';
import { evaluateRaw, flag, nameOf, percentOf } from './conditions.ts';
import { flushHandlers } from './handlers.ts';
import type { HostRun } from './host-run.ts';
import type { RunContext } from './run-context.ts';
import { onMissingFact, type PlayContext } from './task-context.ts';
import { buildPlayTree, type Node, type PlayTree, startTreeAt, type TaskNode, varsLayer } from './tree.ts';
import { isOver, type Walk, walk } from './walk.ts';

/** What became of a play, for the run. */
export interface PlayEnd {
  /** Hosts that its pattern selected. */
  readonly matched: number;
  /** The rest of the run must not start. */
  readonly aborted: boolean;
}

/** Runs a play. Host failures are in the hosts; throws only what ends the run (a pattern or keyword that is wrong). */
export async function runPlay(run: RunContext, playbook: Playbook, play: Play, playId: string): Promise<PlayEnd> {
  const { options } = run;
  const tree = treeOf(run, play, playId);
  if (tree === undefined) return { matched: 0, aborted: false };
  const scope = playScope(run, play);
  const pattern = patternOf(play, scope);
  const selected = orderHosts(options.selectHosts(pattern), play);
  const name = nameOf(play.name ?? pattern, scope);
  const hosts = selected.map((host) => run.hostRun(host));
  for (const host of hosts) host.isSelected = true;
  // Hosts that failed in an earlier play stay out, as in Ansible.
  const usable = hosts.filter((host) => host.standing === 'active' || host.standing === 'ended');
  for (const host of usable) host.standing = 'active';
  options.emit({
    type: 'play:start',
    atMs: options.nowMs(),
    playId,
    name,
    hosts: usable.map((host) => host.name),
    strategy: play.strategy,
    source: play.source,
  });
  if (selected.length === 0) warnNoMatch(run, play, pattern);
  const context = playContext(run, playbook, play, playId, name, usable, tree);
  const batches = splitBatches(
    usable,
    play.serial === undefined ? undefined : toPlain(evaluateRaw(play.serial, scope)),
    play.serial?.source ?? play.source,
  );
  const maxFailPercentage = percentOf(play.maxFailPercentage, 'max_fail_percentage', scope);
  for (const [index, batch] of batches.entries()) {
    options.emit({
      type: 'batch:start',
      atMs: options.nowMs(),
      playId,
      index,
      count: batches.length,
      hosts: batch.map((h) => h.name),
    });
    context.batch = batch;
    await runBatch(context, batch, maxFailPercentage, scope);
    // Ansible's rule: when a whole batch is lost, the batches after it are not tried.
    if (!isOver(context) && batches.length > 1 && batch.every((host) => !isFine(host))) {
      context.abort = { reason: 'no host of the batch is left' };
    }
    if (!isOver(context)) continue;
    if (!context.ended) for (const host of batches.slice(index + 1).flat()) host.isCutOff = true;
    break;
  }
  options.emit({
    type: 'play:end',
    atMs: options.nowMs(),
    playId,
    ...(context.abort === undefined ? {} : { abortedBecause: context.abort.reason }),
  });
  return { matched: selected.length, aborted: context.abort !== undefined };
}

/** Notes which hosts a play was for, when the run ended before it. */
export function cutOffPlay(run: RunContext, play: Play, playId: string): void {
  const tree = buildPlayTree(play, playId, run.options);
  if (tree.preTasks.length + tree.tasks.length + tree.postTasks.length === 0) return;
  let hosts: readonly Host[];
  try {
    hosts = run.options.selectHosts(patternOf(play, playScope(run, play)));
  } catch {
    return; // That its pattern is wrong is not what ended the run.
  }
  for (const hostRun of hosts.map((host) => run.hostRun(host))) {
    hostRun.isSelected = true;
    hostRun.isCutOff = true;
  }
}

// The play's tasks, from `--start-at-task` on; undefined for a play that comes before that task.
function treeOf(run: RunContext, play: Play, playId: string): PlayTree | undefined {
  const tree = buildPlayTree(play, playId, run.options);
  if (run.startAt === undefined) return tree;
  const started = startTreeAt(tree, run.startAt);
  if (started !== undefined) run.startAt = undefined;
  return started;
}

async function runBatch(
  context: PlayContext,
  batch: readonly HostRun[],
  maxFailPercentage: number | undefined,
  scope: LayeredScope,
): Promise<void> {
  const force = flag(context.play.forceHandlers, scope);
  const isFree = context.play.strategy === 'free';
  const w: Walk = {
    context,
    batch: { announced: new Set(), warned: new Set(), onceResults: new Map() },
    // With strategy free a host keeps its place among the forks from its first task to its last.
    limit: isFree ? (job) => job() : context.limit,
    flushHandlers: (hosts) => flushHandlers(w, hosts, force),
    onFailures: () => checkBudget(context, batch, maxFailPercentage),
  };
  if (isFree) await allEnded(batch.map((host) => context.limit(() => runSections(w, [host]))));
  else await runSections(w, batch);
}

async function runSections(w: Walk, hosts: readonly HostRun[]): Promise<void> {
  const { preTasks, tasks, postTasks } = w.context.tree;
  if (w.context.factsNode !== undefined) await walk(w, [w.context.factsNode], hosts);
  for (const section of [preTasks, tasks, postTasks] satisfies (readonly Node[])[]) {
    await walk(w, section, hosts);
    if (w.context.abort === undefined) await w.flushHandlers(hosts);
  }
}

// `max_fail_percentage`: more than so many of the batch failed. Unreachable hosts do not count, as in Ansible.
function checkBudget(context: PlayContext, batch: readonly HostRun[], maxFailPercentage: number | undefined): void {
  if (maxFailPercentage === undefined || context.abort !== undefined) return;
  const failed = batch.filter((host) => host.standing === 'failed' || host.standing === 'interrupted').length;
  if ((failed / batch.length) * 100 <= maxFailPercentage) return;
  context.abort = {
    reason: `${failed} of ${batch.length} hosts failed, more than max_fail_percentage ${maxFailPercentage} allows`,
  };
}

function isFine(host: HostRun): boolean {
  return host.standing === 'active' || host.standing === 'ended';
}

function patternOf(play: Play, scope: LayeredScope): string {
  const value = toPlain(evaluateRaw(play.hosts, scope));
  const pattern = Array.isArray(value) ? value.map(toText).join(',') : toText(value);
  if (pattern.trim() !== '') return pattern;
  const { file, line, column } = play.hosts.source;
  throw new FleetmendError(
    'PATTERN_INVALID',
    `${file}:${line}:${column}: expected \`hosts\` to name hosts or groups, found nothing`,
  );
}

function orderHosts(hosts: readonly Host[], play: Play): readonly Host[] {
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

// What a play itself is evaluated with, before there is a host: the command line's variables and its own.
function playScope(run: RunContext, play: Play): LayeredScope {
  return new LayeredScope({
    magic: run.magic.forPlay(),
    layers: [...run.options.extraVars, ...ownLayers(play)],
    environment: run.environment,
  });
}

function ownLayers(play: Play): VarsLayer[] {
  return play.vars === undefined ? [] : [varsLayer('play', play.vars)];
}

function playContext(
  run: RunContext,
  playbook: Playbook,
  play: Play,
  playId: string,
  name: string,
  hosts: readonly HostRun[],
  tree: PlayTree,
): PlayContext {
  const { options } = run;
  const playbookDir = dirname(resolve(playbook.path));
  const names = hosts.map((host) => host.name);
  const magic: PlayMagic = {
    playName: name,
    playHostsAll: names,
    playHosts: () => hosts.filter((host) => host.isActive).map((host) => host.name),
    playBatch: () => context.batch.filter((host) => host.isActive).map((host) => host.name),
  };
  const gather = play.gatherFacts;
  run.gatherable = new Set(gather === undefined ? hosts : []);
  const context: PlayContext = {
    options,
    playId,
    play,
    tree,
    magic: run.magic,
    playMagic: magic,
    pool: run.pool,
    limit: run.limit,
    hostRun: (host) => run.hostRunByName(host),
    playVars: playVars(run, play, playbookDir),
    playbookDir,
    environment: run.environment,
    confirm: run.confirm,
    gatherable: run.gatherable,
    factsNode: gather !== undefined && flag(gather, playScope(run, play)) ? factsNode(play, playId) : undefined,
    abort: undefined,
    ended: false,
    batch: hosts,
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
    args: {},
    argPositions: {},
    tags: ['always'],
    when: [],
    notify: [],
    listen: [],
    source: play.source,
  };
  const tree = buildPlayTree({ ...play, preTasks: [task], tasks: [], postTasks: [], handlers: [] }, `${playId}.facts`, {
    tags: [],
    skipTags: [],
  });
  const node = tree.preTasks[0];
  return node?.kind === 'task' ? { ...node, moreFollow: true } : undefined;
}

// The layers of a play for a host. Files are read once each; their names are evaluated for each host.
function playVars(run: RunContext, play: Play, playbookDir: string): PlayContext['playVars'] {
  const own = ownLayers(play);
  if (play.varsFiles.length === 0) return () => own;
  // A name without variables is the same for every host: that it is missing ends the run before any host is touched.
  for (const { value, source } of play.varsFiles) {
    if (![value].flat().some((name) => isTemplate(toText(name)))) firstReadable(run, playbookDir, value, source);
  }
  const known = new Map<HostRun, readonly VarsLayer[]>();
  return (hostRun, canGather) => {
    const cached = known.get(hostRun);
    if (cached !== undefined) return cached;
    // While the names are evaluated only facts, the play's own variables and the inventory are there.
    const scope = new LayeredScope({
      magic: run.magic.for(hostRun.host),
      environment: run.environment,
      onMissing: onMissingFact(hostRun),
      layers: [
        ...run.options.extraVars,
        ...own,
        hostRun.vars.factsLayer,
        ...run.options.inventory.layersOf(hostRun.host).toReversed(),
      ],
    });
    let isComplete = true;
    const files = play.varsFiles.flatMap((raw) => {
      try {
        return [firstReadable(run, playbookDir, toPlain(evaluateRaw(raw, scope)), raw.source)];
      } catch (error) {
        if (canGather || needsFactsOf(error) === undefined) throw error;
        isComplete = false;
        return [];
      }
    });
    const layers = [...files.toReversed(), ...own];
    if (isComplete) known.set(hostRun, layers);
    return layers;
  };
}

// An entry of `vars_files` is a file, or a list of which the first that exists is taken.
function firstReadable(run: RunContext, dir: string, entry: unknown, source: Position): VarsLayer {
  const names = (Array.isArray(entry) ? entry : [entry]).map((each) => toText(each));
  let missing: unknown;
  for (const name of names) {
    try {
      return run.readVarsFile(isAbsolute(name) ? name : resolve(dir, name));
    } catch (error) {
      if (!(error instanceof FleetmendError) || error.code !== 'FILE_NOT_FOUND') throw error;
      missing ??= error;
    }
  }
  const tried = names.map((name) => `'${name}'`).join(', ');
  throw new FleetmendError(
    'FILE_NOT_FOUND',
    `${source.file}:${source.line}:${source.column}: expected a file of variables, found none of ${tried}`,
    {
      hint: `paths are relative to ${dir}`,
      cause: missing,
    },
  );
}

function warnNoMatch(run: RunContext, play: Play, pattern: string): void {
  run.options.emit({
    type: 'warning',
    atMs: run.options.nowMs(),
    source: play.hosts.source,
    message: `no host matches '${pattern}', the play is skipped`,
  });
}
