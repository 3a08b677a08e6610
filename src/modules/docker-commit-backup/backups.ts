/** The backup images on a host: which are ours, of which container, from when. */

import type { ModuleContext } from '../contract.ts';
import { callEngine, mustCallEngine } from '../docker/call.ts';
import type { Engine, EngineOptions } from '../docker/engine.ts';
import { engineFailure } from '../docker/engine-failure.ts';
import { parseJsonLine, textOf, textRecordOf, textsOf } from '../docker/json.ts';

/** Labels that a backup has. All must fit: whoever makes an image of a container that came from a backup inherits them. */
export const LABELS = {
  container: 'fleetmend.backup.container',
  reference: 'fleetmend.backup.reference',
  at: 'fleetmend.backup.at',
} as const;

/** An image that this module made. */
export interface Backup {
  /** Full ID of the container. */
  readonly container: string;
  /** `mysql:20261121T120000Z`. */
  readonly reference: string;
  readonly atMs: number;
  readonly sizeBytes: number;
}

/** `20261121T120000Z`. */
export function stampOf(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** The words of `--change` that make an image a backup. */
export function backupChanges(container: string, reference: string, timeMs: number): string[] {
  const labels = {
    [LABELS.container]: container,
    [LABELS.reference]: reference,
    [LABELS.at]: new Date(timeMs).toISOString(),
  };
  return Object.entries(labels).flatMap(([key, value]) => ['--change', `LABEL ${key}=${value}`]);
}

/**
 * All backups of the engine, the newest first.
 *
 * @throws {@link ModuleError} with the `cause`; TransportError when interrupted
 */
export async function readBackups(
  context: ModuleContext,
  options: EngineOptions,
  engine: Engine,
  timeoutMs: number,
): Promise<Backup[]> {
  const limits = { timeoutMs, purpose: 'read the backups' };
  const list = ['images', '-q', '--no-trunc', '--filter', `label=${LABELS.container}`];
  const ids = [...new Set((await mustCallEngine(context, options, engine, list, limits)).split(/\s+/))].filter(Boolean);
  if (ids.length === 0) return [];
  const words = ['image', 'inspect', '--format', FORMAT, ...ids];
  const { cause, reason, stderr, stdout } = await callEngine(context, options, engine, words, limits);
  // One that was removed since is no failure.
  if (cause !== undefined && !/no such image/i.test(stderr)) {
    throw engineFailure({ kind: engine.kind, host: context.host, command: 'image inspect', cause, reason, ...limits });
  }
  return parseBackups(stdout);
}

/** The backups in lines that the engine printed; images that others made of one, or named otherwise, are none. */
export function parseBackups(text: string): Backup[] {
  const backups = text.split('\n').flatMap((line): Backup[] => {
    const fields = parseJsonLine(line);
    if (!Array.isArray(fields)) return [];
    const [tags, labels, size] = fields as unknown[];
    const own = textRecordOf(labels);
    const container = textOf(own[LABELS.container]);
    const reference = textOf(own[LABELS.reference]);
    const atMs = Date.parse(own[LABELS.at] ?? '');
    if (container === undefined || reference === undefined || Number.isNaN(atMs)) return [];
    if (!textsOf(tags).includes(reference)) return [];
    return [{ container, reference, atMs, sizeBytes: typeof size === 'number' ? size : 0 }];
  });
  return backups.toSorted((left, right) => right.atMs - left.atMs);
}

const FORMAT = '[{{json .RepoTags}},{{json .Config.Labels}},{{json .Size}}]';
