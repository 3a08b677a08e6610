/** Runs a module once on a host: probe, plan, and apply unless check mode is on. */

import { errorMessage, type FleetmendError, ModuleError } from '../errors.ts';
import type { Change } from '../event.ts';
import type { JobWishes, Module, ModuleContext, Outcome, RunOptions } from '../modules/contract.ts';
import type { Become, Connection, ExecResult } from '../transport/types.ts';
import { formatDuration } from '../util/duration.ts';
import { CommandEndedError } from './failure.ts';

/** What one pass of a module came to. Failures that were thrown are not here: see failure.ts. */
export interface Pass {
  readonly status: 'ok' | 'changed' | 'skipped' | 'failed';
  readonly data: Readonly<Record<string, unknown>>;
  readonly changes: readonly Change[];
  readonly warnings: readonly string[];
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly factsDiscovered: boolean;
  readonly factsCacheable?: boolean;
  readonly includedVars?: Outcome['includedVars'];
}

export interface PassOptions {
  readonly runId: string;
  readonly host: string;
  readonly module: Module;
  readonly args: Readonly<Record<string, unknown>>;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly verbosity: number;
  readonly searchPaths: readonly string[];
  readonly templatePaths: readonly string[];
  readonly varsPaths: readonly string[];
  readonly readVarsFile: ModuleContext['readVarsFile'];
  /** Deadline of each script where the module asks for none of its own. */
  readonly commandTimeoutMs: number;
  /** A script without output for so long is ended. */
  readonly idleTimeoutMs?: number;
  /** Deadline of the whole task, from its `timeout` keyword. */
  readonly taskTimeoutMs?: number;
  readonly signal: AbortSignal;
  readonly become?: Become;
  readonly environment: Readonly<Record<string, string>>;
  readonly job?: JobWishes;
  /** Undefined for modules that run on the controller, and for those that connect themselves. */
  readonly connection?: Connection;
  /** Opens another connection in place of the one that there is; undefined for modules that run on the controller. */
  readonly reconnect?: (timeoutMs?: number) => Promise<Connection>;
  /** Whether more scripts will follow as this user, so that a shell may be opened ahead. */
  readonly moreFollow: boolean;
  readonly openVaultFile: ModuleContext['openVaultFile'];
  readonly wholeRun: ModuleContext['wholeRun'];
  readonly evaluate: ModuleContext['evaluate'];
  readonly holds: ModuleContext['holds'];
  readonly placeOf: ModuleContext['placeOf'];
  readonly render: ModuleContext['render'];
  readonly prompt?: (text: string, options: { echo: boolean; signal: AbortSignal }) => Promise<string>;
  readonly nowMs: () => number;
}

/**
 * Runs one pass.
 *
 * @throws {@link ModuleError}, TransportError: the host's failure; FactsNeeded: gather facts and run again
 */
export async function runPass(options: PassOptions): Promise<Pass> {
  const { module, args, checkMode, diffMode } = options;
  const deadline = options.taskTimeoutMs === undefined ? undefined : taskDeadline(options);
  const context = moduleContext(options, deadline);
  try {
    const state = await module.probe(args, context);
    const plan = module.plan(args, state);
    const changed = plan.changes.length > 0 || plan.unknowable === true;
    const note = plan.note === undefined ? {} : { msg: plan.note };
    if (!changed) return pass('ok', { changed: false, ...note, ...plan.result }, [], plan.warnings ?? []);
    if (checkMode && plan.unknowable === true) {
      const msg = `check mode: would run ${module.spec.name}, the result cannot be known without running it`;
      return pass('skipped', { changed: false, skipped: true, msg, ...plan.result }, plan.changes, []);
    }
    if (checkMode && module.spec.checkMode !== 'none') {
      return pass(
        'changed',
        { changed: true, ...note, ...plan.result, ...diffData(plan.changes, diffMode) },
        plan.changes,
        plan.warnings ?? [],
      );
    }
    const outcome = await module.apply(args, state, plan, context);
    return passOf(outcome, plan.changes, diffMode);
  } catch (error) {
    // A module that says itself what was done and what was not knows more than the deadline.
    throw error instanceof ModuleError ? error : (deadline?.expired() ?? error);
  } finally {
    deadline?.clear();
  }
}

function passOf(outcome: Outcome, planned: readonly Change[], diffMode: boolean): Pass {
  const changed = outcome.changed ?? true;
  const changes = outcome.changes ?? (changed ? planned : []);
  const data: Record<string, unknown> = { changed, ...outcome.result, ...diffData(changes, diffMode) };
  const status = outcome.failed === true ? 'failed' : outcome.skipped === true ? 'skipped' : changed ? 'changed' : 'ok';
  if (status === 'failed') markFailed(data);
  if (status === 'skipped') data.skipped = true;
  return {
    status,
    data,
    changes,
    warnings: outcome.warnings ?? [],
    facts: outcome.facts,
    factsDiscovered: outcome.factsDiscovered === true,
    factsCacheable: outcome.factsCacheable,
    includedVars: outcome.includedVars,
  };
}

/** Sets Ansible's `failed`, unless the module gave the list of what failed under that name. */
export function markFailed(data: Record<string, unknown>): void {
  if (!Array.isArray(data.failed)) data.failed = true;
}

function pass(
  status: Pass['status'],
  data: Readonly<Record<string, unknown>>,
  changes: readonly Change[],
  warnings: readonly string[],
): Pass {
  return { status, data, changes, warnings, factsDiscovered: false };
}

function diffData(changes: readonly Change[], diffMode: boolean): { diff?: unknown } {
  const diffs = diffMode ? changes.flatMap((change) => (change.diff === undefined ? [] : [change.diff])) : [];
  return diffs.length === 0 ? {} : { diff: diffs.map((diff) => ({ ...diff })) };
}

