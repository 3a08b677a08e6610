/** Bounded calls of a host's engine: a deadline on the host for the command, and one on the controller for the script. */

import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import { type Engine, type EngineOptions, parseEngine } from './engine.ts';
import { causeOf, type FailureCause, reasonOf } from './engine-error.ts';
import { engineFailure, hungDaemon, missingEngine } from './engine-failure.ts';
import { runScript } from './run-script.ts';
import { callMs, findEngine, MAX_OUTPUT_BYTES, prelude, SLACK_MS, seconds } from './script.ts';

/** How a call of the engine ended. */
export interface CallEnd {
  /** Null: the controller's deadline ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** More was printed than was kept. */
  readonly truncated: boolean;
  /** What the failure is; undefined when it succeeded. */
  readonly cause?: FailureCause;
  /** The engine's reason in one line, never empty for a failure; empty when it succeeded. */
  readonly reason: string;
}

/** How long a call may take on the host, and what it is given. */
export interface CallLimits {
  readonly timeoutMs: number;
  /** Bytes kept of each output; default {@link MAX_OUTPUT_BYTES}. */
  readonly maxOutputBytes?: number;
  /** Bytes for its stdin. */
  readonly stdin?: Uint8Array;
}

/**
 * Finds the host's engine.
 *
 * @throws {@link ModuleError} there is none, or its command hangs; TransportError when interrupted
 */
export async function findHostEngine(
  context: ModuleContext,
  options: EngineOptions,
  timeoutMs: number,
): Promise<Engine> {
  const script = `${prelude(options)}\n${findEngine(options, timeoutMs)}`;
  const end = await runScript(context, script, { timeoutMs: callMs(timeoutMs) + SLACK_MS });
  if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
  if (end.lines.some(({ word }) => word === 'missing')) throw missingEngine(options, context.host);
  const found = end.lines.find(({ word }) => word === 'engine');
  if (found === undefined) throw hungDaemon('the container engine', context.host, '--version', timeoutMs);
  return parseEngine(found.subject, found.text);
}

/**
 * Calls the engine once. A failure and a deadline are results.
 *
 * @param words - of the command line after the engine's name: `['network', 'inspect', 'front']`
 * @throws TransportError when interrupted, or when the connection is lost
 */
export async function callEngine(
  context: ModuleContext,
  options: EngineOptions,
  engine: Engine,
  words: readonly string[],
  limits: CallLimits,
): Promise<CallEnd> {
  const { timeoutMs, maxOutputBytes = MAX_OUTPUT_BYTES, stdin } = limits;
  const command = [engine.path, ...words].map(shellQuote).join(' ');
  const end = await runScript(context, `${prelude(options)}\ncall ${seconds(timeoutMs)} ${command}`, {
    timeoutMs: callMs(timeoutMs) + SLACK_MS,
    maxOutputBytes,
    stdin,
  });
  if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
  const { exitCode, stdout, stderr, truncated } = end;
  if (exitCode === 0) return { exitCode, stdout, stderr, truncated, reason: '' };
  const cause = end.cut === undefined && exitCode !== null ? causeOf(exitCode, stderr) : 'hung';
  const unsaid = cause === 'hung' ? `no answer within ${seconds(timeoutMs)} s` : `it ended with status ${exitCode}`;
  return { exitCode, stdout, stderr, truncated, cause, reason: reasonOf(stderr) || unsaid };
}

/**
 * As {@link callEngine}, but it must succeed.
 *
 * @param purpose - after "could not": `read the network`
 * @returns its stdout
 * @throws {@link ModuleError} with the `cause`; TransportError when interrupted
 */
export async function mustCallEngine(
  context: ModuleContext,
  options: EngineOptions,
  engine: Engine,
  words: readonly string[],
  limits: CallLimits & { readonly purpose: string },
): Promise<string> {
  const { cause, reason, stdout } = await callEngine(context, options, engine, words, limits);
  if (cause === undefined) return stdout;
  const { timeoutMs, purpose } = limits;
  const command = words.slice(0, 2).join(' ');
  throw engineFailure({ kind: engine.kind, host: context.host, command, purpose, cause, reason, timeoutMs });
}
