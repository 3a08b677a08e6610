/**
 * Arguments as the modules of the container engine take them: numbers may be text, lists may be comma-separated text, and
 * null or empty text is the same as not given, so that a playbook can pass its variables through.
 */

import { ModuleError } from '../../errors.ts';
import { toBoolean } from '../../util/boolean-word.ts';
import { parseDurationMs } from '../../util/duration.ts';

/** The value, or undefined where it is null or empty text. */
export function given(value: unknown): unknown {
  return value === null || value === '' ? undefined : value;
}

/**
 * A list of words. Text is split at commas as Ansible splits lists, except a regular expression, which may hold commas of
 * its own.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT, as all functions here
 */
export function listOf(value: unknown, argument: string): string[] {
  const present = given(value);
  if (present === undefined) return [];
  if (typeof present === 'string' && present.startsWith('~')) return [present];
  const parts = typeof present === 'string' ? present.split(',') : present;
  if (!Array.isArray(parts)) throw invalid(`expected \`${argument}\` to be a list of words, found ${describe(value)}`);
  return parts
    .map((part) => {
      if (typeof part !== 'string' && typeof part !== 'number') {
        throw invalid(`expected \`${argument}\` to be a list of words, found ${describe(part)} in it`);
      }
      return String(part).trim();
    })
    .filter((part) => part !== '');
}

/** A map; empty where it is not given. @param keys - what it may hold, for the message */
export function mapOf(value: unknown, argument: string, keys: string): Readonly<Record<string, unknown>> {
  if (given(value) === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalid(`expected \`${argument}\` to be a map with ${keys}, found ${describe(value)}`);
}

/** A duration in milliseconds. */
export function durationOf(value: unknown, argument: string): number {
  const durationMs = typeof value === 'string' || typeof value === 'number' ? parseDurationMs(value) : undefined;
  if (durationMs === undefined) {
    throw invalid(
      `expected \`${argument}\` to be a duration such as 30s, 2h or 7d, or a number of seconds, found ${describe(value)}`,
    );
  }
  return durationMs;
}

/** A deadline in milliseconds: at least a second, since `timeout 0` would mean no deadline at all on the host. */
export function deadlineOf(value: unknown, argument: string): number {
  const durationMs = durationOf(value, argument);
  if (durationMs < 1000) throw invalid(`expected \`${argument}\` to be at least 1 second, found ${describe(value)}`);
  return durationMs;
}

/** A whole number from `least` up. */
export function countOf(value: unknown, argument: string, least: number): number {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= least) return count;
  throw invalid(`expected \`${argument}\` to be a whole number from ${least} up, found ${describe(value)}`);
}

/** True or false, or a word that means it. */
export function flagOf(value: unknown, argument: string): boolean {
  const flag = toBoolean(value);
  if (flag !== undefined) return flag;
  throw invalid(`expected \`${argument}\` to be true or false, found ${describe(value)}`);
}

/** Text, or undefined where it is not given. */
export function optionalText(value: unknown): string | undefined {
  const present = given(value);
  return present === undefined ? undefined : String(present);
}

/** A value in a message. */
export function describe(value: unknown): string {
  return typeof value === 'string'
    ? `'${value}'`
    : `${JSON.stringify(value)} (${Array.isArray(value) ? 'list' : typeof value})`;
}

/** The error of an argument that is no good. */
export function invalid(message: string): ModuleError {
  return new ModuleError(message, {}, { code: 'INVALID_ARGUMENT' });
}
