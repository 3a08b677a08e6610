/** Says which hosts a run still waits for, when nothing happened for a while. */

import type { RunEvent } from '../event.ts';
import type { EngineOptions } from './options.ts';

const QUIET_MS = 5000;

/** Stands between the engine and its sinks; adds `waiting` events while hosts are silent. */
export class WaitingWatch {
  readonly #emit: (event: RunEvent) => void;
  readonly #nowMs: () => number;
  // Hosts at work by task, with the time their task began.
  readonly #busy = new Map<string, Map<string, number>>();
  #timer: NodeJS.Timeout | undefined;
  #lastEventMs: number;

  constructor(options: Pick<EngineOptions, 'emit' | 'nowMs'>) {
    this.#emit = options.emit;
    this.#nowMs = options.nowMs;
    this.#lastEventMs = options.nowMs();
  }

  /** Passes an event on and notes what it says about hosts at work. */
  pass(event: RunEvent): void {
    this.#lastEventMs = event.atMs;
    if (event.type === 'run:start') this.#timer = setInterval(() => this.#tick(), QUIET_MS).unref();
    if (event.type === 'host:start') {
      const hosts = this.#busy.get(event.taskId) ?? new Map<string, number>();
      hosts.set(event.host, event.atMs);
      this.#busy.set(event.taskId, hosts);
    }
    if (event.type === 'host:result') {
      const hosts = this.#busy.get(event.taskId);
      hosts?.delete(event.host);
      if (hosts?.size === 0) this.#busy.delete(event.taskId);
    }
    this.#emit(event);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const atMs = this.#nowMs();
    if (atMs - this.#lastEventMs < QUIET_MS) return;
    for (const [taskId, hosts] of this.#busy) {
      const since = Math.min(...hosts.values());
      this.#emit({ type: 'waiting', atMs, taskId, hosts: [...hosts.keys()], forMs: atMs - since });
    }
  }
}
