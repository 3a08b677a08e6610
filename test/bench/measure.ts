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

/** Runs a program to its end, its output to nowhere. @throws when it fails: then its time means nothing */
export async function measure(command: Command, cwd: string): Promise<Cost> {
  const child = spawn('/usr/bin/python3', [MEASURE, ...command.words], {
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
  const { exitCode, ...cost } = JSON.parse(line) as Cost & { exitCode: number };
  if (exitCode !== 0) throw new Error(`${command.words.join(' ')}: exit ${exitCode}\n${text.slice(0, -line.length)}`);
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
