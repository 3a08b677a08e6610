/** Runs playbooks on an inventory: the engine's entry. Emits events, prints nothing, and always ends with `run:end`. */

import { dirname, join, resolve } from 'node:path';
import { FleetmendError } from '../errors.ts';
import type { HostStats, RunEndEvent } from '../event.ts';
import { selectHosts } from '../inventory/index.ts';
import type { Host, VarsLayer } from '../inventory/types.ts';
import { createSourcePlaces } from '../playbook/index.ts';
import { createEnvironment } from '../template/index.ts';
import type { Environment } from '../template/types.ts';
import { HostVars } from '../vars/host-vars.ts';
import { MagicFactory } from '../vars/magic.ts';
import { LayeredScope } from '../vars/scope.ts';
import { ConnectionPool } from './connection-pool.ts';
import { CustomStatsCollector } from './custom-stats.ts';
import { HostRun } from './host-run.ts';
import type { EngineOptions } from './options.ts';
import { cutOffPlay, runPlay } from './play.ts';
import { isLocalName } from './resolve-target.ts';
import type { RunContext } from './run-context.ts';
import { noSuchTask, startTest } from './start-at.ts';
import { createConfirm } from './step.ts';
import { hostFacts, onMissingFact } from './task-context.ts';
import { WaitingWatch } from './waiting.ts';
import { WorkPlaces } from './work-places.ts';

/** What a run came to. The same figures are in the `run:end` event. */
export interface RunResult {
  readonly exitCode: number;
  readonly endedBy: RunEndEvent['endedBy'];
  readonly hosts: Readonly<Record<string, HostStats>>;
  /** Hosts that were never started because the run ended before. */
  readonly notStarted: readonly string[];
  /** Hosts that did not fail but had tasks to come when the run ended. */
  readonly notFinished: readonly string[];
  /** All of these and those that failed or were unreachable, in inventory order; for a retry file. */
  readonly badHosts: readonly string[];
}

/**
 * Runs all plays of all playbooks. Failures of hosts are in the result; what is thrown is a mistake that no host is to
 * blame for (a pattern, a keyword), and also then `run:end` was emitted and all connections are closed.
 *
 * @throws FleetmendError NO_HOSTS_MATCHED when no play selected a host and the options do not allow that
 */
export async function runPlaybooks(options: EngineOptions): Promise<RunResult> {
  const run = new Run(options);
  return run.execute();
}

class Run {
  readonly #options: EngineOptions;
  // By name: the inventory may be read again meanwhile.
  readonly #hosts = new Map<string, HostRun>();
  readonly #context: RunContext;
  readonly #watch: WaitingWatch;
  readonly #startedAtMs: number;
  #aborted = false;

