/** `max_fail`: how many hosts of a play may be lost before it ends. */

import { FleetmendError } from '../errors.ts';
import type { Play } from '../playbook/types.ts';
import { toPlain } from '../template/index.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { evaluateRaw } from './conditions.ts';
import type { HostRun } from './host-run.ts';

type Kind = 'failed' | 'unreachable' | 'total';

interface Bound {
  readonly kind: Kind;
  /** Hosts that may be lost. */
  readonly allowed: number;
  readonly words: string;
}

/** The budget of one play; hosts of all its batches count, those whose deadline passed are failed ones. */
export class FailBudget {
  readonly #bounds: readonly Bound[];
  readonly #hostCount: number;
  readonly #failed = new Set<HostRun>();
  readonly #unreachable = new Set<HostRun>();

  /** @throws FleetmendError INVALID_ARGUMENT for a bound that is neither a number nor a percentage */
  constructor(play: Play, hostCount: number, scope: LayeredScope) {
    this.#hostCount = hostCount;
    this.#bounds = Object.entries(play.maxFail ?? {}).map(([kind, raw]) => {
      const value = toPlain(evaluateRaw(raw, scope));
      const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(String(value));
      if (match === null) {
        const { file, line, column } = raw.source;
        const message = `expected \`max_fail.${kind}\` to be a number of hosts or a percentage, found '${String(value)}'`;
        throw new FleetmendError('INVALID_ARGUMENT', `${file}:${line}:${column}: ${message}`);
      }
      const amount = Number(match[1]);
      const allowed = match[2] === '%' ? (amount / 100) * hostCount : amount;
      return { kind: kind as Kind, allowed, words: `max_fail allows ${kind} ${String(value).trim()}` };
    });
  }

  /**
   * Counts a host that is lost to the play.
   *
   * @returns why the play must end; undefined while it may go on
   */
  note(host: HostRun): string | undefined {
    if (this.#bounds.length === 0) return undefined;
    (host.standing === 'unreachable' ? this.#unreachable : this.#failed).add(host);
    const [failed, unreachable] = [this.#failed.size, this.#unreachable.size];
    const lost = { failed, unreachable, total: failed + unreachable };
    const over = this.#bounds.find(({ kind, allowed }) => lost[kind] > allowed);
    if (over === undefined) return undefined;
    return `${failed + unreachable} of ${this.#hostCount} hosts are lost (${failed} failed, ${unreachable} unreachable); ${over.words}`;
  }
}
