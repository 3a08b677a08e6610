/** What a program says of a run and what it left behind, in the same form for both programs. */

import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAYBOOKS } from './places.ts';

const COUNTS = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'];

export interface Account {
  readonly exit: number;
  /** `ok=1 changed=0 …` by host; absent when the run did not start. */
  readonly recap?: Readonly<Record<string, string>>;
  /** What `debug` showed on each host, in order. */
  readonly shown?: Readonly<Record<string, readonly unknown[]>>;
  /** What is in the scratch folder: mode and content by name. */
  readonly files?: Readonly<Record<string, string>>;
}

type Dict = Readonly<Record<string, unknown>>;

export interface Report {
  readonly plays: readonly { readonly tasks: readonly ReportedTask[] }[];
}

interface ReportedTask {
  readonly module?: string;
  readonly hosts: Readonly<Record<string, Dict>>;
}

/** The recap and what `debug` showed, from the JSON of Ansible's callback. */
export function ansibleAccount(json: Report & { readonly stats: Record<string, Record<string, number>> }) {
  return {
    recap: recapOf(json.stats),
    shown: shownOf(json, (entry) =>
      /^(ansible\.(builtin|legacy)\.)?debug$/.test(String(entry.action)) ? entry : undefined,
    ),
  };
}

/** The same from our JSON report. */
export function ourAccount(json: Report & { readonly hosts: Record<string, Record<string, number>> }) {
  return {
    recap: recapOf(json.hosts),
    shown: shownOf(json, (entry, task) => (task.module === 'debug' ? (entry.result as Dict) : undefined)),
  };
}

function recapOf(stats: Readonly<Record<string, Readonly<Record<string, number>>>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stats).map(([host, counts]) => [
      host,
      COUNTS.map((name) => `${name}=${counts[name] ?? counts[name === 'failed' ? 'failures' : name]}`).join(' '),
    ]),
  );
}

function shownOf(
  report: Report,
  resultOf: (host: Dict, task: ReportedTask) => Dict | undefined,
): Record<string, unknown[]> {
  const shown: Record<string, unknown[]> = {};
  for (const task of report.plays.flatMap((play) => play.tasks)) {
    for (const [host, entry] of Object.entries(task.hosts)) {
      const result = resultOf(entry, task);
      // How a failure is worded is ours to choose, as is what stands for a result that `no_log` hides.
      if (result === undefined || result.skipped === true || result.failed === true || 'censored' in result) continue;
      const passes: Dict[] = (Array.isArray(result.results) ? result.results : [result]).filter(
        (pass) => pass.skipped !== true && pass.failed !== true,
      );
      shown[host] = [...(shown[host] ?? []), ...passes.map(shownValue)];
    }
  }
  return shown;
}

const NOT_SHOWN = new Set([
  'action',
  'changed',
  'failed',
  'item',
  'ansible_loop_var',
  'ansible_index_var',
  'ansible_loop',
]);

// `msg`, or what stands under the name given as `var`.
function shownValue(result: Dict): unknown {
  if ('msg' in result) return result.msg;
  const name = Object.keys(result).find((key) => !NOT_SHOWN.has(key) && !key.startsWith('_ansible'));
  return name === undefined ? undefined : { [name]: result[name] };
}

/** The names below a folder with kind, mode and content (long or binary content as its hash). */
export async function filesBelow(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    const stat = await lstat(path);
    const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
    if (stat.isSymbolicLink()) files[name] = `link ${await readlink(path)}`;
    else if (stat.isDirectory()) files[name] = `folder ${mode}`;
    else files[name] = `${mode} ${contentOf(await readFile(path))}`;
  }
  return files;
}

function contentOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const isShortText = bytes.length <= 1000 && Buffer.from(text).equals(bytes);
  return isShortText ? text : `sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The account with the folders of this machine and this run replaced by words. */
export function withoutPaths<T>(account: T, home: string): T {
  const text = JSON.stringify(account).replaceAll(home, 'HOME').replaceAll(PLAYBOOKS, 'PLAYBOOKS');
  return JSON.parse(text);
}
