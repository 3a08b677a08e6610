/** What a session will do, worked out from flags and settings before anything is opened. */
import type { EngineOptions } from '../../engine/options.ts';
import { DEFAULT_CONNECT_LIMITS } from '../../transport/index.ts';
import { loadConfig } from '../config.ts';
import { mergeSettings } from '../merge-settings.ts';
import type { Settings } from '../settings.ts';
import { tagSelection } from '../tags.ts';
import { type LockPlan, planLock } from './lock.ts';
import type { SessionOptions } from './options.ts';

export interface SessionPlan {
  readonly settings: Settings;
  /** What is asked for; the limit of open files may allow less. */
  readonly wishes: { readonly forks: number; readonly connecting: number };
  /** Undefined: the run may be there more than once. */
  readonly lock?: LockPlan;
  /** All that the engine is told and that is known before the run. */
  readonly run: PlannedRun;
}

type PlannedRun = Pick<
  EngineOptions,
  | 'trigger'
  | 'playbooks'
  | 'checkMode'
  | 'diffMode'
  | 'verbosity'
  | 'limit'
  | 'tags'
  | 'skipTags'
  | 'startAtTask'
  | 'forceHandlers'
  | 'allowBrokenConditionals'
  | 'gathering'
  | 'mergeHashes'
  | 'commandTimeoutMs'
  | 'hostTimeoutMs'
  | 'allowEmpty'
  | 'env'
>;

/** Prints the warnings about configuration files. @throws UsageError, FleetmendError about a configuration file */
export function planSession(session: SessionOptions): SessionPlan {
  const { flags, io } = session;
  const config = loadConfig(io);
  for (const warning of config.warnings) io.err(`fleetmend: warning: ${warning}\n`);
  const settings = mergeSettings(flags, config.settings);
  return {
    settings,
    wishes: { forks: settings.forks ?? 50, connecting: settings.connecting ?? DEFAULT_CONNECT_LIMITS.atOnce },
    lock: planLock(session, settings),
    run: {
      trigger: io.env.CI === undefined ? 'cli' : 'ci',
      playbooks: session.playbooks,
      checkMode: flags.check === true,
      diffMode: flags.diff === true,
      verbosity: flags.verbose ?? 0,
      limit: flags.limit,
      ...tagSelection(session),
      startAtTask: session.startAtTask,
      forceHandlers: session.forceHandlers === true || settings.forceHandlers === true,
      allowBrokenConditionals: settings.allowBrokenConditionals,
      gathering: settings.gathering,
      mergeHashes: settings.hashBehaviour === 'merge',
      commandTimeoutMs: settings.commandTimeout ?? 300_000,
      hostTimeoutMs: settings.hostTimeout,
      allowEmpty: flags.allowEmpty === true,
      env: io.env,
    },
  };
}
