/** Everything that the tasks of one play share while it runs. */

import type { DiagnosticsError } from '../errors.ts';
import type { Host, VarsLayer } from '../inventory/types.ts';
import type { Play } from '../playbook/types.ts';
import type { Environment } from '../template/types.ts';
import { isFactName } from '../vars/host-vars.ts';
import type { MagicFactory, PlayMagic } from '../vars/magic.ts';
import { dataLayer, FactsNeeded, LayeredScope, templateLayer } from '../vars/scope.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { CustomStatsCollector } from './custom-stats.ts';
import type { HostRun } from './host-run.ts';
import type { TaskKeywords } from './inherit.ts';
import type { EngineOptions } from './options.ts';
import type { PlayRoles } from './play-roles.ts';
import type { Confirm } from './step.ts';
import type { PlayTree, TaskNode } from './tree.ts';

/** Runs a job for a host with one of the `forks` places; jobs beyond wait in order. */
export type Limit = <T>(host: HostRun, job: () => Promise<T>) => Promise<T>;

export interface PlayContext {
  readonly options: EngineOptions;
  readonly playId: string;
  readonly play: Play;
  readonly tree: PlayTree;
  /** The roles of the play and its handlers; includes add to them. */
  readonly roles: PlayRoles;
  readonly magic: MagicFactory;
  readonly playMagic: PlayMagic;
  readonly pool: ConnectionPool;
  readonly stats: CustomStatsCollector;
  /** No play follows: a host that is through with this one needs its connection no more. */
  readonly isLast: boolean;
  readonly limit: Limit;
  /** Every host of the run by name, made when first asked for. */
  readonly hostRun: (name: string) => HostRun | undefined;
  /**
   * Variables of the play for a host, highest first: `vars_files` beat `vars`, later files beat earlier ones. Throws
   * FactsNeeded for a file whose name needs facts that can be gathered; else it is left out until they are there.
   */
  readonly playVars: (hostRun: HostRun, canGather: boolean) => readonly VarsLayer[];
  /** What expressions may use of the controller. */
  readonly environment: Environment;
  /** The same for tasks whose files count from these folders too (TaskKeywords.folders). */
  readonly environmentOf: (folders: readonly string[]) => Environment;
  /** A file of variables; each is read once a run. */
  readonly readVarsFile: (path: string) => VarsLayer;
  /** Folder of the playbook; relative paths of modules start here. */
  readonly playbookDir: string;
  /** The task that gathers facts first, when the play says `gather_facts: true`. */
  readonly factsNode?: TaskNode;
  /** The hosts that it is for: with smart gathering those of which the facts are not known. */
  readonly missingFacts: ReadonlySet<HostRun>;
  /** `--step`: whether a task is to run; undefined: all do. */
  readonly confirm?: Confirm;
  /** Set when the play must stop: no task starts on any host any more. */
  abort: { readonly reason: string } | undefined;
  /** A mistake in a file that was included while the play ran: it ends the run once all hosts have their result. */
  mistake: DiagnosticsError | undefined;
  /** `meta: end_play`. */
  ended: boolean;
  /** Hosts whose facts are gathered when something reads them: those of a play that does not say `gather_facts`. */
  readonly gatherable: Set<HostRun>;
  /** Hosts of the current batch. */
  batch: readonly HostRun[];
  /** What was warned of once for all hosts. */
  readonly warned: Set<string>;
}

/** The scope of a host in a play, without a task: play variables, then the host's own. */
export function hostScope(context: PlayContext, hostRun: HostRun, keywords?: TaskKeywords): LayeredScope {
  return new LayeredScope({
    mergeHashes: context.options.mergeHashes,
    magic: context.magic.for(
      hostRun.host,
      context.playMagic,
      () => hostScope(context, hostRun, keywords),
      keywords?.role?.magic,
    ),
    layers: [
      ...environmentLayer(keywords),
      ...context.options.extraVars,
      ...includeLayers(hostRun, keywords),
      ...(keywords?.role?.params ?? []),
      hostRun.vars.declaredLayer,
      ...hostRun.vars.includedLayers,
      ...(keywords?.vars ?? []),
      ...(keywords?.role?.vars ?? []),
      ...context.roles.layers.vars,
      ...context.playVars(hostRun, context.gatherable.has(hostRun)),
      ...hostFacts(hostRun, context.gatherable.has(hostRun)),
      ...context.options.inventory.layersOf(hostRun.host).toReversed(),
      ...(keywords?.role?.defaults ?? []),
      ...context.roles.layers.defaults,
      ...(context.gatherable.has(hostRun) ? [] : [hostRun.vars.knownFactsLayer]),
      fallbackLayer(hostRun, [...(keywords?.folders ?? []), context.playbookDir]),
    ],
    onMissing: factsHook(context, hostRun),
    environment: keywords === undefined ? context.environment : context.environmentOf(keywords.folders),
  });
}

// Variables of the includes around a task, innermost first: of each the host's own item of its loop, then its `vars`.
function includeLayers(hostRun: HostRun, keywords: TaskKeywords | undefined): VarsLayer[] {
  const declared = keywords?.includeVars ?? [];
  return declared
    .flatMap((vars, depth) => [vars, hostRun.includeItems[depth]])
    .filter((layer) => layer !== undefined)
    .toReversed();
}

// The variable `environment` is the task's own keyword and those around it, whoever else uses the name: as in Ansible.
function environmentLayer(keywords: TaskKeywords | undefined): VarsLayer[] {
  if (keywords === undefined) return [];
  return [templateLayer('environment', { environment: keywords.environment.flatMap(({ value }) => value) })];
}

/** What is known of a host: those facts of an earlier run too that are not gathered again. */
export function hostFacts({ vars }: HostRun, canGather: boolean): VarsLayer[] {
  return canGather || vars.factsGathered ? [vars.factsLayer] : [vars.factsLayer, vars.storedFactsLayer];
}

// What Ansible knows of every host when nothing else says it.
function fallbackLayer({ host }: HostRun, folders: readonly string[]): VarsLayer {
  return dataLayer('fallback', {
    ...(host.unreachableReason === undefined ? { ansible_host: host.name } : {}),
    get ansible_search_path() {
      return [...new Set(folders)];
    },
  });
}

/** The scope of one task on one host. */
export function taskScope(context: PlayContext, hostRun: HostRun, node: TaskNode): LayeredScope {
  return hostScope(context, hostRun, node.keywords);
}

function factsHook(context: PlayContext, hostRun: HostRun): ((name: string) => void) | undefined {
  return context.gatherable.has(hostRun) ? onMissingFact(hostRun) : undefined;
}

/** Asks for a host's facts when one is read that is not there. */
export function onMissingFact(hostRun: HostRun): (name: string) => void {
  return (name) => {
    if (!hostRun.vars.factsGathered && isFactName(name)) throw new FactsNeeded(hostRun.name);
  };
}

/** The scope for dialling a host that the inventory does not hold: variables of the run, the task, the play and `all`. */
export function bareScope(
  context: PlayContext,
  host: Host,
  onBehalfOf: HostRun,
  keywords: TaskKeywords | undefined,
): LayeredScope {
  return new LayeredScope({
    mergeHashes: context.options.mergeHashes,
    magic: context.magic.for(host, context.playMagic),
    layers: [
      ...context.options.extraVars,
      ...(keywords?.vars ?? []),
      ...context.playVars(onBehalfOf, context.gatherable.has(onBehalfOf)),
      ...context.options.inventory.layersOf(host).toReversed(),
    ],
    environment: context.environment,
  });
}
