/** Lookups of the controller itself: its environment and its commands. */
import { spawnSync } from 'node:child_process';
import { fail } from '../failure.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import type { Lookup } from '../types.ts';
import { toText } from '../values/text.ts';
import { trimChars } from '../values/text-operations.ts';

export function machineLookups(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string | undefined,
): readonly (readonly [string, Lookup])[] {
  return [
    ['env', (terms, options) => terms.map((term) => readVariable(env, toText(term), options.default))],
    ['pipe', (terms) => terms.map((term) => runPipe(toText(term), env, cwd))],
  ];
}

function readVariable(env: Readonly<Record<string, string | undefined>>, term: string, fallback: unknown): unknown {
  const [name = ''] = term.split(/\s/);
  return env[name] ?? fallback ?? '';
}

// The standard output of a shell command, without the white space at its end; its stdin is empty.
function runPipe(command: string, env: Readonly<Record<string, string | undefined>>, cwd: string | undefined): string {
  const result = spawnSync('/bin/sh', ['-c', command], {
    cwd,
    env: env as NodeJS.ProcessEnv,
    input: '',
    encoding: 'utf8',
    maxBuffer: MAX_TEXT_SIZE,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (result.error !== undefined) fail(`The command of the lookup 'pipe' failed: ${result.error.message}`);
  if (result.status !== 0) {
    const end = result.signal === null ? `exit status ${result.status}` : `signal ${result.signal}`;
    fail(`The command of the lookup 'pipe' ended with ${end}: ${result.stderr.trim() || 'no message on stderr'}`);
  }
  return trimChars(result.stdout, null, 'end');
}
