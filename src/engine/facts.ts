/** Gathers the facts of a host when the play or an expression needs them, once a run. */

import { internalError } from '../errors.ts';
import { needsFacts } from '../vars/scope.ts';
import type { HostRun } from './host-run.ts';
import { runModuleWith } from './run-module.ts';
import { hostScope, type PlayContext } from './task-context.ts';

/**
 * Runs the `setup` module on a host and keeps what it found. Does nothing when the host's facts are known.
 *
 * @throws TransportError, ModuleError: the host's failure
 */
export async function gatherFacts(context: PlayContext, hostRun: HostRun): Promise<void> {
  if (hostRun.vars.factsGathered) return;
  const module = context.options.findModule('setup');
  if (module === undefined) throw internalError('there is no module setup');
  const scope = hostScope(context, hostRun);
  const pass = await runModuleWith(context, hostRun, { module, args: {}, scope, moreFollow: true });
  hostRun.vars.addFacts(pass.facts ?? {});
}

/** Evaluates, and when a fact was missing that can be gathered, gathers and evaluates again. */
export async function withFacts<T>(context: PlayContext, hostRun: HostRun, evaluate: () => T | Promise<T>): Promise<T> {
  try {
    return await evaluate();
  } catch (error) {
    if (!needsFacts(error)) throw error;
    await gatherFacts(context, hostRun);
    return await evaluate();
  }
}
