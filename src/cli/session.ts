/** What `run` and `exec` do around the engine: settings, passwords, lock, inventory, reports, exit code. */

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runPlaybooks } from '../engine/run.ts';
import { errorMessage, FleetmendError, UsageError } from '../errors.ts';
import type { EventSink, RunEvent } from '../event.ts';
import { findModule } from '../modules/registry.ts';
import type { Playbook } from '../playbook/types.ts';
import { type ExecReportOptions, redactingSink, type TerminalReportOptions } from '../report/index.ts';
import { acquireLock, type LockWait } from '../schedule/index.ts';
import { DEFAULT_CONNECT_LIMITS, type Transports } from '../transport/index.ts';
import { parseDurationMs } from '../util/duration.ts';
import { createSteadyClock } from '../util/steady-clock.ts';
import { askLine, askPassword, canAsk } from './ask.ts';
import { loadConfig } from './config.ts';
import { connectionDefaults } from './connection-defaults.ts';
import { extraVarsLayers, varsFileLayer } from './extra-vars.ts';
import { factsBetweenRuns } from './facts-between-runs.ts';
import { boundHeap } from './heap.ts';
import { type Interrupts, watchInterrupts } from './interrupts.ts';
import type { Io } from './io.ts';
import { mergeSettings } from './merge-settings.ts';
import { budgetOpenFiles, openFileCount, openFileLimit } from './open-file-budget.ts';
import type { ConnectionFlags, InventoryFlags, RunFlags, VaultFlags } from './options.ts';
import { passphraseSource } from './passphrase.ts';
import { readInventory, stateDirOf } from './read-inventory.ts';
import { openReports } from './reports.ts';
import { readSourceFile } from './source-file.ts';
import { createTransports } from './transports.ts';
import type { VaultAccess } from './vault/passwords.ts';
import { VERSION } from './version.ts';

export type SessionFlags = InventoryFlags & ConnectionFlags & RunFlags & VaultFlags;

export interface SessionOptions {
  readonly playbooks: readonly Playbook[];
  readonly flags: SessionFlags;
  readonly io: Io;
  readonly vault: VaultAccess;
  /** Lock to hold when the flags name none; undefined: no lock. */
  readonly defaultLock?: string;
  /** Folders whose group_vars/ and host_vars/ count for the plays in them. */
  readonly playbookDirs?: readonly string[];
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly forceHandlers?: boolean;
  readonly step?: boolean;
  /** Makes the report for people; default: tasks and recap. */
  readonly mainReport: (options: MainReportOptions) => MainReport;
}

/** A report that may have to get out of the way while a person is asked something. */
export interface MainReport extends EventSink {
  pause?(): Promise<void>;
  resume?(): void;
}

/** What either report for people is told; `writeStatus` is for notices beside the output of `exec`. */
export type MainReportOptions = TerminalReportOptions & Pick<ExecReportOptions, 'writeStatus'>;

