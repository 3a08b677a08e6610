/** The process ends when the run has: nothing that a run opened keeps it alive after its summary. */
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type EmbeddedHostBehaviour,
  type EmbeddedSshHost,
  startEmbeddedSshHost,
} from '../../src/cli/demo/embedded-ssh-host.ts';
import { type CliEnd, runCli, testFolder } from './run-cli.ts';

const PASSWORD = 'open sesame';
/** From the last word to the exit. What keeps the loop alive here lasts 10 s (deadlines) or more (keepalive, sockets). */
const EXIT_LIMIT_MS = 1500;

let folder: string;
let host: EmbeddedSshHost | undefined;
let silent: Server;
let silentPort: number;

beforeEach(async () => {
  folder = await testFolder();
  silent = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  silentPort = (silent.address() as { port: number }).port;
});

afterEach(async () => {
  await host?.close();
  host = undefined;
  silent.close();
});

/** A host on which `sudo` is the given shell text. */
async function start(sudo: string, behaviour: EmbeddedHostBehaviour = 'normal'): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'sudo'), `#!/bin/sh\n${sudo}\n`, { mode: 0o755 });
  const environment = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  host = await startEmbeddedSshHost({ directory: folder, password: PASSWORD, environment, behaviour });
}

interface TimedEnd extends CliEnd {
  /** From the summary to the end of the process. */
  readonly lateMs: number;
}

/** Runs three tasks and measures how long the process lives after its summary. */
async function runTasks(
  port: number,
  args: readonly string[],
  onOutput?: (child: ChildProcess) => void,
): Promise<TimedEnd> {
  const play = join(folder, 'play.yml');
  const tasks = ['echo 1', 'echo 2', 'sleep 0.1; echo 3'].map((line) => `    - shell: ${line}\n`).join('');
  await writeFile(play, `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`);
  const reach = ['-i', '127.0.0.1,', '--port', String(port), '-u', 'tester', '--host-keys', 'off', '--forks', '5'];
  let summaryMs = Number.NaN;
  const end = await runCli(['run', play, ...reach, '-e', `ansible_password='${PASSWORD}'`, ...args], {
    cwd: folder,
    onStart: (child) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        if (/\d+ hosts?: /.test(chunk.toString())) summaryMs = performance.now();
        else onOutput?.(child);
      });
    },
  });
  return { ...end, lateMs: performance.now() - summaryMs };
}

const become = ['--become', '-e', 'ansible_become_password=wrong'];
/** Asks, is slow to say no, and asks again, as sudo does. */
const refuse =
  'while [ "$1" != -p ]; do shift; done; printf %s "$2" >&2; read -r p; sleep 1; echo Sorry >&2; printf %s "$2" >&2; read -r p; exit 1';

test.each([
  ['all is well', '', [], 0, 'normal'],
  ['the password of sudo is refused', refuse, become, 2, 'normal'],
  [
    'the password of sudo is refused, and sudo does not end',
    `trap "" HUP TERM\n${refuse.replace('read -r p; exit 1', 'sleep 5')}`,
    become,
    2,
    'normal',
  ],
  ['sudo says nothing', 'exec sleep 30', [...become, '--become-timeout', '1s'], 2, 'normal'],
  ['the login is refused', '', [], 4, 'refuse-auth'],
  ['the login is not answered', '', ['--auth-timeout', '1s'], 4, 'silent-auth'],
  ['commands are not answered', '', ['--command-timeout', '1s'], 2, 'hang-command'],
  ['the connection is cut', '', [], 4, 'cut-mid-command'],
] as const)('when %s', async (_what, sudo, args, code, behaviour) => {
  await start(sudo, behaviour);
  const end = await runTasks(host?.port ?? 0, args);
  expect(end, end.stdout + end.stderr).toMatchObject({ code });
  expect(end.lateMs).toBeLessThan(EXIT_LIMIT_MS);
});

test('when the host says nothing at all', async () => {
  const end = await runTasks(silentPort, ['-T', '1']);
  expect(end).toMatchObject({ code: 4 });
  expect(end.lateMs).toBeLessThan(EXIT_LIMIT_MS);
});

test.each(['SIGINT', 'SIGTERM'] as const)('when %s comes while a host is at work', async (name) => {
  await start('', 'slow');
  let isSent = false;
  const end = await runTasks(host?.port ?? 0, [], (child) => {
    if (!isSent) setTimeout(() => child.kill(name), 300);
    isSent = true;
  });
  expect(end.code, end.stdout + end.stderr).toBe(130);
  expect(end.lateMs).toBeLessThan(EXIT_LIMIT_MS);
});
