/** What a restart does to a host, said before it is done; pure. */

import { ModuleError } from '../../errors.ts';
import type { Change } from '../../event.ts';
import type { Plan } from '../contract.ts';
import type { RestartOptions } from './options.ts';
import type { DaemonState } from './probe.ts';
import { describeContainer, type RunningContainer, reasonNotBack } from './running-set.ts';

/**
 * The steps, one line each, and what becomes of each container.
 *
 * @throws {@link ModuleError} when it would stop what is protected
 */
export function planRestart(options: RestartOptions, state: DaemonState): Plan {
  const stops = options.state !== 'started' && isUp(state);
  const starts = options.state === 'restarted' || (options.state === 'started' && !isUp(state));
  if (stops || starts) refuseProtected(options, state);
  const result = plannedResult(options, state);
  if (!stops && !starts) return { changes: [], result: { ...result, msg: `the daemon is ${options.state} already` } };
  const changes: Change[] = [];
  if (stops) changes.push({ line: `stop the daemon${pidOf(state)} ${wayOf(options, state)}` });
  if (stops || state.running !== undefined) changes.push(...containerLines(options, state));
  if (starts) changes.push({ line: `start the daemon ${wayOf(options, state)}` });
  if (starts && options.startStopped) {
    for (const container of state.running ?? []) {
      if (!comesBack(container, state)) changes.push({ line: `start container ${describeContainer(container)}` });
    }
  }
  return { changes, result };
}

/** Whether the container runs again without further help once the daemon is back. */
export function comesBack(container: RunningContainer, state: Pick<DaemonState, 'liveRestore'>): boolean {
  return state.liveRestore === true || reasonNotBack(container) === undefined;
}

/** Whether there is a daemon to stop: one that is seen, or one that answers. */
export function isUp({ daemon, noAnswer }: Pick<DaemonState, 'daemon' | 'noAnswer'>): boolean {
  return daemon !== undefined || noAnswer === undefined;
}

function refuseProtected(options: RestartOptions, state: DaemonState): void {
  if (options.allowProtected || state.liveRestore === true) return;
  const hint = 'move them away first, switch live-restore on, or say `allow_protected: true`';
  // The label that always protects cannot be looked for either, but a hung daemon must stay curable.
  if (state.running === undefined) {
    if (options.protect.length <= 1) return;
    throw new ModuleError(
      `expected to know which containers run, found that they cannot be seen (${state.noAnswer ?? 'no answer'}); nothing was stopped, as one of \`protect\` may be among them`,
      plannedResult(options, state),
      { hint: 'set `become: true`, or say `allow_protected: true`' },
    );
  }
  const held = state.running.flatMap((container) => {
    const rule = options.protect.find((each) => each.matches(container));
    return rule === undefined ? [] : [`${describeContainer(container)}, ${rule.words}`];
  });
  if (held.length === 0) return;
  const more = held.length > 3 ? `; and ${held.length - 3} more` : '';
  const which = held.slice(0, 3).join('; ');
  throw new ModuleError(
    `live-restore is off, so this would stop ${held.length} protected container${held.length === 1 ? '' : 's'}: ${which}${more}; nothing was stopped`,
    plannedResult(options, state),
    { hint },
  );
}

function containerLines(options: RestartOptions, state: DaemonState): Change[] {
  if (state.running === undefined)
    return [{ line: `end what containers run, which cannot be seen: ${state.noAnswer}` }];
  return state.running.map((container) => {
    const words = describeContainer(container);
    if (state.liveRestore === true) return { line: `container ${words} keeps running` };
    if (options.state === 'stopped') return { line: `stop container ${words}` };
    const reason = reasonNotBack(container);
    const after =
      reason === undefined ? `comes back: restart policy ${container.restartPolicy}` : `does not come back: ${reason}`;
    return { line: `stop container ${words}; ${after}` };
  });
}

/** The result of check mode, and the frame of every other. */
export function plannedResult(options: RestartOptions, state: DaemonState): Readonly<Record<string, unknown>> {
  const running = state.running ?? [];
  return {
    manager: state.manager,
    pid_before: state.daemon?.pid ?? null,
    answered_before: state.noAnswer === undefined,
    live_restore: state.liveRestore ?? null,
    running_source: state.runningSource,
    running_before: state.running === undefined ? null : running.map(entryOf),
    would_stop: state.liveRestore === true ? [] : running.map(({ name }) => name),
    would_not_come_back:
      options.state === 'stopped' ? [] : running.filter((each) => !comesBack(each, state)).map(({ name }) => name),
  };
}

/** A container of the result. */
export function entryOf({ id, name, image, restartPolicy }: RunningContainer): Readonly<Record<string, string>> {
  return { id, name, image, restart: restartPolicy };
}

function wayOf({ service }: RestartOptions, { manager }: DaemonState): string {
  switch (manager) {
    case 'systemd':
      return `(systemd unit ${service})`;
    case 'service':
      return `(service ${service})`;
    case 'commands':
      return '(with the given command)';
  }
}

function pidOf({ daemon }: DaemonState): string {
  return daemon === undefined ? '' : ` (pid ${daemon.pid})`;
}
