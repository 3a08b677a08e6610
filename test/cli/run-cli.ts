/** Runs the program as a user does: a process of its own, with a folder and a state directory of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface CliEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** File descriptor that standard output goes to; default: it is read. */
  readonly stdoutFd?: number;
  /** Words before the program's own: a program that runs it somewhere else. */
  readonly wrapper?: readonly string[];
  /** Called once with the process, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** A folder that is removed when the test ends, also when it fails. */
export async function testFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fleetmend-test-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Runs `fleetmend` with these words and waits for its end. Stdin is closed; nothing of the user's set-up is seen. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  const cwd = options.cwd ?? (await testFolder());
  const [program = process.execPath, ...words] = [...(options.wrapper ?? []), process.execPath, MAIN, ...args];
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(program, words, {
    cwd,
    stdio: ['ignore', options.stdoutFd ?? 'pipe', 'pipe'],
    env: { PATH, NODE_COMPILE_CACHE, HOME: cwd, USER: 'ops', ...options.env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  options.onStart?.(child);
  const code = await new Promise<number | null>((done) => child.once('close', (exitCode) => done(exitCode)));
  return { code, stdout, stderr };
}