/** Runs playbooks from the command line. @returns the exit code */
export async function runSession(session: SessionOptions): Promise<number> {
  const { flags, io } = session;
  const config = loadConfig(io);
  for (const warning of config.warnings) io.err(`fleetmend: warning: ${warning}\n`);
  const settings = mergeSettings(flags, config.settings);
  const forks = settings.forks ?? 50;
  const connecting = settings.connecting ?? DEFAULT_CONNECT_LIMITS.atOnce;
  const lockWait = parseLockWait(settings.lockWait ?? 'skip');
  // Reports are checked first: a run whose record cannot be written must not start.
  const reports = openReports(flags.report ?? [], io);
  const interrupts = watchInterrupts(io, settings.deadline);
  const { keyring: vault, secrets } = session.vault;
  const releaseHeap = boundHeap();
  try {
    const extraVars = extraVarsLayers(flags.extraVars ?? [], vault);
    const connection = await connectionDefaults(settings, flags, io, interrupts, secrets);
    const lockName = flags.lock ?? (flags.check === true ? undefined : session.defaultLock);
    const stateDir = stateDirOf(settings, io);
    const lock =
      lockName === undefined
        ? undefined
        : await acquireLock(lockName, {
            stateDir,
            wait: lockWait,
            command: `fleetmend ${lockName}`,
            pid: io.pid,
            signal: interrupts.signal,
            onWait: (holder) => io.err(`fleetmend: waiting for the lock, which is held by ${holder}\n`),
          });
    try {
      const { inventory, select, refresh } = await readInventory({
        flags,
        settings,
        io,
        signal: interrupts.signal,
        playbookDirs: session.playbookDirs,
        vault,
      });
      const nowMs = createSteadyClock();
      const main = session.mainReport({
        nowMs,
        write: reports.stdoutTaken ? io.err : io.out,
        writeStatus: io.err,
        isTty: (reports.stdoutTaken ? io.errIsTty : io.outIsTty) && io.env.CI === undefined && io.env.TERM !== 'dumb',
        get columns() {
          return io.columns;
        },
        get rows() {
          return io.rows;
        },
        color: (reports.stdoutTaken ? io.errIsTty : io.outIsTty) && !io.env.NO_COLOR,
        verbosity: Math.min(4, flags.verbose ?? 0),
        quiet: flags.quiet === true,
        checkMode: flags.check === true,
        diff: flags.diff === true,
        retryFile: flags.retryFile,
      });
      interrupts.notify = (text) => void aside(main, async () => io.err(text));
      const sinks = [main, ...reports.sinks].map((sink) => redactingSink(sink, secrets.redactor));
      const emit = (event: RunEvent): void => {
        for (const sink of sinks) sink.onEvent(event);
      };
      const wishes = { forks, connecting, hostCount: select('all').length };
      const budget = budgetOpenFiles(wishes, openFileLimit() ?? Number.POSITIVE_INFINITY, openFileCount());
      const facts = await factsBetweenRuns(
        settings,
        io,
        flags.flushCache === true ? select('all').map((host) => host.name) : [],
        {
          onWarning: (message, host) => emit({ type: 'warning', atMs: nowMs(), message, host }),
          openVault: (text) => vault.openValue(text),
        },
      );
      const ask = canAsk(io) ? (question: string) => aside(main, () => askPassword(question, interrupts)) : undefined;
      const command = settings.passphraseCommand;
      const onSecret = (secret: string) => secrets.add(secret);
      const passphraseOf =
        ask === undefined && command === undefined
          ? undefined
          : passphraseSource({ command, ask, env: io.env, signal: interrupts.signal, onSecret });
      const transports = createTransports({
        passphraseOf,
        limits: { ...DEFAULT_CONNECT_LIMITS, atOnce: budget.connecting, perSecond: settings.connectRate },
      });
      try {
        const result = await runPlaybooks({
          runId: randomUUID(),
          version: VERSION,
          trigger: io.env.CI === undefined ? 'cli' : 'ci',
          playbooks: session.playbooks,
          inventory,
          selectHosts: select,
          refreshInventory: refresh,
          findModule,
          transports,
          connection,
          ...budget,
          checkMode: flags.check === true,
          diffMode: flags.diff === true,
          verbosity: flags.verbose ?? 0,
          limit: flags.limit,
          tags: splitTags(session.tags),
          skipTags: splitTags(session.skipTags),
          startAtTask: session.startAtTask,
          forceHandlers: session.forceHandlers === true || settings.forceHandlers === true,
          extraVars,
          allowBrokenConditionals: settings.allowBrokenConditionals,
          gathering: settings.gathering,
          factStore: facts === undefined ? undefined : (host) => facts.of(host),
          mergeHashes: settings.hashBehaviour === 'merge',
          commandTimeoutMs: settings.commandTimeout ?? 300_000,
          hostTimeoutMs: settings.hostTimeout,
          signal: interrupts.signal,
          allowEmpty: flags.allowEmpty === true,
          emit,
          onSecret: (secret) => secrets.add(secret),
          readVarsFile: (path) => varsFileLayer(path, 'vars_files', vault),
          readSource: readSourceFile,
          prompt: canAsk(io)
            ? (text, options) => aside(main, () => askLine(`${text.trimEnd()}: `, { ...options, interrupts }))
            : undefined,
          confirmTask: session.step === true ? (name) => aside(main, () => confirmTask(name, interrupts)) : undefined,
          openVault: (text) => vault.openValue(text),
          openVaultFile: (content, path) => vault.openBytes(content, path),
          env: io.env,
          nowMs,
        });
        if (flags.retryFile !== undefined) writeRetryFile(flags.retryFile, result.badHosts);
        return result.exitCode;
      } finally {
        await facts?.close();
        await closeAll(sinks, transports);
      }
    } finally {
      await lock?.release();
    }
  } catch (error) {
    // What fails because the run was ended from outside is not the cause.
    if (interrupts.signal.aborted && error instanceof FleetmendError && error.code !== 'REPORT_FAILED')
      throw interrupts.signal.reason;
    throw error;
  } finally {
    interrupts.stop();
    releaseHeap();
  }
}

// Does something at the terminal while the report holds still.
async function aside<T>(report: MainReport, work: () => Promise<T>): Promise<T> {
  await report.pause?.();
  try {
    return await work();
  } finally {
    report.resume?.();
  }
}

async function closeAll(sinks: readonly EventSink[], transports: Transports): Promise<void> {
  const closed = await Promise.allSettled([...sinks, ...Object.values(transports)].map((each) => each.close()));
  const failed = closed.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function parseLockWait(text: string): LockWait {
  if (text === 'skip' || text === 'none') return text;
  const waitMs = parseDurationMs(text);
  if (waitMs === undefined)
    throw new UsageError(`expected \`--lock-wait\` to be 'skip', 'none' or a duration such as 5m, found '${text}'`);
  return { waitMs };
}

function splitTags(tags: readonly string[] | undefined): string[] {
  return (tags ?? [])
    .flatMap((each) => each.split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

async function confirmTask(name: string, interrupts: Interrupts): Promise<'yes' | 'no' | 'continue'> {
  const question = `Run task '${name}'? (y)es, (n)o, (c)ontinue without asking: `;
  const answer = (await askLine(question, { echo: true, interrupts })).trim().toLowerCase();
  if (answer === 'c' || answer === 'continue') return 'continue';
  return answer === 'y' || answer === 'yes' ? 'yes' : 'no';
}

function writeRetryFile(path: string, hosts: readonly string[]): void {
  try {
    writeFileSync(path, hosts.map((host) => `${host}\n`).join(''));
  } catch (error) {
    throw new FleetmendError('REPORT_FAILED', `cannot write the retry file '${path}': ${errorMessage(error)}`);
  }
}

/** The lock of a run that names none: its playbooks, wherever it is started from. */
export function lockNameOf(playbooks: readonly string[], cwd: string): string {
  return playbooks.map((path) => resolve(cwd, path)).join(' ');
}