  constructor(options: EngineOptions) {
    this.#watch = new WaitingWatch(options);
    this.#options = { ...options, emit: (event) => this.#watch.pass(event) };
    this.#startedAtMs = options.nowMs();
    const first = options.playbooks[0];
    let dir = dirname(resolve(first?.path ?? '.'));
    const varsFiles = new Map<string, VarsLayer>();
    const startAt = options.startAtTask;
    const places = new WorkPlaces(options.forks, options.connecting);
    const sources = options.readSource === undefined ? undefined : createSourcePlaces(options.readSource);
    const environments = new Map<string, Environment>();
    const environmentOf = (folders: readonly string[]): Environment => {
      // A task beside the playbook sees what the playbook sees.
      const others = folders.filter((folder) => folder !== dir);
      const key = [dir, ...others].join('\0');
      const known =
        environments.get(key) ??
        createEnvironment({
          cwd: dir,
          env: options.env,
          searchPaths: [...others.flatMap((folder) => [join(folder, 'files'), folder]), join(dir, 'files')],
          templatePlaces: [
            ...others.flatMap((folder) => [join(folder, 'templates'), folder]),
            join(dir, 'templates'),
            dir,
          ],
          nowMs: options.nowMs,
          sources,
          openVault: options.openVault,
          hostsOf: (pattern) => selectHosts(options.inventory, pattern).map((host) => host.name),
        });
      environments.set(key, known);
      return known;
    };
    this.#context = {
      options: this.#options,
      magic: new MagicFactory({
        ...options,
        playbookDir: () => dir,
        hostScope: (name) => this.#scopeForHostvars(name),
      }),
      stats: new CustomStatsCollector(),
      pool: new ConnectionPool(options.transports, options.maxOpenConnections),
      limit: (host, job) => places.run((place) => host.withPlace(place, job)),
      enter: (playbookDir) => {
        dir = playbookDir;
        options.inventory.usePlaybookDir(dir);
      },
      get environment() {
        return environmentOf([]);
      },
      environmentOf,
      hostRun: (host) => this.#hostRun(host),
      startedHostRun: (name) => this.#hosts.get(name),
      hostRunByName: (name) => {
        const { inventory } = options;
        const host = inventory.hosts.get(name) ?? (isLocalName(name) ? inventory.implicitHost?.(name) : undefined);
        return host === undefined ? undefined : this.#hostRun(host);
      },
      standings: { version: 0 },
      gatherable: new Set(),
      answers: new Map(),
      startAt: startAt === undefined ? undefined : startTest(startAt),
      readVarsFile: (path) => {
        const known = varsFiles.get(path) ?? options.readVarsFile(path);
        varsFiles.set(path, known);
        return known;
      },
      ...(options.confirmTask === undefined ? {} : { confirm: createConfirm(options.confirmTask) }),
    };
  }

  async execute(): Promise<RunResult> {
    const { options } = this.#context;
    options.emit({
      type: 'run:start',
      atMs: this.#startedAtMs,
      runId: options.runId,
      version: options.version,
      playbooks: options.playbooks.map((playbook) => playbook.path),
      checkMode: options.checkMode,
      trigger: options.trigger,
      hostCount: options.selectHosts('all').length,
      forks: options.forks,
    });
    for (const message of options.warnings ?? []) options.emit({ type: 'warning', atMs: options.nowMs(), message });
    let thrown: unknown;
    try {
      await this.#runPlays();
    } catch (error) {
      thrown = error;
    }
    for (const host of this.#hosts.values()) host.finish();
    await this.#context.pool.close();
    this.#watch.stop();
    const result = this.#result(thrown);
    options.emit({
      type: 'run:end',
      atMs: options.nowMs(),
      runId: options.runId,
      durationMs: options.nowMs() - this.#startedAtMs,
      exitCode: result.exitCode,
      hosts: result.hosts,
      notStarted: result.notStarted,
      notFinished: result.notFinished,
      endedBy: result.endedBy,
      customStats: this.#context.stats.get(),
    });
    if (thrown !== undefined) throw thrown;
    return result;
  }

  async #runPlays(): Promise<void> {
    const { options } = this.#context;
    let matched = 0;
    let number = 0;
    const count = options.playbooks.reduce((sum, playbook) => sum + playbook.plays.length, 0);
    for (const playbook of options.playbooks) {
      for (const play of playbook.plays) {
        const playId = `p${++number}`;
        if (options.signal.aborted || this.#aborted) {
          cutOffPlay(this.#context, play, playId);
          continue;
        }
        const end = await runPlay(this.#context, play, playId, number === count);
        matched += end.matched;
        this.#aborted = end.aborted;
      }
    }
    if (options.signal.aborted || this.#aborted) return;
    if (this.#context.startAt !== undefined) throw noSuchTask(options.startAtTask ?? '', options);
    if (matched > 0 || options.allowEmpty) return;
    const limit = options.limit === undefined ? '' : ` within --limit '${options.limit}'`;
    throw new FleetmendError('NO_HOSTS_MATCHED', `no play matched a host${limit}: nothing was done`, {
      hint: 'look at `fleetmend inventory --graph`, or pass --allow-empty when that is fine',
    });
  }

  #hostRun(host: Host): HostRun {
    let hostRun = this.#hosts.get(host.name);
    if (hostRun === undefined) {
      const ms = this.#options.hostTimeoutMs;
      hostRun = new HostRun(
        host,
        this.#options.signal,
        () => this.#context.standings.version++,
        ms === undefined
          ? undefined
          : {
              ms,
              reason: () =>
                new FleetmendError(
                  'HOST_TIMEOUT',
                  `all work on the host took longer than --host-timeout allows (${ms / 1000} s)`,
                ),
            },
        this.#options.factStore?.(host.name),
      );
      this.#hosts.set(host.name, hostRun);
    }
    return hostRun;
  }

  // `hostvars[name]`: what is known of the host without the play that runs.
  #scopeForHostvars(name: string): LayeredScope | undefined {
    const { inventory, extraVars } = this.#options;
    const host = inventory.hosts.get(name) ?? (isLocalName(name) ? inventory.implicitHost?.(name) : undefined);
    if (host === undefined) return undefined;
    // One that no play works on may have facts of an earlier run.
    const hostRun = this.#options.factStore === undefined ? this.#hosts.get(host.name) : this.#hostRun(host);
    const vars = hostRun?.vars ?? NO_VARS;
    const canGather = hostRun !== undefined && this.#context.gatherable.has(hostRun);
    return new LayeredScope({
      mergeHashes: this.#options.mergeHashes,
      ...(canGather ? { onMissing: onMissingFact(hostRun) } : {}),
      magic: this.#context.magic.for(host),
      layers: [
        ...extraVars,
        vars.declaredLayer,
        ...(hostRun === undefined ? [] : hostFacts(hostRun, canGather)),
        ...inventory.layersOf(host).toReversed(),
        ...(canGather ? [] : [vars.knownFactsLayer]),
      ],
      environment: this.#context.environment,
    });
  }

  #result(thrown: unknown): RunResult {
    const hosts: Record<string, HostStats> = {};
    const notStarted: string[] = [];
    const notFinished: string[] = [];
    const badHosts: string[] = [];
    const ended = this.#endedEarly(thrown);
    const endedBy = ended?.endedBy ?? (this.#aborted ? 'aborted' : 'completed');
    let failed = 0;
    let unreachable = 0;
    // In inventory order; an implicit localhost, which no inventory lists, comes last.
    for (const name of new Set([...this.#options.inventory.hosts.keys(), ...this.#hosts.keys()])) {
      const hostRun = this.#hosts.get(name);
      if (hostRun === undefined) continue;
      const stats = hostRun.stats();
      const isBad = stats.failed > 0 || stats.unreachable > 0;
      const isCut = endedBy !== 'completed' && !isBad && hostRun.isSelected && (hostRun.isCutOff || !hostRun.started);
      if (isBad || isCut) badHosts.push(name);
      if (isCut) (hostRun.started ? notFinished : notStarted).push(name);
      if (!hostRun.started) continue;
      hosts[name] = stats;
      if (stats.failed > 0) failed++;
      if (stats.unreachable > 0) unreachable++;
    }
    const exitCode = ended?.exitCode ?? (failed > 0 ? 2 : unreachable > 0 ? 4 : 0);
    return { exitCode, endedBy, hosts, notStarted, notFinished, badHosts };
  }

  #endedEarly(thrown: unknown): { exitCode: number; endedBy: RunEndEvent['endedBy'] } | undefined {
    const { signal } = this.#options;
    if (signal.aborted) {
      const reason: unknown = signal.reason;
      const isDeadline = reason instanceof FleetmendError && reason.code === 'RUN_DEADLINE';
      return isDeadline ? { exitCode: 124, endedBy: 'deadline' } : { exitCode: 130, endedBy: 'interrupted' };
    }
    if (thrown === undefined) return undefined;
    return { exitCode: thrown instanceof FleetmendError ? thrown.exitCode : 1, endedBy: 'aborted' };
  }
}

const NO_VARS = new HostVars();
