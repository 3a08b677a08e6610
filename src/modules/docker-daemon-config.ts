/** `docker_daemon_config`: merges settings into daemon.json, does the least for the daemon to take them, and proves that it did. */

import { ModuleError } from '../errors.ts';
import { defineModule, type Module, type ModuleContext, type Outcome, type Plan } from './contract.ts';
import { askDaemon, reloadDaemon, restoreFile, writeFile } from './docker-daemon-config/apply.ts';
import { type ConfigArgs, type ConfigOptions, normalizeOptions } from './docker-daemon-config/options.ts';
import { type ConfigWork, decide, needWords, planConfig, restartNeed } from './docker-daemon-config/plan.ts';
import { type ConfigState, readConfig } from './docker-daemon-config/probe.ts';
import { spec } from './docker-daemon-config/spec.ts';
import { isTaken, type Testimony } from './docker-daemon-config/taken.ts';
import { restartDaemon } from './docker-restart.ts';

/** The module, under `fleetmend.docker_daemon_config` and `docker_daemon_config`. */
export const dockerDaemonConfig: Module = defineModule<ConfigArgs, ConfigState>({
  spec,

  probe: (args, context) => readConfig(context, normalizeOptions(args)),

  plan: (args, state): Plan => planConfig(normalizeOptions(args), state),

  async apply(args, state, _plan, context): Promise<Outcome> {
    const options = normalizeOptions(args);
    const work = decide(options, state);
    const backup = work.changed.length === 0 ? undefined : await writeFile(context, options, state, work.text);
    const { testimony, restarted } = await take(context, options, state, work);
    const result = {
      path: state.path,
      backup_file: backup ?? null,
      changed_keys: work.changed,
      reloaded: work.step === 'reload',
      restarted: restarted ?? null,
      ...restartNeed(work, restarted !== undefined),
    };
    const done = [...work.changed, ...work.pending].filter(
      (key) => restarted !== undefined || !work.restartKeys.includes(key),
    );
    const said = done.map((key) => [key, isTaken(key, work.settings[key], testimony)] as const);
    const keysOf = (wanted: boolean | undefined) => said.flatMap(([key, taken]) => (taken === wanted ? [key] : []));
    const refused = keysOf(false);
    const proof = { taken: keysOf(true), not_said: keysOf(undefined), refused };
    const msg =
      refused.length === 0
        ? `${wordsOf(work)}${needWords(work)}`
        : `the daemon does not work with ${refused.join(', ')} as ${state.path} says`;
    return { failed: refused.length > 0, result: { ...result, ...proof, msg } };
  },
});

// Makes the daemon take the file; what it refuses is put back.
async function take(
  context: ModuleContext,
  options: ConfigOptions,
  state: ConfigState,
  work: ConfigWork,
): Promise<{ testimony: Testimony; restarted?: Readonly<Record<string, unknown>> }> {
  if (work.step === 'reload') {
    const testimony = await reloadDaemon(context, options, state);
    if (testimony !== undefined) return { testimony };
    if (work.changed.length > 0) await restoreFile(context, options, state);
    throw new ModuleError(
      `the daemon did not reload ${state.path}; the file was put back as it was, and the daemon works as before`,
      { path: state.path, changed: false },
      { hint: 'the log of the daemon says which key it refuses' },
    );
  }
  if (work.step === 'none' || options.restart === undefined || state.restart === undefined) return { testimony: {} };
  try {
    const { result } = await restartDaemon(context, options.restart, state.restart);
    return { testimony: await askDaemon(context, options, state), restarted: result };
  } catch (error) {
    if (!(error instanceof ModuleError) || error.result.step !== 'start' || work.changed.length === 0) throw error;
    await restoreFile(context, options, state);
    const { daemon: _gone, ...rest } = state.restart;
    await restartDaemon(context, { ...options.restart, state: 'started' }, { ...rest, noAnswer: 'it was stopped' });
    throw new ModuleError(
      `the daemon did not start with the new ${state.path}: ${error.message}; the file was put back as it was, and the daemon runs with it`,
      { ...error.result, path: state.path, changed: true },
    );
  }
}

function wordsOf(work: ConfigWork): string {
  const keys = [...work.changed, ...work.pending].join(', ');
  switch (work.step) {
    case 'restart':
      return `set ${keys}, and the daemon was restarted`;
    case 'reload':
      return `set ${keys}, and the daemon reloaded it`;
    default:
      return `set ${keys}`;
  }
}
