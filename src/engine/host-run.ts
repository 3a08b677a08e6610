/** The state of one host while a run works on it. */

import type { HostStats } from '../event.ts';
import type { Host } from '../inventory/types.ts';
import { HostVars } from '../vars/host-vars.ts';

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
  readonly vars = new HostVars();
  standing: HostStanding = 'active';
  /** Whether a play selected it; others are only delegated to. */
  isSelected = false;
  /** While its facts are being gathered. */
  gathering: Promise<void> | undefined;
  /** Whether a play or the run ended before its last task, for a reason that is not this host's. */
  isCutOff = false;
  /** Task ids of handlers that were notified and did not run yet. */
  readonly notified = new Set<string>();
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
  readonly #deadline: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #started = false;

  constructor(host: Host, runSignal: AbortSignal, hostTimeout?: { readonly ms: number; readonly reason: () => Error }) {
    this.host = host;
    if (hostTimeout === undefined) {
      this.signal = runSignal;
    } else {
      const controller = new AbortController();
      this.#deadline = controller;
      this.signal = AbortSignal.any([runSignal, controller.signal]);
      this.#startTimer = () => {
        this.#timer = setTimeout(() => controller.abort(hostTimeout.reason()), hostTimeout.ms);
      };
    }
  }

  #startTimer: () => void = () => {};

  get name(): string {
    return this.host.name;
  }

  get isActive(): boolean {
    return this.standing === 'active';
  }

  /** Whether any task was started on it. */
  get started(): boolean {
    return this.#started;
  }

  /** Marks the first work on the host; its deadline counts from here. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#startTimer();
  }

  /** Lets go of the deadline; the host gets no more work. */
  finish(): void {
    if (this.#deadline !== undefined) clearTimeout(this.#timer);
  }

  count(counter: Counter): void {
    this.#counts[counter]++;
  }

  stats(): HostStats {
    return { ...this.#counts };
  }
}
