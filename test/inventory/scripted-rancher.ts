/** A stand-in for the Rancher CLI that answers each command line as a test says, in the ways of the real one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadOptions } from '../../src/inventory/index.ts';
import type { Inventory } from '../../src/inventory/types.ts';
import { inventoryDir, load, writeFiles } from './inventory-dir.ts';

/** What one command line does. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly status?: number;
  /** `hang`: never ends, with a child of its own; `menu`: prints the menu of environments for ever. */
  readonly behaviour?: 'hang' | 'menu';
  /** Answers by the project in the cli2.json that the call was given. */
  readonly byProject?: Readonly<Record<string, string>>;
}

/** One call as the stand-in saw it. */
export interface Call {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly stdinIsEmpty: boolean;
  /** Of the cli2.json that it was given: its permission bits and its text. */
  readonly configMode?: number;
  readonly config?: string;
}

export class ScriptedRancher {
  readonly directory: string;

  constructor(answers: Readonly<Record<string, Answer>>) {
    this.directory = inventoryDir({
      'rancher!': `#!${process.execPath}\n${PROGRAM}`,
      'answers.json': JSON.stringify(answers),
    });
  }

  /** Loads a configuration with these lines behind `plugin` and `cli`. */
  load(lines = '', options: Partial<LoadOptions> = {}): Promise<Inventory> {
    writeFiles(this.directory, { 'rancher.yml': `plugin: rancher\ncli: ./rancher\n${lines}` });
    return load(this.directory, 'rancher.yml', options);
  }

  /** The calls so far, in the order of their start. */
  calls(): Call[] {
    const path = join(this.directory, 'calls.ndjson');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    return lines.map((line) => JSON.parse(line) as Call);
  }

  commandLines(): string[] {
    return this.calls().map((call) => call.args.join(' '));
  }
}

/** The program itself: plain JavaScript, for it runs by itself. */
const PROGRAM = `
const { appendFileSync, readFileSync, readSync, statSync } = require('node:fs');
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const args = process.argv.slice(2);
const answers = JSON.parse(readFileSync(join(__dirname, 'answers.json'), 'utf8'));
const answer = answers[args.join(' ')] || { stdout: 'time="2026-01-01T00:00:00Z" level=fatal msg="unknown: ' + args.join(' ') + '"\\n', status: 1 };
const call = { args, env: process.env, pid: process.pid, stdinIsEmpty: readSync(0, Buffer.alloc(1)) === 0 };
let config = {};
try {
  const path = join(process.env.RANCHER_CONFIG_DIR || join(process.env.HOME, '.rancher'), 'cli2.json');
  call.configMode = statSync(path).mode & 0o777;
  call.config = readFileSync(path, 'utf8');
  config = JSON.parse(call.config);
} catch {}
appendFileSync(join(__dirname, 'calls.ndjson'), JSON.stringify(call) + '\\n');
if (answer.behaviour === 'hang') {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
  appendFileSync(join(__dirname, 'children'), child.pid + '\\n');
  setInterval(() => {}, 1000);
} else if (answer.behaviour === 'menu') {
  const menu = 'Environments:\\n[1] Default(1a5)\\n[2] Prod(1a7)\\nSelect: ';
  process.on('SIGTERM', () => {});
  const print = () => { while (process.stdout.write(menu)); process.stdout.once('drain', print); };
  print();
} else {
  const project = config.Servers && config.Servers[config.CurrentServer].project;
  const stdout = answer.byProject ? answer.byProject[project] : answer.stdout;
  if (answer.stderr) process.stderr.write(answer.stderr);
  process.exitCode = answer.status || 0;
  if (stdout) process.stdout.write(stdout);
}
`;

/** Lines of JSON, as `--format json` prints them. */
export function lines(...rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
