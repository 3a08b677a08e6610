/** The state of one host while a run works on it. */

import type { HostStats } from '../event.ts';
import type { Host, VarsLayer } from '../inventory/types.ts';
import type { RoleUse } from '../playbook/types.ts';
import { type FactStore, HostVars } from '../vars/host-vars.ts';
import type { Connecting } from './connection-pool.ts';
import { SILENT_AFTER_MS, type WorkPlace } from './work-places.ts';

/** How a host stands in the play. Only `active` hosts get further tasks. */
export type HostStanding =
  | 'active'
  | 'failed'
  | 'unreachable'
  | 'ended' // meta: end_host, end_play
  | 'interrupted'; // the run or the host's deadline ended it

type Counter = keyof HostStats;

/** One host for the whole run. Made when the first play selects it. */
export class HostRun {
  readonly host: Host;
  readonly vars: HostVars;
  #standing: HostStanding = 'active';
  readonly #onStanding: () => void;
  /** Whether a play selected it; others are only delegated to. */
  isSelected = false;
  /** While its facts are being gathered. */
  gathering: Promise<void> | undefined;
  /** Whether a play or the run ended before its last task, for a reason that is not this host's. */
  isCutOff = false;
  /** Task ids of handlers that were notified and did not run yet. */
  readonly notified = new Set<string>();
  /** The item of each dynamic include around the task that runs, outermost first; undefined: it has no loop. */
  includeItems: readonly (VarsLayer | undefined)[] = [];
  /** The role that `meta: end_role` made it leave, until the end of that role's tasks. */
  leftRole: RoleUse | undefined;
  /** Fires when this host's own deadline passes or the run ends. */
  readonly signal: AbortSignal;
  readonly #counts: Record<Counter, number> = {
    ok: 0,
    changed: 0,
    failed: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
    unreachable: 0,
  };
  /** How long it was connected and waited for a place among those that are worked on. */
  waitedMs = 0;
  readonly #timeout: { readonly ms: number; readonly reason: () => Error } | undefined;
  readonly #deadline = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #timerSetAtMs = 0;
  #leftMs: number;
  #place: WorkPlace | undefined;
  #started = false;
  #onBegin: (() => void) | undefined;
  readonly #handlerRuns = new Map<string, number>();

  /**
   * @param onStanding - called when {@link standing} changes
   * @param facts - where facts are kept between runs
   */
  constructor(
    host: Host,
    runSignal: AbortSignal,
    onStanding: () => void,
    hostTimeout?: { readonly ms: number; readonly reason: () => Error },
    facts?: FactStore,
  ) {
    this.vars = new HostVars(facts);
    this.host = host;
    this.#onStanding = onStanding;
    this.#timeout = hostTimeout;
    this.#leftMs = hostTimeout?.ms ?? 0;
    this.signal = hostTimeout === undefined ? runSignal : AbortSignal.any([runSignal, this.#deadline.signal]);
  }

  get name(): string {
    return this.host.name;
  }

  get standing(): HostStanding {
    return this.#standing;
  }

  set standing(standing: HostStanding) {
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.#onStanding();
  }

  get isActive(): boolean {
    return this.standing === 'active';
  }

  /** Whether any task was started on it. */
  get started(): boolean {
    return this.#started;
  }

  /**
   * A task is about to be run on the host; its deadline counts from the first one.
   *
   * @param onBegin - called when work begins: at once, or when it is connected and has its place
   */
  start(onBegin: () => void): void {
    this.#onBegin = onBegin;
    if (this.#timer === undefined) this.#startTimer();
  }

  /** Whether it is connected ahead of its turn: its task was not begun. */
  get isAhead(): boolean {
    return this.#onBegin !== undefined;
  }

  /** Work on the task begins, or there is news of it. */
  begin(): void {
    const onBegin = this.#onBegin;
    if (onBegin === undefined) return;
    this.#onBegin = undefined;
    this.#started = true;
    onBegin();
  }

  /** Lets go of the deadline; the host gets no more work. */
  finish(): void {
    clearTimeout(this.#timer);
  }

  /** Does some work with a place among those that are worked on. */
  async withPlace<T>(place: WorkPlace, work: () => Promise<T>): Promise<T> {
    this.#place = place;
    try {
      return await work();
    } finally {
      this.#place = undefined;
    }
  }

  /** Connects without its place; its deadline stands still while it waits for a place again. */
  readonly connecting: Connecting = (connect) => {
    const place = this.#place;
    if (place === undefined) return connect();
    let sinceMs = 0;
    const pause = (isWaiting: boolean): void => {
      if (isWaiting) {
        sinceMs = performance.now();
        this.#stopTimer();
      } else {
        this.waitedMs += performance.now() - sinceMs;
        this.#startTimer();
      }
    };
    // A host that does not answer is one that is waited for.
    const silent = setTimeout(() => this.begin(), SILENT_AFTER_MS);
    return place.connect(() => connect().finally(() => clearTimeout(silent)), pause, this.signal);
  };

  #startTimer(): void {
    const timeout = this.#timeout;
    if (timeout === undefined) return;
    this.#timerSetAtMs = performance.now();
    this.#timer = setTimeout(() => this.#deadline.abort(timeout.reason()), this.#leftMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#timerSetAtMs));
  }

  /** Notes that a handler runs on it. @returns how often it has, this time too */
  noteHandlerRun(taskId: string): number {
    const count = (this.#handlerRuns.get(taskId) ?? 0) + 1;
    this.#handlerRuns.set(taskId, count);
    return count;
  }

  count(counter: Counter): void {
    this.#counts[counter]++;
  }

  stats(): HostStats {
    return { ...this.#counts };
  }
}
