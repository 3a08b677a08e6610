/** `docker_restart`: stops and starts the daemon, measures both, and says which containers came back. */

import { ModuleError } from '../errors.ts';
import { defineModule, type Module, type ModuleContext, type Outcome, type Plan } from './contract.ts';
import { findHostEngine } from './docker/call.ts';
import { runScript } from './docker/run-script.ts';
import { lookAfterwards } from './docker-restart/afterwards.ts';
import { normalizeOptions, type RestartArgs, type RestartOptions } from './docker-restart/options.ts';
import { failStep, outcomeOf } from './docker-restart/outcome.ts';
import { planRestart } from './docker-restart/plan.ts';
import { type DaemonState, readDaemon } from './docker-restart/probe.ts';
import { spec } from './docker-restart/spec.ts';
import { parseReport, workerMs, workerScript } from './docker-restart/worker.ts';

/** The module, under `fleetmend.docker_restart` and `docker_restart`. */
export const dockerRestart: Module = defineModule<RestartArgs, DaemonState>({
  spec,

  probe: (args, context) => readDaemon(context, normalizeOptions(args)),

  plan: (args, state): Plan => planRestart(normalizeOptions(args), state),

  apply: (args, state, _plan, context) => restartDaemon(context, normalizeOptions(args), state),
});

/**
 * Carries out what {@link planRestart} says.
 *
 * @throws {@link ModuleError} a step failed: `result.step` says which, and the message how the host is left;
 *   TransportError's codes when it was cut off
 */
export async function restartDaemon(
  context: ModuleContext,
  options: RestartOptions,
  state: DaemonState,
): Promise<Outcome> {
  const engine = await findHostEngine(context, options, options.listTimeoutMs);
  const end = await runScript(context, workerScript(options, state, engine.path), { timeoutMs: workerMs(options) });
  if (end.cut !== undefined) {
    throw new ModuleError(
      `${end.cut.message} while the daemon was being restarted; what was begun is brought to its end on the host`,
      { changed: true },
      { code: end.cut.code, cause: end.cut },
    );
  }
  const report = parseReport(end.lines);
  if (report === undefined) throw new ModuleError(`the daemon was not restarted: ${end.stderr.trim()}`);
  if (report.failure !== undefined) failStep(options, state, report);
  const after = options.state === 'stopped' ? undefined : await lookAfterwards(context, options, engine, state);
  return outcomeOf(options, state, report, after);
}
