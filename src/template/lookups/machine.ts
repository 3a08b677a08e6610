/** Lookups of the controller itself: its environment and its commands. */
import { spawnSync } from 'node:child_process';
import { fail } from '../failure.ts';
import { MAX_TEXT_SIZE } from '../runtime.ts';
import type { Lookup } from '../types.ts';
import { toText } from '../values/text.ts';
import { splitLines, trimChars } from '../values/text-operations.ts';

export function machineLookups(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string | undefined,
): readonly (readonly [string, Lookup])[] {
  return [
    ['env', (terms, options) => terms.map((term) => readVariable(env, toText(term), options.default))],
    ['pipe', (terms) => terms.map((term) => runPipe(toText(term), env, cwd))],
    ['lines', (terms) => terms.flatMap((term) => splitLines(runPipe(toText(term), env, cwd), false))],
  ];
}

function readVariable(env: Readonly<Record<string, string | undefined>>, term: string, fallback: unknown): unknown {
  const [name = ''] = term.split(/\s/);
  return env[name] ?? fallback ?? '';
}

// All hosts wait for it.
const PIPE_TIMEOUT_MS = 60_000;

// The standard output of a shell command, without the white space at its end; its stdin is empty.
function runPipe(command: string, env: Readonly<Record<string, string | undefined>>, cwd: string | undefined): string {
  const result = spawnSync('/bin/sh', ['-c', command], {
    cwd,
    env: env as NodeJS.ProcessEnv,
    input: '',
    encoding: 'utf8',
    maxBuffer: MAX_TEXT_SIZE,
    timeout: PIPE_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (result.error !== undefined && 'code' in result.error && result.error.code === 'ETIMEDOUT') {
    fail(`The command of a lookup did not end within ${PIPE_TIMEOUT_MS / 1000} s and was killed`);
  }
  if (result.error !== undefined) fail(`The command of a lookup failed: ${result.error.message}`);
  if (result.status !== 0) {
    const end = result.signal === null ? `exit status ${result.status}` : `signal ${result.signal}`;
    fail(`The command of a lookup ended with ${end}: ${result.stderr.trim() || 'no message on stderr'}`);
  }
  return trimChars(result.stdout, null, 'end');
}
