/** `fleetmend demo`: the main job on five small SSH hosts that live in this process, without root and without Docker. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatDuration } from '../../util/duration.ts';
import { shellJoin } from '../../util/shell-quote.ts';
import { type DemoFleet, startDemoFleet } from '../demo/demo-fleet.ts';
import { watchInterrupts } from '../interrupts.ts';
import type { Io } from '../io.ts';

/** @returns 0 when the three runs showed what they should, 1 otherwise */
export async function demoCommand(io: Io): Promise<number> {
  const startedMs = performance.now();
  const interrupts = watchInterrupts(io, undefined);
  const dir = await mkdtemp(join(tmpdir(), 'fleetmend-demo-'));
  let fleet: DemoFleet | undefined;
  try {
    const started = await startDemoFleet(dir);
    fleet = started;
    io.out(INTRODUCTION);
    const show = (title: string, ...more: string[]) =>
      runStep(io, title, fleetmendArgs(started, dir, more), dir, interrupts.signal);
    const planned = await show('1. What would be removed? Nothing is changed yet.', '--check');
    const done = await show('2. The same for real.', '--report', `json=${join(dir, 'report.json')}`);
    const again = await show('3. Again: nothing is left to change.');
    const left = await started.deadContainers();
    io.out(`\n${'-'.repeat(72)}\n`);
    io.out(
      `Dead containers left on the hosts that answer: ${left}. Exit code of each run: ${planned}, ${done}, ${again} (2: a host failed).\n`,
    );
    io.out(`The demo took ${formatDuration(performance.now() - startedMs)} and leaves nothing behind.\n`);
    return left === 0 && [planned, done, again].every((code) => code === 2) ? 0 : 1;
  } finally {
    await fleet?.stop();
    await rm(dir, { recursive: true, force: true });
    interrupts.stop();
  }
}

const INTRODUCTION = `Five SSH hosts on loopback, each a real /bin/sh in a folder of its own, with a stand-in for docker:
  demo1, demo2, demo3  healthy, some with dead containers
  demo4                docker hangs there: every call waits for ever
  demo5                down: nobody listens
The shipped playbook playbooks/clean-dead-containers.yml is run against them, as you would.
`;

// The command as a person would type it; shortened paths, so that it can be read.
function fleetmendArgs(fleet: DemoFleet, dir: string, more: readonly string[]): string[] {
  return [
    'run',
    join(packageRoot(), 'playbooks', 'clean-dead-containers.yml'),
    '-i',
    fleet.inventoryFile,
    '--private-key',
    fleet.keyFile,
    '--known-hosts',
    fleet.knownHostsFile,
    '--state-dir',
    join(dir, 'state'),
    '-e',
    'prune_list_timeout=2s prune_serial=100% prune_max_fail=100%',
    ...more,
  ];
}

async function runStep(
  io: Io,
  title: string,
  args: readonly string[],
  dir: string,
  signal: AbortSignal,
): Promise<number> {
  const shown = shellJoin(args.map((arg) => arg.replaceAll(`${packageRoot()}/`, '').replaceAll(`${dir}/`, '')));
  io.out(`\n${'-'.repeat(72)}\n${title}\n$ fleetmend ${shown}\n\n`);
  await io.flush();
  const child = spawn(process.execPath, [io.mainFile, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    signal,
    killSignal: 'SIGINT',
  });
  return new Promise((done, fail) => {
    child.once('error', (error) => (signal.aborted ? fail(signal.reason) : fail(error)));
    child.once('close', (code) => done(code ?? 130));
  });
}

// The folder with package.json, wherever this file was built to.
function packageRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir);
  return dir;
}
