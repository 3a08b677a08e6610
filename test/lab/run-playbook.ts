/** Runs a playbook that ships, as an operator does, and reads its JSON report. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ran, run } from './process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface TaskRecord {
  readonly name: string;
  readonly module: string;
  readonly hosts: Readonly<
    Record<string, { readonly status: string; readonly result: Readonly<Record<string, unknown>> }>
  >;
}

export interface PlaybookReport {
  readonly run: { readonly id: string; readonly exitCode: number; readonly notStarted?: readonly string[] };
  readonly hosts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly customStats?: { readonly run: Readonly<Record<string, unknown>> };
  readonly plays: readonly { readonly name: string; readonly tasks: readonly TaskRecord[] }[];
}

export interface PlaybookRun extends Ran {
  readonly report: PlaybookReport;
}

/**
 * @param options - `home`: the user's home folder; `env`: more of the environment
 */
export async function runPlaybook(
  name: string,
  args: readonly string[],
  options: { readonly home: string; readonly env?: Readonly<Record<string, string>>; readonly timeoutMs?: number },
): Promise<PlaybookRun> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-playbook-'));
  try {
    const path = join(folder, 'report.json');
    const words = [join(ROOT, 'src/cli/main.ts'), 'run', join(ROOT, 'playbooks', name), '--report', `json=${path}`];
    const env = { PATH: process.env.PATH, HOME: options.home, USER: 'ops', ...options.env };
    const ran = await run(process.execPath, [...words, ...args], { env, cwd: folder, timeoutMs: options.timeoutMs });
    const report = await readFile(path, 'utf8').catch(() => {
      throw new Error(`no report; exit ${ran.exitCode}: ${ran.stdout}${ran.stderr}`);
    });
    return { ...ran, report: JSON.parse(report) as PlaybookReport };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
