/** Runs a playbook that ships as an operator would: the program from source, against the lab's hosts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DockerLab } from './docker-lab.ts';
import { type Ran, run } from './process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface HostResult {
  readonly status: string;
  readonly result: Readonly<Record<string, unknown>>;
}

export interface Report {
  readonly run: { readonly id: string; readonly checkMode: boolean; readonly exitCode: number };
  readonly hosts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly customStats?: { readonly run: Readonly<Record<string, unknown>> };
  readonly plays: readonly {
    readonly tasks: readonly {
      readonly name: string;
      readonly module: string;
      readonly hosts: Readonly<Record<string, HostResult>>;
    }[];
  }[];
}

export interface PlaybookRun extends Ran {
  readonly report: Report;
  /** What the first task of a module came to on a host. */
  result(host: string, module: string): HostResult;
}

export interface PlaybookOptions {
  /** Default: that of all hosts of the lab. */
  readonly inventory?: string;
  /** Further words of the command line. */
  readonly args?: readonly string[];
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

let runs = 0;

/**
 * @param lab - where reports are written, which is the user's home as well, and the inventory
 * @param playbook - path in the project: `playbooks/clean-dead-containers.yml`
 */
export async function runPlaybook(
  lab: Pick<DockerLab, 'folder' | 'inventory'>,
  playbook: string,
  { inventory = lab.inventory, args = [], env: more = {} }: PlaybookOptions = {},
): Promise<PlaybookRun> {
  const path = join(lab.folder, `report-${runs++}.json`);
  const command = ['src/cli/main.ts', 'run', playbook, '-i', inventory, '--report', `json=${path}`, ...args];
  // A home of its own: no settings of whoever runs the tests.
  const env = { ...process.env, HOME: lab.folder, XDG_CONFIG_HOME: lab.folder, XDG_STATE_HOME: lab.folder, ...more };
  const ran = await run(process.execPath, command, { cwd: ROOT, env, timeoutMs: 110_000 });
  const report = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as Report,
    () => {
      throw new Error(`no report was written: exit ${ran.exitCode}\n${ran.stdout}${ran.stderr}`);
    },
  );
  return {
    ...ran,
    report,
    result(host, module) {
      const tasks = report.plays.flatMap((play) => play.tasks).filter((task) => task.module === module);
      const found = tasks.map(({ hosts }) => hosts[host]).find((result) => result !== undefined);
      if (found === undefined) throw new Error(`the report has no result of ${module} on ${host}\n${ran.stdout}`);
      return found;
    },
  };
}
