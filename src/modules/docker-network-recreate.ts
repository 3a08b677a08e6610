/**
 * `docker_network_recreate`: removes a network and makes it again as it was, with its containers at their addresses.
 *
 * The removal is the point of no return: a failure before it is undone, one after it leaves a journal on the host from which the next
 * run goes on.
 */

import { ModuleError } from '../errors.ts';
import { defineModule, type Module, type ModuleContext, type Outcome, type Plan } from './contract.ts';
import { noteInJournal, type OpenJournal, openJournal } from './docker-network-recreate/journal.ts';
import { operate, stepsLeft, undo } from './docker-network-recreate/operate.ts';
import { normalizeOptions, type RecreateArgs, type RecreateOptions } from './docker-network-recreate/options.ts';
import { plannedResult, resultOf } from './docker-network-recreate/outcome.ts';
import { undoOrder } from './docker-network-recreate/perform.ts';
import { spec } from './docker-network-recreate/spec.ts';
import { type RecreateState, readState } from './docker-network-recreate/state.ts';
import { describeStep, type Surgery } from './docker-network-recreate/surgery.ts';

/** The module, under `fleetmend.docker_network_recreate` and `docker_network_recreate`. */
export const dockerNetworkRecreate: Module = defineModule<RecreateArgs, RecreateState>({
  spec,

  probe(args: RecreateArgs, context: ModuleContext): Promise<RecreateState> {
    return readState(context, normalizeOptions(args));
  },

  plan(args: RecreateArgs, state: RecreateState): Plan {
    const options = normalizeOptions(args);
    const { surgery, open } = state;
    if (surgery !== undefined) {
      const journal = { surgery, path: '', done: new Set<number>(), begun: new Set<number>() };
      const lines = [saveLine(surgery, options), ...linesOf(journal, stepsLeft(journal, options))];
      return { changes: lines.map((line) => ({ line })), result: plannedResult(surgery, lines) };
    }
    if (open === undefined) {
      const msg = `no recreation of network ${options.name} was broken off`;
      return { changes: [], result: { msg } };
    }
    const lines = linesAbout(open, state.isPastReturn, options);
    const msg = lines.length === 0 ? `network ${options.name} waits for its containers to be started` : undefined;
    return {
      changes: lines.map((line) => ({ line })),
      result: { ...resultOf(open), ...(msg === undefined ? {} : { msg }) },
    };
  },

  async apply(args: RecreateArgs, state: RecreateState, _plan: Plan, context: ModuleContext): Promise<Outcome> {
    const options = normalizeOptions(args);
    const { engine, surgery, open } = state;
    if (surgery !== undefined) {
      return operate(context, options, engine, await openJournal(context, options, engine, surgery));
    }
    if (open === undefined) throw new Error('Internal error: a plan with changes but without a surgery');
    if (options.action === 'rollback') return undo(context, options, engine, open);
    if (options.action === 'discard') {
      await noteInJournal(context, open, 'closed discarded');
      return { result: { ...resultOf(open), msg: `the journal of network ${options.name} is closed` } };
    }
    return operate(context, options, engine, open);
  },
});

function linesAbout(open: OpenJournal, isPastReturn: boolean, options: RecreateOptions): string[] {
  if (options.action === 'discard') return [`close the journal ${open.path} and leave all as it is`];
  if (options.action === 'resume') return linesOf(open, stepsLeft(open, options));
  if (isPastReturn) {
    throw new ModuleError(`network ${open.surgery.network.name} is removed, so there is no way back`, resultOf(open), {
      hint: 'run again with `action: resume`, which makes it again as it was',
    });
  }
  const undoing = undoOrder(open.surgery, open.begun).map((step) => describeStep(step, open.surgery));
  return [...undoing, `close the journal ${open.path}`];
}

function linesOf({ surgery }: OpenJournal, indexes: readonly number[]): string[] {
  return indexes.flatMap((index) => {
    const step = surgery.steps[index];
    return step === undefined ? [] : [describeStep(step, surgery)];
  });
}

function saveLine({ network, patients }: Surgery, { journalDir }: RecreateOptions): string {
  return `save the inspection of network ${network.name} and of ${patients.length} containers below ${journalDir}`;
}
