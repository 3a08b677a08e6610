/** What `run` and `exec` do around the engine: plan, open what is needed, run, close, exit code. */
import { randomUUID } from 'node:crypto';
import type { ConnectionDefaults } from '../../engine/options.ts';
import { runPlaybooks } from '../../engine/run.ts';
import { FleetmendError } from '../../errors.ts';
import type { EventSink } from '../../event.ts';
import type { VarsLayer } from '../../inventory/types.ts';
import { findModule } from '../../modules/registry.ts';
import type { Transports } from '../../transport/index.ts';
import { createSteadyClock } from '../../util/steady-clock.ts';
import { connectionDefaults } from '../connection-defaults.ts';
import { extraVarsLayers, varsFileLayer } from '../extra-vars.ts';
import { boundHeap } from '../heap.ts';
import { type Interrupts, watchInterrupts } from '../interrupts.ts';
import { readInventory } from '../read-inventory.ts';
import { type OpenReports, openReports } from '../reports.ts';
import { writeRetryFile } from '../retry-file.ts';
import { readSourceFile } from '../source-file.ts';
import { VERSION } from '../version.ts';
import { takeLock } from './lock.ts';
import type { SessionOptions } from './options.ts';
import { openOutput } from './output.ts';
import { planSession, type SessionPlan } from './plan.ts';
import { questionsOf } from './questions.ts';
import { openResources } from './resources.ts';

/** What the steps of a session hand on. */
interface Started {
  readonly session: SessionOptions;
  readonly plan: SessionPlan;
  readonly reports: OpenReports;
  readonly interrupts: Interrupts;
}

/** Runs playbooks from the command line. @returns the exit code */
export async function runSession(session: SessionOptions): Promise<number> {
  const plan = planSession(session);
  // Reports are checked first: a run whose record cannot be written must not start.
  const reports = openReports(session.flags.report ?? [], session.io);
  const interrupts = watchInterrupts(session.io, plan.settings.deadline);
  const releaseHeap = boundHeap();
  try {
    return await runOnce({ session, plan, reports, interrupts });
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

// Passwords are asked for before the lock is taken, and the inventory is read under it.
async function runOnce(started: Started): Promise<number> {
  const { session, plan, interrupts } = started;
  const { flags, io, vault } = session;
  const extraVars = extraVarsLayers(flags.extraVars ?? [], vault.keyring);
  const connection = await connectionDefaults(plan.settings, flags, io, interrupts, vault.secrets);
  const lock = await takeLock(plan.lock, io, interrupts.signal);
  try {
    return await runOnInventory(started, extraVars, connection);
  } finally {
    await lock?.release();
  }
}

async function runOnInventory(
  { session, plan, reports, interrupts }: Started,
  extraVars: readonly VarsLayer[],
  connection: ConnectionDefaults,
): Promise<number> {
  const { flags, io } = session;
  const { keyring, secrets } = session.vault;
  const { signal } = interrupts;
  const { inventory, select, refresh } = await readInventory({
    flags,
    settings: plan.settings,
    io,
    signal,
    playbookDirs: session.playbookDirs,
    vault: keyring,
  });
  const nowMs = createSteadyClock();
  const output = openOutput(session, reports, secrets.redactor, nowMs);
  interrupts.notify = (text) => void output.aside(async () => io.err(text));
  const questions = questionsOf(session, output, interrupts);
  const hosts = select('all');
  const resources = await openResources({ session, plan, hosts, output, questions, interrupts, nowMs });
  const { budget, facts, transports } = resources;
  try {
    const result = await runPlaybooks({
      ...plan.run,
      runId: randomUUID(),
      version: VERSION,
      inventory,
      selectHosts: select,
      refreshInventory: refresh,
      findModule,
      transports,
      connection,
      ...budget,
      extraVars,
      factStore: facts === undefined ? undefined : (host) => facts.of(host),
      signal,
      emit: output.emit,
      onSecret: (secret) => secrets.add(secret),
      readVarsFile: (path) => varsFileLayer(path, 'vars_files', keyring),
      readSource: readSourceFile,
      prompt: questions.prompt,
      confirmTask: questions.confirmTask,
      openVault: (text) => keyring.openValue(text),
      openVaultFile: (content, path) => keyring.openBytes(content, path),
      nowMs,
    });
    if (flags.retryFile !== undefined) writeRetryFile(flags.retryFile, result.badHosts);
    return result.exitCode;
  } finally {
    await facts?.close();
    await closeAll(output.sinks, transports);
  }
}

// All are closed, also when one of them fails.
async function closeAll(sinks: readonly EventSink[], transports: Transports): Promise<void> {
  const closed = await Promise.allSettled([...sinks, ...Object.values(transports)].map((each) => each.close()));
  const failed = closed.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
