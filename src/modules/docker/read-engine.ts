/** Reads an engine's networks and containers whole, as what has to do with networks needs them. */

import type { ModuleContext } from '../contract.ts';
import { type CallEnd, callEngine, mustCallEngine } from './call.ts';
import { type ContainerDetails, DETAILS_FORMAT, parseDetails } from './details.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { engineFailure } from './engine-failure.ts';
import { NETWORK_FORMAT, type Network, parseNetwork } from './networks.ts';

/**
 * All networks of the engine.
 *
 * @param timeoutMs - deadline of each call
 * @throws {@link ModuleError} with the `cause`; TransportError when interrupted
 */
export async function readNetworks(
  context: ModuleContext,
  options: EngineOptions,
  engine: Engine,
  timeoutMs: number,
): Promise<Network[]> {
  const limits = { timeoutMs, purpose: 'read the networks' };
  const ids = words(await mustCallEngine(context, options, engine, ['network', 'ls', '-q', '--no-trunc'], limits));
  if (ids.length === 0) return [];
  const command = ['network', 'inspect', '--format', NETWORK_FORMAT, ...ids];
  const end = await callEngine(context, options, engine, command, limits);
  throwUnlessRead(end, context, engine, command, limits);
  return parseLines(end.stdout, parseNetwork);
}

/**
 * All containers of the engine, in every state.
 *
 * @param timeoutMs - deadline of each call
 * @throws {@link ModuleError} with the `cause`; TransportError when interrupted
 */
export async function readContainerDetails(
  context: ModuleContext,
  options: EngineOptions,
  engine: Engine,
  timeoutMs: number,
): Promise<ContainerDetails[]> {
  const limits = { timeoutMs, purpose: 'read the containers' };
  const ids = words(await mustCallEngine(context, options, engine, ['ps', '-aq', '--no-trunc'], limits));
  const containers: ContainerDetails[] = [];
  for (let start = 0; start < ids.length; start += CHUNK_SIZE) {
    const chunk = ids.slice(start, start + CHUNK_SIZE);
    containers.push(...(await inspectDetails(context, options, engine, chunk, timeoutMs)));
  }
  return containers;
}

/**
 * Some containers, by ID or name; one that is gone is left out.
 *
 * @throws {@link ModuleError} with the `cause`; TransportError when interrupted
 */
export async function inspectDetails(
  context: ModuleContext,
  options: EngineOptions,
  engine: Engine,
  ids: readonly string[],
  timeoutMs: number,
): Promise<ContainerDetails[]> {
  if (ids.length === 0) return [];
  const limits = { timeoutMs, purpose: 'read the containers' };
  const command = ['inspect', '--type', 'container', '--format', DETAILS_FORMAT, ...ids];
  const end = await callEngine(context, options, engine, command, limits);
  throwUnlessRead(end, context, engine, command, limits);
  return parseLines(end.stdout, parseDetails);
}

// Few enough that one call answers well within its deadline also on a loaded host.
const CHUNK_SIZE = 50;

// What is gone since it was listed fails the call, but what is there was printed.
const GONE = /no such (object|container|network)|network \S+ not found/i;

function throwUnlessRead(
  end: CallEnd,
  context: ModuleContext,
  engine: Engine,
  command: readonly string[],
  limits: { readonly timeoutMs: number; readonly purpose: string },
): void {
  const { cause, stderr } = end;
  const truncated = end.truncated ? 'it printed more than is kept' : undefined;
  if (truncated === undefined && (cause === undefined || GONE.test(stderr))) return;
  throw engineFailure({
    kind: engine.kind,
    host: context.host,
    command: command.slice(0, 2).join(' '),
    cause: cause ?? 'error',
    reason: truncated ?? end.reason,
    ...limits,
  });
}

function parseLines<T>(stdout: string, parse: (line: string) => T | undefined): T[] {
  return stdout.split('\n').flatMap((line) => {
    const parsed = parse(line);
    return parsed === undefined ? [] : [parsed];
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => /^[0-9a-f]+$/.test(word));
}
