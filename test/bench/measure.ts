/** What one program costs, and the middle of several runs. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MEASURE = fileURLToPath(new URL('measure.py', import.meta.url));

/** A program to measure. */
export interface Command {
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Of a program and all that it started. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** Longer than anything here takes that works. */
const LIMIT_MINUTES = 8;

/** A program that came to no good end. */
export class MeasureError extends Error {
  /** How it ended, in a few words. */
  readonly end: string;

  constructor(end: string, output: string) {
    super(`${end}: ${output}`);
    this.name = 'MeasureError';
    this.end = end;
  }
}

/** Runs a program to its end, its output to nowhere. @throws when it fails or does not end: then its time means nothing */
export async function measure(command: Command, cwd: string): Promise<Cost> {
  const child = spawn('/usr/bin/python3', [MEASURE, String(LIMIT_MINUTES * 60), ...command.words], {
    cwd,
    env: command.env ?? process.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-20_000);
  });
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`${command.words.join(' ')}: no figures came:\n${text}`);
  const { exitCode, timedOut, ...cost } = JSON.parse(line) as Cost & { exitCode: number; timedOut: boolean };
  const output = `${command.words.join(' ')}\n${text.slice(0, -line.length)}`;
  if (timedOut) throw new MeasureError(`no end within ${LIMIT_MINUTES} minutes`, output);
  if (exitCode !== 0) throw new MeasureError(`exit ${exitCode}`, output);
  return cost;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The median of each figure. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    wallMs: median(costs.map((cost) => cost.wallMs)),
    cpuMs: median(costs.map((cost) => cost.cpuMs)),
    peakMiB: median(costs.map((cost) => cost.peakMiB)),
  };
}
