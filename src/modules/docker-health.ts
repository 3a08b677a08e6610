/** `docker_health`: how a host's engine is, within a budget of time, whatever hangs. It changes nothing. */

import { defineModule, type Module, type ModuleContext, type Plan } from './contract.ts';
import { hungDaemon, missingEngine } from './docker/engine-failure.ts';
import { runScript } from './docker/run-script.ts';
import { normalizeOptions } from './docker-health/options.ts';
import { type HealthReading, parseReading } from './docker-health/reading.ts';
import { healthResult } from './docker-health/result.ts';
import { healthScript } from './docker-health/script.ts';
import { spec } from './docker-health/spec.ts';

type Args = Readonly<Record<string, unknown>>;

/** The module, under `fleetmend.docker_health` and `docker_health`. */
export const dockerHealth: Module = defineModule<Args, HealthReading>({
  spec,

  async probe(args, context: ModuleContext): Promise<HealthReading> {
    const options = normalizeOptions(args);
    const end = await runScript(context, healthScript(options), { timeoutMs: options.scriptMs });
    // What did not answer in time is part of the reading.
    if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
    if (end.lines.some(({ word }) => word === 'missing')) throw missingEngine(options, context.host);
    const reading = parseReading(end.lines);
    if (reading === undefined) throw hungDaemon('the container engine', context.host, '--version', options.budgetMs);
    return reading;
  },

  plan(args, reading): Plan {
    return { changes: [], result: healthResult(reading, normalizeOptions(args)) };
  },

  apply: (args, reading) => Promise.resolve({ changed: false, result: healthResult(reading, normalizeOptions(args)) }),
});
