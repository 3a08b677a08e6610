/** Cuts the hosts of a play into the batches of `serial`. */

import { FleetmendError, type Position, placeText } from '../errors.ts';

/**
 * The batches of a play. `serial` is a number, a percentage of all hosts ("30%", at least 1 host), or a list of these, of
 * which the last is used again until no host is left. Undefined, 0, or a number beyond the hosts: one batch.
 *
 * @throws FleetmendError INVALID_ARGUMENT when it is neither
 * @see https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_strategies.html#setting-the-batch-size-with-serial
 */
export function splitBatches<T>(hosts: readonly T[], serial: unknown, source: Position): T[][] {
  if (serial === undefined || serial === null) return hosts.length === 0 ? [] : [[...hosts]];
  const steps = Array.isArray(serial) ? serial : [serial];
  const batches: T[][] = [];
  let at = 0;
  for (let step = 0; at < hosts.length; step++) {
    const written = steps[Math.min(step, steps.length - 1)];
    const size = batchSize(canaryOf(written) ?? written, hosts.length, source);
    const end = size === 0 ? hosts.length : at + size;
    batches.push(hosts.slice(at, end));
    at = end;
  }
  return batches;
}

/** Whether the first batch is a canary, `serial: [{canary: 1}, …]`: the play ends unless all its hosts are fine. */
export function startsWithCanary(serial: unknown): boolean {
  return Array.isArray(serial) && canaryOf(serial[0]) !== undefined;
}

function canaryOf(step: unknown): unknown {
  return typeof step === 'object' && step !== null && 'canary' in step ? step.canary : undefined;
}

/** Hosts that one step of `serial` stands for; 0: all. */
function batchSize(step: unknown, hostCount: number, source: Position): number {
  if (typeof step === 'number' && Number.isInteger(step) && step >= 0) return step;
  if (typeof step === 'string') {
    const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(step);
    if (match !== null) {
      const amount = Number(match[1]);
      if (match[2] === '%') return amount === 0 ? 0 : Math.max(1, Math.floor((amount / 100) * hostCount));
      if (Number.isInteger(amount)) return amount;
    }
  }
  throw new FleetmendError(
    'INVALID_ARGUMENT',
    `${placeText(source)}: expected \`serial\` to be a number of hosts, a percentage or a list of these, found '${String(step)}'`,
  );
}
