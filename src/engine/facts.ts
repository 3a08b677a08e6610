/** Gathers the facts of a host when the play or an expression needs them, once a run. */

import { internalError } from '../errors.ts';
import { needsFactsOf } from '../vars/scope.ts';
import { evaluateRaw } from './conditions.ts';
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
  // Other hosts may ask for them at the same time, through `hostvars`.
  hostRun.gathering ??= gather(context, hostRun).finally(() => {
    hostRun.gathering = undefined;
  });
  await hostRun.gathering;
}

async function gather(context: PlayContext, hostRun: HostRun): Promise<void> {
  const module = context.options.findModule('setup');
  if (module === undefined) throw internalError('there is no module setup');
  // What is evaluated on the way to the facts has to do without them.
  const scope = hostScope({ ...context, gatherable: new Set() }, hostRun);
  const { source, factsArgs } = context.play;
  const args = evaluateRaw({ value: factsArgs, source }, scope) as Readonly<Record<string, unknown>>;
  const pass = await runModuleWith(context, hostRun, { module, args, scope, moreFollow: true });
  for (const message of pass.warnings) {
    context.options.emit({ type: 'warning', atMs: context.options.nowMs(), message, host: hostRun.name });
  }
  hostRun.vars.addFacts(pass.facts ?? {}, true);
}

/** Evaluates, and when a fact was missing that can be gathered (also one of another host), gathers and evaluates again. */
export async function withFacts<T>(context: PlayContext, hostRun: HostRun, evaluate: () => T | Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await evaluate();
    } catch (error) {
      const name = needsFactsOf(error);
      if (name === undefined) throw error;
      const owner = context.hostRun(name);
      if (owner === undefined || !context.gatherable.has(owner)) {
        throw internalError(`facts of '${name}' were asked for and cannot be gathered`, error);
      }
      try {
        await gatherFacts(context, owner);
      } catch (cause) {
        if (owner === hostRun) throw cause;
        // That another host has no facts is no failure of this one: they are undefined.
        context.gatherable.delete(owner);
      }
    }
  }
}
