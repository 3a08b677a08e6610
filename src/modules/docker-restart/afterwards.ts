/** Looks at what runs once the daemon is back: waits for the restart policies, and starts the rest where that is asked for. */

import type { ModuleContext } from '../contract.ts';
import { callEngine } from '../docker/call.ts';
import { DAEMON_PROCESS, parseDaemonProcess } from '../docker/daemon-process.ts';
import type { Engine } from '../docker/engine.ts';
import { listContainers } from '../docker/list.ts';
import { runScript } from '../docker/run-script.ts';
import { prelude, SLACK_MS } from '../docker/script.ts';
import type { RestartOptions } from './options.ts';
import type { Afterwards } from './outcome.ts';
import { comesBack } from './plan.ts';
import { type DaemonState, runningIds } from './probe.ts';

const POLL_MS = 500;

/**
 * Waits until what comes back by itself runs, at most `settle_timeout`.
 *
 * @throws {@link ModuleError} the daemon does not answer any more; TransportError when interrupted
 */
export async function lookAfterwards(
  context: ModuleContext,
  options: RestartOptions,
  engine: Engine,
  before: DaemonState,
): Promise<Afterwards> {
  const known = before.running ?? [];
  const expected = known.filter((container) => comesBack(container, before)).map(({ id }) => id);
  let running = await waitFor(context, options, expected);
  const started = new Set<string>();
  const startErrors = new Map<string, string>();
  if (options.startStopped) {
    // As they were started before: what others need is the older.
    const missing = known.filter(({ id }) => !running.includes(id));
    for (const { id } of missing.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))) {
      const { cause, reason } = await callEngine(context, options, engine, ['start', id], START_LIMITS);
      if (cause === undefined) started.add(id);
      else startErrors.set(id, reason);
    }
    if (missing.length > 0) running = await waitFor(context, options, []);
  }
  return { runningIds: running, started, startErrors, pid: await pidOf(context, options) };
}

const START_LIMITS = { timeoutMs: 60_000 };

async function waitFor(
  context: ModuleContext,
  options: RestartOptions,
  expected: readonly string[],
): Promise<string[]> {
  const endMs = context.nowMs() + options.settleTimeoutMs;
  for (;;) {
    const running = runningIds(await listContainers(context, options));
    if (expected.every((id) => running.includes(id)) || context.nowMs() >= endMs) return running;
    await context.sleep(POLL_MS);
  }
}

async function pidOf(context: ModuleContext, options: RestartOptions): Promise<number | undefined> {
  const { lines } = await runScript(context, `${prelude(options)}\n${DAEMON_PROCESS}`, { timeoutMs: SLACK_MS });
  return parseDaemonProcess(lines)?.pid;
}