interface TaskDeadline {
  readonly endsAtMs: number;
  readonly signal: AbortSignal;
  expired(): Error | undefined;
  clear(): void;
}

function taskDeadline(options: PassOptions): TaskDeadline {
  const ms = options.taskTimeoutMs ?? 0;
  const controller = new AbortController();
  let expired: Error | undefined;
  const timer = setTimeout(() => {
    const nothing = { stdout: '', stderr: '' };
    expired = new CommandEndedError('COMMAND_TIMEOUT', `no end within ${formatDuration(ms)}`, nothing, ms);
    controller.abort(expired);
  }, ms + TASK_GRACE_MS);
  return {
    endsAtMs: options.nowMs() + ms,
    signal: controller.signal,
    expired: () => expired,
    clear: () => clearTimeout(timer),
  };
}

// A script's own deadline comes first, so that its remote process is dealt with and the result says so; this much later
// the task is ended whatever it does (a wait on the controller, a prompt).
const TASK_GRACE_MS = 250;

function moduleContext(options: PassOptions, deadline: TaskDeadline | undefined): ModuleContext {
  const { signal: outer, nowMs } = options;
  let { connection } = options;
  const signal = deadline === undefined ? outer : AbortSignal.any([outer, deadline.signal]);
  // How long a script may take, and what was asked for: of a task's deadline less may be left.
  const limitFor = (own: number | undefined): { readonly leftMs: number; readonly askedMs: number } => {
    const base = own ?? (deadline === undefined ? options.commandTimeoutMs : Number.POSITIVE_INFINITY);
    const left = deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(1, deadline.endsAtMs - nowMs());
    return left < base ? { leftMs: left, askedMs: options.taskTimeoutMs ?? left } : { leftMs: base, askedMs: base };
  };
  return {
    runId: options.runId,
    host: options.host,
    checkMode: options.checkMode,
    diffMode: options.diffMode,
    verbosity: options.verbosity,
    searchPaths: options.searchPaths,
    templatePaths: options.templatePaths,
    varsPaths: options.varsPaths,
    readVarsFile: options.readVarsFile,
    timeoutMs: options.taskTimeoutMs ?? options.commandTimeoutMs,
    signal,
    become: options.become,
    environment: options.environment,
    job: options.job,
    get connection(): Connection {
      if (connection === undefined) throw new ModuleError('this module has no connection to a host');
      return connection;
    },
    async reconnect(timeoutMs): Promise<void> {
      if (options.reconnect === undefined) throw new ModuleError('this module has no connection to a host');
      connection = await options.reconnect(timeoutMs);
    },
    async run(script: string, run: RunOptions = {}): Promise<ExecResult> {
      if (connection === undefined) throw new ModuleError('this module has no connection to a host');
      // Interrupts of the host or the run go to the command itself, so that it is killed and looked at.
      const { leftMs, askedMs } = limitFor(run.timeoutMs);
      if (options.moreFollow && run.raw !== true) connection.prepare(options.become);
      const result = await connection.exec({
        script,
        stdin: run.stdin,
        raw: run.raw,
        become: options.become,
        environment: options.environment,
        timeoutMs: leftMs,
        idleTimeoutMs: options.idleTimeoutMs,
        signal: outer,
        maxOutputBytes: run.maxOutputBytes,
      });
      if (result.ended === 'exited') return result;
      throw endedError(result, { limitMs: askedMs, idleTimeoutMs: options.idleTimeoutMs ?? 0, signal: outer });
    },
    openVaultFile: options.openVaultFile,
    wholeRun: options.wholeRun,
    evaluate: options.evaluate,
    holds: options.holds,
    placeOf: options.placeOf,
    render: options.render,
    async prompt(text, prompt): Promise<string> {
      if (options.prompt === undefined) {
        throw new ModuleError('there is no terminal to ask at; give the pause `seconds` or `minutes`, or run by hand');
      }
      const limit =
        prompt.timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(prompt.timeoutMs)]);
      return options.prompt(text, { echo: prompt.echo, signal: limit });
    },
    sleep: (durationMs) => sleep(durationMs, signal),
    nowMs,
  };
}

function endedError(
  result: ExecResult,
  limits: { readonly limitMs: number; readonly idleTimeoutMs: number; readonly signal: AbortSignal },
): CommandEndedError {
  const fate = result.remote === undefined ? '' : `; ${describeFate(result.remote, result.remotePids ?? [])}`;
  if (result.ended === 'timed_out') {
    const message = `no end within ${formatDuration(limits.limitMs)}${fate}`;
    return new CommandEndedError('COMMAND_TIMEOUT', message, result, limits.limitMs);
  }
  if (result.ended === 'idle') {
    const message = `no output for ${formatDuration(limits.idleTimeoutMs)}${fate}`;
    return new CommandEndedError('COMMAND_TIMEOUT', message, result);
  }
  const reason = limits.signal.reason as FleetmendError | undefined;
  return new CommandEndedError(
    reason?.code ?? 'INTERRUPTED',
    `${errorMessage(reason ?? 'interrupted')}${fate}`,
    result,
  );
}

function describeFate(remote: NonNullable<ExecResult['remote']>, pids: readonly number[]): string {
  switch (remote) {
    case 'gone':
      return 'the remote process was killed and is gone';
    case 'still_running': {
      const who = pids.length === 0 ? '' : ` (pid ${pids.join(', ')})`;
      return `the remote process does not die (KILL was sent): it is still running${who}`;
    }
    case 'unknown':
      return 'the host does not answer, so the remote process may still be running';
  }
}

/** Resolves after a time; rejects with the signal's reason when it fires first. */
export function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, durationMs);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
