/** Finds the host's engine and lists all its containers. */

import { ModuleError } from '../../errors.ts';
import type { ModuleContext } from '../contract.ts';
import { type ListedContainer, stateOfStatus } from './container.ts';
import { type Engine, type EngineOptions, parseEngine } from './engine.ts';
import { causeOf, reasonOf } from './engine-error.ts';
import { engineFailure, hungDaemon, missingEngine } from './engine-failure.ts';
import { runScript } from './run-script.ts';
import { callMs, findEngine, MAX_OUTPUT_BYTES, prelude, type ScriptLine, SLACK_MS, seconds } from './script.ts';

export interface Listing {
  readonly engine: Engine;
  /** The host's own clock: the engine's times are the host's. */
  readonly nowMs: number;
  readonly listed: readonly ListedContainer[];
}

/** Which engine is listed, and how long that may take. */
export interface ListOptions extends EngineOptions {
  /** Deadline of listing all containers and of each inspection. */
  readonly listTimeoutMs: number;
}

/**
 * Lists all containers of the host's engine, with full IDs, in one call.
 *
 * @throws {@link ModuleError} no engine, daemon down or hung, no permission, a listing too long to keep;
 *   TransportError when interrupted
 */
export async function listContainers(context: ModuleContext, options: ListOptions): Promise<Listing> {
  const end = await runScript(context, listScript(options), {
    timeoutMs: listScriptMs(options),
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
  if (end.truncated) {
    throw new ModuleError(`expected at most ${MAX_OUTPUT_BYTES} bytes of \`ps\` on ${context.host}, found more`);
  }
  const listing = parseListing(end.lines, options, context.host);
  if (listing !== undefined) return listing;
  if (end.cut !== undefined) {
    const found = end.lines.find(({ word }) => word === 'engine');
    const name = found === undefined ? 'the container engine' : parseEngine(found.subject, found.text).kind;
    throw hungDaemon(name, context.host, 'ps', options.listTimeoutMs);
  }
  const reason = reasonOf(end.stderr) || `the script ended with status ${end.exitCode}`;
  throw new ModuleError(`could not list the containers on ${context.host}: ${reason}`, { cause: 'error' });
}

/** Finds the engine and lists all containers: lines `engine`, `clock`, `container`… and at last `ps` with its status. */
export function listScript(options: ListOptions): string {
  // Docker has had {{.Status}} for ever and {{.State}} only since 20.10. Descriptor 3 is closed for the call: busybox's
  // `timeout` leaves a watchdog behind that would hold it, and the script's output with it, for a second.
  return `${prelude(options)}
${findEngine(options, options.listTimeoutMs)}
line clock "$(date +%s)" 0 ''
case $version in
  podman*) format='container\t{{.ID}}\t0\t{{.State}}' ;;
  *) format='container\t{{.ID}}\t0\t{{.Status}}' ;;
esac
{ errors=$(call ${seconds(options.listTimeoutMs)} "$bin" ps -a --no-trunc --format "$format" 2>&1 >&3 3>&-); status=$?; } 3>&1
line ps - "$status" "$errors"
`;
}

/** How long {@link listScript} may take at most, for the deadline on the controller. */
export function listScriptMs(options: ListOptions): number {
  return 2 * callMs(options.listTimeoutMs) + SLACK_MS;
}

/**
 * What {@link listScript} printed; undefined when it did not come to its end.
 *
 * @param host - for messages
 * @throws {@link ModuleError} as {@link listContainers}
 */
export function parseListing(lines: readonly ScriptLine[], options: ListOptions, host: string): Listing | undefined {
  if (lines.some(({ word }) => word === 'missing')) throw missingEngine(options, host);
  const found = lines.find(({ word }) => word === 'engine');
  const ended = lines.find(({ word }) => word === 'ps');
  if (found === undefined || ended === undefined) return undefined;
  const engine = parseEngine(found.subject, found.text);
  if (ended.status !== 0) {
    throw engineFailure({
      kind: engine.kind,
      host,
      command: 'ps',
      purpose: 'list the containers',
      cause: causeOf(ended.status, ended.text),
      reason: reasonOf(ended.text) || `\`ps\` ended with status ${ended.status}`,
      timeoutMs: options.listTimeoutMs,
    });
  }
  const clock = Number(lines.find(({ word }) => word === 'clock')?.subject);
  const listed = lines
    .filter(({ word, subject }) => word === 'container' && FULL_ID.test(subject))
    .map(({ subject, text }) => ({ id: subject, state: stateOfStatus(text, engine.kind) }));
  return { engine, nowMs: clock * 1000, listed };
}

// Only these enter a script later.
const FULL_ID = /^[0-9a-f]{64}$/;
