/** Which keys change, and the least that makes the daemon take them; pure. */

import { ModuleError } from '../../errors.ts';
import type { Change } from '../../event.ts';
import type { Plan } from '../contract.ts';
import { planRestart } from '../docker-restart/plan.ts';
import { changedKeys, mergeSettings, printDocument, type Settings } from './document.ts';
import { isReloadable, MERGED_WITH_FLAGS } from './keys.ts';
import type { ConfigOptions } from './options.ts';
import type { ConfigState } from './probe.ts';
import { notTaken } from './taken.ts';

/** What is to be done. */
export interface ConfigWork {
  readonly settings: Settings;
  readonly text: string;
  /** Keys whose values in the file change. */
  readonly changed: readonly string[];
  /** Keys that the file has already, but the daemon does not work with. */
  readonly pending: readonly string[];
  /** Keys that only a restart makes the daemon take. */
  readonly restartKeys: readonly string[];
  readonly step: 'none' | 'reload' | 'restart';
}

/**
 * Decides.
 *
 * @throws {@link ModuleError} when a key is given on the daemon's command line too: it would refuse the file
 */
export function decide(options: ConfigOptions, state: ConfigState): ConfigWork {
  const settings = mergeSettings(state.settings, options.settings);
  refuseConflicts(options, settings, state);
  const changed = changedKeys(state.settings, settings);
  const wanted = Object.fromEntries(Object.entries(settings).filter(([key]) => Object.hasOwn(options.settings, key)));
  const pending = notTaken(wanted, { info: state.info }).filter((key) => !changed.includes(key));
  const isUp = state.daemon !== undefined || state.info !== undefined;
  const all = isUp ? [...changed, ...pending] : [];
  const restartKeys = all.filter((key) => !isReloadable(key, settings[key] === undefined));
  const restarts = restartKeys.length > 0 && options.restart !== undefined;
  const reloads = options.reload && all.length > restartKeys.length;
  const text = changed.length === 0 ? state.text : printDocument(settings, state.text);
  return { settings, text, changed, pending, restartKeys, step: restarts ? 'restart' : reloads ? 'reload' : 'none' };
}

/** The plan: a line a key, one for what the daemon is told, and those of the restart. */
export function planConfig(options: ConfigOptions, state: ConfigState): Plan {
  const work = decide(options, state);
  const restart =
    work.step === 'restart' && options.restart !== undefined && state.restart !== undefined
      ? planRestart(options.restart, state.restart).changes
      : [];
  const diff = { before: state.text, after: work.text, path: state.path };
  const changes: Change[] = work.changed.map((key, index) => ({
    line: lineOf(key, state, work.settings),
    ...(index === 0 ? { diff } : {}),
  }));
  if (work.step === 'reload') {
    const keys = [...work.changed, ...work.pending].filter((key) => !work.restartKeys.includes(key));
    changes.push({ line: `reload the daemon (SIGHUP) for ${keys.join(', ')}` });
  }
  const result = {
    path: state.path,
    changed_keys: work.changed,
    ...restartNeed(work, work.step === 'restart'),
    msg: '',
  };
  const msg =
    changes.length === 0 && restart.length === 0 ? `${state.path} is as wanted${needWords(work)}` : planWords(work);
  return { changes: [...changes, ...restart], result: { ...result, msg } };
}

/** `restart_needed` and `restart_keys` of the result. */
export function restartNeed(work: ConfigWork, isRestarted: boolean): Readonly<Record<string, unknown>> {
  const restart_keys = isRestarted ? [] : work.restartKeys;
  return { restart_needed: restart_keys.length > 0, restart_keys };
}

/** `; a restart is needed for log-driver`, or nothing. */
export function needWords(work: ConfigWork): string {
  const isNeeded = work.step !== 'restart' && work.restartKeys.length > 0;
  return isNeeded ? `; a restart is needed for ${work.restartKeys.join(', ')}` : '';
}

function planWords(work: ConfigWork): string {
  const what = work.changed.length === 0 ? 'no key' : work.changed.join(', ');
  return `would change ${what}${needWords(work)}`;
}

function lineOf(key: string, state: ConfigState, after: Settings): string {
  const before = state.settings[key];
  if (after[key] === undefined) return `remove ${key} from ${state.path} (it was ${JSON.stringify(before)})`;
  const was = before === undefined ? 'not set before' : `it was ${JSON.stringify(before)}`;
  return `set ${key} to ${JSON.stringify(after[key])} in ${state.path} (${was})`;
}

function refuseConflicts(options: ConfigOptions, settings: Settings, { daemon, path }: ConfigState): void {
  if (daemon === undefined) return;
  // A file of another daemon than the one that runs is not judged by its flags.
  const file = daemon.flags.get('config-file')?.at(-1) ?? '/etc/docker/daemon.json';
  if (options.path !== undefined && file !== path) return;
  const keys = Object.keys(settings).filter((key) => daemon.flags.has(key) && !MERGED_WITH_FLAGS.has(key));
  if (keys.length === 0) return;
  throw new ModuleError(
    `${keys.join(', ')} would be both in ${path} and on the command line of the daemon (pid ${daemon.pid}), which then refuses to reload and to start; nothing was changed`,
    { path, conflicts: keys },
    { hint: 'take the flag out of the unit of the service first, or leave the key out of the file' },
  );
}
