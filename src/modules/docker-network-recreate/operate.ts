/** Carries a surgery out, from wherever it was broken off; and undoes it. */

import { errorMessage, FleetmendError, ModuleError } from '../../errors.ts';
import type { ModuleContext, Outcome } from '../contract.ts';
import type { Engine } from '../docker/engine.ts';
import { noteInJournal, type OpenJournal } from './journal.ts';
import type { RecreateOptions } from './options.ts';
import { finishedOutcome, pausedOutcome, resultOf, undoneOutcome } from './outcome.ts';
import { performStep, type StepFailure, undoSteps } from './perform.ts';
import { describeStep } from './surgery.ts';
import { verifySurgery } from './verify.ts';

/**
 * Does the steps that are left, up to the first container that is to be started where `start` is off.
 *
 * A step that fails before the network is removed is answered by undoing what was done. After that, and where the end of a step is not
 * known, the journal stays open.
 *
 * @throws {@link ModuleError} a step failed or was broken off; its result says how far it came
 */
export async function operate(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  journal: OpenJournal,
): Promise<Outcome> {
  const { surgery } = journal;
  const done = new Set(journal.done);
  const begun = new Set(journal.begun);
  const now = (): OpenJournal => ({ ...journal, done, begun });
  for (const index of stepsLeft(journal, options)) {
    const step = surgery.steps[index];
    if (step === undefined || step.do === 'verify') break;
    begun.add(index);
    const failure = await performOrThrow(context, options, engine, now(), index);
    if (failure === undefined) {
      done.add(index);
      continue;
    }
    // One that cannot be started must not keep the others from it.
    if (step.do === 'start') continue;
    throw await failed(context, options, engine, now(), index, failure);
  }
  if (!options.start) return pausedOutcome(now());
  const verification = await guarded(now(), 'verification', () => verifySurgery(context, options, engine, surgery));
  if (verification.faults.length > 0) {
    throw new ModuleError(
      `network ${surgery.network.name} was recreated, but ${verification.faults.map(({ text }) => text).join('; ')}`,
      { ...resultOf(now(), verification), changed: true },
      { hint: 'mend that and run again with `action: resume`, or close the journal with `action: discard`' },
    );
  }
  await guarded(now(), 'closing of the journal', () => noteInJournal(context, journal, 'closed done'));
  return finishedOutcome({ ...now(), done: new Set(surgery.steps.keys()) }, verification);
}

/** Indexes of the steps that {@link operate} has left to do. */
export function stepsLeft({ surgery, done }: OpenJournal, { start }: Pick<RecreateOptions, 'start'>): number[] {
  const left: number[] = [];
  for (const [index, step] of surgery.steps.entries()) {
    if (!start && (step.do === 'start' || step.do === 'verify')) break;
    if (!done.has(index)) left.push(index);
  }
  return left;
}

/**
 * Undoes a recreation whose network is still there.
 *
 * @throws {@link ModuleError} it could not be undone, or that was broken off; the journal stays open
 */
export async function undo(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  journal: OpenJournal,
): Promise<Outcome> {
  const failure = await undoOrFail(context, options, engine, journal);
  if (failure === undefined) return undoneOutcome(journal);
  const message = `network ${journal.surgery.network.name} could not be put back as it was: ${failure.reason}`;
  throw new ModuleError(
    message,
    { ...resultOf(journal), changed: true },
    { hint: 'mend that and run again with `action: rollback`' },
  );
}

async function performOrThrow(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  journal: OpenJournal,
  index: number,
): Promise<StepFailure | undefined> {
  const step = journal.surgery.steps[index];
  const what = step === undefined ? '' : describeStep(step, journal.surgery);
  return guarded(journal, what, () => performStep(context, options, engine, journal, index));
}

async function undoOrFail(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  journal: OpenJournal,
): Promise<StepFailure | undefined> {
  return guarded(journal, 'the way back', async () => {
    await noteInJournal(context, journal, 'rollback');
    const failure = await undoSteps(context, options, engine, journal);
    if (failure === undefined) await noteInJournal(context, journal, 'closed rolled-back');
    return failure;
  });
}

// A failure of a step: before the point of no return the host is put back as it was, unless the engine no longer answers.
async function failed(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  journal: OpenJournal,
  index: number,
  failure: StepFailure,
): Promise<ModuleError> {
  const { surgery } = journal;
  const step = surgery.steps[index];
  const what = `could not ${step === undefined ? '' : describeStep(step, surgery).replace(/; this is.*$/, '')}: ${failure.reason}`;
  const result = { ...resultOf(journal), cause: failure.cause };
  const removal = surgery.steps.findIndex((each) => each.do === 'remove');
  if (index > removal) {
    return new ModuleError(
      `${what}; the network is removed, so the only way is on`,
      { ...result, changed: true },
      { hint: 'mend that and run again with `action: resume`' },
    );
  }
  if (failure.cause === 'hung' || failure.cause === 'daemon_down') {
    return new ModuleError(
      `${what}; the engine may still do it, so nothing was put back`,
      { ...result, changed: true },
      { hint: 'see to the engine, then run again with `action: resume` or `action: rollback`' },
    );
  }
  const undone = await undoOrFail(context, options, engine, journal);
  if (undone === undefined) {
    // The engine keeps an endpoint whose container it has, but which is no part of that container.
    const isHeld = failure.reason.includes('has active endpoints');
    const hint = isHeld ? 'a restart of the engine (`docker_restart`) drops endpoints that are left over' : undefined;
    const told = { ...result, rolled_back: true, changed: false };
    return new ModuleError(`${what}; all was put back as it was`, told, { hint });
  }
  return new ModuleError(
    `${what}; and it could not be put back: ${undone.reason}`,
    { ...result, changed: true },
    { hint: 'mend that and run again with `action: rollback`' },
  );
}

// An interrupt, a deadline and a lost connection leave the journal open: how the work under way ended is not known.
async function guarded<T>(journal: OpenJournal, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FleetmendError) || error.code === 'INTERNAL') throw error;
    throw new ModuleError(
      `${errorMessage(error)}; broken off at: ${what}`,
      { ...resultOf(journal), changed: journal.begun.size > 0 },
      {
        code: error.code,
        cause: error,
        hint: 'the journal on the host is open: `action: resume` or `action: rollback`',
      },
    );
  }
}
