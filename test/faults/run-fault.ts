/** Runs the program on one faulty and two good hosts, and looks at what it says and leaves behind. */
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { HostResultEvent, RunEvent } from '../../src/event.ts';
import { readEvents } from '../cli/embedded-fleet.ts';
import { type CliEnd, runCli, testFolder } from '../cli/run-cli.ts';
import { type Fault, messagePattern } from './faults.ts';

export type Vars = Readonly<Record<string, string | number | boolean>>;

/** How a fault is brought about. */
export interface FaultScene {
  /** Variables of the faulty host: how it is reached, and `script` for the first task. */
  readonly vars: Vars;
  /** Variables of the good hosts, where they are others than the usual ones. */
  readonly goodVars?: Vars;
  /** Tasks as a playbook has them; default: the host's `script`, then `echo two`. */
  readonly tasks?: string;
  /** More words of the command line. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly wrapper?: readonly string[];
  /** A module that is loaded into the program before itself. */
  readonly preload?: string;
  /** Happens while the program runs. */
  readonly during?: () => Promise<void>;
  /** Happens when it has ended. */
  readonly after?: () => Promise<void>;
  /** The fault takes its time: the good hosts must be done before it is. */
  readonly isSlow?: boolean;
  /** Most milliseconds that the faulty host may take; default 12 s: deadlines of 4 s, and a busy machine. */
  readonly withinMs?: number;
  /** What the operator is told to do, on the terminal. */
  readonly hint?: string;
  /** What the first task of the faulty host gave. */
  readonly result?: Readonly<Record<string, unknown>>;
}

export interface FaultOutcome {
  readonly run: CliEnd;
  /** Results by host, in order. */
  readonly results: Readonly<Record<string, readonly HostResultEvent[]>>;
}

export const SCRIPT_TASKS = `
    - {name: one, shell: "{{ script | default('echo fine') }}"}
    - {name: two, shell: echo two}
`;

export const DEADLINES = ['--timeout', '4', '--auth-timeout', '4'];

/** Runs it, and holds what came of it against what the fault is known for. */
export async function proveFault(fault: Fault, scene: FaultScene, goods: readonly [Vars, Vars]): Promise<FaultOutcome> {
  const dir = await testFolder();
  const [good1, good2] = goods;
  // The faulty one first: were there a queue, it would be at its head.
  const inventory = { all: { hosts: { bad: scene.vars, good1, good2 } } };
  await writeFile(join(dir, 'hosts.yml'), JSON.stringify(inventory));
  const head = '- hosts: all\n  gather_facts: false\n  strategy: free\n  tasks:';
  await writeFile(join(dir, 'play.yml'), `${head}${scene.tasks ?? SCRIPT_TASKS}`);
  const events = join(dir, 'events.ndjson');
  const report = join(dir, 'report.json');
  const openAtExit = join(dir, 'open-at-exit.json');
  const mark = `FAULT_RUN=${dir}`;
  const preloads = ['exit-probe.mjs', ...(scene.preload === undefined ? [] : [scene.preload])];
  const imports = preloads.map((name) => `--import=${fileURLToPath(new URL(name, import.meta.url))}`);
  const words = ['run', join(dir, 'play.yml'), '-i', join(dir, 'hosts.yml'), '--state-dir', join(dir, 'state')];
  const reports = ['--report', `ndjson=${events}`, '--report', `json=${report}`];
  const env = { NODE_OPTIONS: imports.join(' '), FAULT_RUN: dir, OPEN_AT_EXIT: openAtExit, ...scene.env };
  const [run] = await Promise.all([
    runCli([...words, ...DEADLINES, ...(scene.args ?? []), ...reports], { cwd: dir, env, wrapper: scene.wrapper }),
    scene.during?.(),
  ]);
  const journal = (await readEvents<RunEvent>(events)).filter((event) => event.type === 'host:result');
  expect(journal.length, run.stderr).toBeGreaterThan(0);
  const bad = journal.filter((each) => each.host === 'bad');

  // What it says: the same in the journal, in the report, and by the exit code.
  const last = bad.at(-1);
  const { failure } = last ?? {};
  expect({ status: last?.status, code: failure?.code, phase: failure?.phase }, JSON.stringify(last)).toEqual({
    status: fault.status,
    code: fault.code,
    phase: fault.phase,
  });
  if (fault.message !== undefined) {
    expect(failure?.message ?? String(last?.result.msg)).toMatch(messagePattern(fault.message));
    expect(run.stdout).toContain((failure?.message ?? String(last?.result.msg)).slice(0, 40));
  }
  if (scene.hint !== undefined) expect(run.stdout).toContain(scene.hint);
  const { hosts, run: runPart } = JSON.parse(await readFile(report, 'utf8'));
  const exitCode = fault.status === 'unreachable' ? 4 : fault.status === 'failed' ? 2 : 0;
  expect([run.code, runPart.exitCode], run.stderr).toEqual([exitCode, exitCode]);
  expect(hosts.bad).toMatchObject({
    failed: fault.status === 'failed' ? 1 : 0,
    unreachable: fault.status === 'unreachable' ? 1 : 0,
  });
  if (scene.result !== undefined) expect(bad[0]?.result).toMatchObject(scene.result);
  expect(run.stdout + run.stderr).not.toMatch(/Internal error|Unhandled|at .*\.ts:\d+/);

  // Its deadline, and the others.
  for (const each of journal) expect(each.durationMs).toBeGreaterThanOrEqual(0);
  const timesMs = journal.map((each) => each.atMs);
  expect(timesMs).toEqual(timesMs.toSorted((a, b) => a - b));
  expect(last?.durationMs).toBeLessThan(scene.withinMs ?? 12_000);
  const taskCount = new Set(journal.map((each) => each.taskId)).size;
  for (const host of ['good1', 'good2']) {
    const done = journal.filter((each) => each.host === host);
    expect(done.map((each) => each.status)).toEqual(Array.from({ length: taskCount }, () => 'changed'));
  }
  if (scene.isSlow === true) {
    const lastGood = journal.findLastIndex((each) => each.host !== 'bad');
    expect(lastGood).toBeLessThan(journal.findIndex((each) => each.host === 'bad'));
  }

  await scene.after?.();
  // What is left here: no socket at the end, and no process after it.
  expect(JSON.parse(await readFile(openAtExit, 'utf8'))).toEqual([]);
  expect(await processesWith(mark)).toEqual([]);
  return { run, results: { bad, good1: journal.filter((each) => each.host === 'good1') } };
}

/** Pids of processes that have this in their environment. */
export async function processesWith(mark: string): Promise<readonly number[]> {
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
    if (!environment.split('\0').includes(mark)) continue;
    // What has ended and was not waited for yet is no process any more.
    if (await readlink(`/proc/${name}/exe`).catch(() => undefined)) pids.push(Number(name));
  }
  return pids;
}
