/** The module's arguments as it works with them. */

import { countOf, deadlineOf, describe, durationOf, given, invalid, listOf } from '../docker/arguments.ts';
import { type EngineOptions, engineOptions } from '../docker/engine.ts';

/** Defaults of the arguments of its own; the spec shows the same. */
export const DEFAULTS = {
  dest: 'diagnostics/',
  since: '30m',
  debug_for: '10s',
  max_size: '20MB',
  timeout: '2m',
} as const;

/** What collecting takes beside the time with debug on: dumps, logs and calls that hang, each with its own deadline. */
const LEAST_BESIDE_DEBUG_MS = 60_000;

export interface DiagnosticsOptions extends EngineOptions {
  /** As the user wrote it; a folder where it ends with a slash. */
  readonly dest: string;
  /** How far back logs go. */
  readonly sinceMs: number;
  /** How long the daemon writes its debug messages; 0: never. */
  readonly debugMs: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Log files of the daemon; empty: its journal, or else the usual files. */
  readonly logFiles: readonly string[];
}

/**
 * Normalizes the arguments.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function normalizeOptions(args: Readonly<Record<string, unknown>>): DiagnosticsOptions {
  const logFiles = listOf(args.log_files, 'log_files');
  const relative = logFiles.find((path) => !path.startsWith('/'));
  if (relative !== undefined) throw invalid(`expected \`log_files\` to be absolute paths, found '${relative}'`);
  const timeoutMs = deadlineOf(given(args.timeout) ?? DEFAULTS.timeout, 'timeout');
  const debugMs = durationOf(given(args.debug_for) ?? DEFAULTS.debug_for, 'debug_for');
  if (debugMs + LEAST_BESIDE_DEBUG_MS > timeoutMs) {
    throw invalid(
      `expected \`timeout\` to be at least a minute longer than \`debug_for\`, found ${timeoutMs / 1000} s and ${debugMs / 1000} s`,
    );
  }
  return {
    ...engineOptions(args),
    dest: String(given(args.dest) ?? DEFAULTS.dest),
    sinceMs: durationOf(given(args.since) ?? DEFAULTS.since, 'since'),
    debugMs,
    maxBytes: sizeOf(given(args.max_size) ?? DEFAULTS.max_size),
    timeoutMs,
    logFiles,
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9 };

// "20MB", "512K", 1000000.
function sizeOf(value: unknown): number {
  const match = typeof value === 'string' ? /^(\d+) ?([KMG]?)B?$/i.exec(value.trim()) : null;
  const sizeBytes =
    match === null
      ? typeof value === 'number'
        ? countOf(value, 'max_size', 1)
        : undefined
      : Number(match[1]) * (UNITS[(match[2] ?? '').toUpperCase()] ?? 1);
  if (sizeBytes !== undefined && sizeBytes >= 100_000) return sizeBytes;
  throw invalid(`expected \`max_size\` to be a size from 100KB up, such as 20MB, found ${describe(value)}`);
}
