/** The oracle's results as they are kept in the repository. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';
import type { LoopbackHosts } from './hosts.ts';
import { ORACLE, PLAYBOOKS } from './places.ts';
import { runAnsible } from './programs.ts';

export interface OracleEntry extends Account {
  /** Version of ansible-core that gave it. */
  readonly ansible: string;
  /** The files that Ansible read, with the beginning of their SHA-256. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** The names of all playbooks, sorted. */
export async function playbookNames(): Promise<string[]> {
  return (await readdir(PLAYBOOKS)).filter((name) => name.endsWith('.yml')).sort();
}

/** What is kept for a playbook; undefined when there is nothing. */
export async function readOracle(playbook: string): Promise<OracleEntry | undefined> {
  const text = await readFile(entryPath(playbook), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Why an entry says nothing of the playbook as it is now; undefined when it does. */
export async function stalenessOf(entry: OracleEntry | undefined): Promise<string | undefined> {
  if (entry === undefined) return 'there is no result of Ansible';
  for (const name of [...Object.keys(entry.inputs), ...(await varsBeside())]) {
    const [kept, now] = [entry.inputs[name], await hashOf(name)];
    if (now === undefined) return `'${name}' is gone`;
    if (kept === undefined) return `'${name}' is new`;
    if (kept !== now) return `'${name}' has changed`;
  }
  return undefined;
}

/** Runs a playbook through Ansible, here or on the hosts. */
export async function askOracle(
  playbook: string,
  hosts?: LoopbackHosts,
): Promise<{ entry: OracleEntry; output: string }> {
  const { account, output, reads } = await runAnsible(playbook, hosts);
  const inputs: Record<string, string> = {};
  for (const name of [...new Set([...reads, playbook, ...(await varsBeside())])].sort()) {
    const hash = await hashOf(name);
    if (hash !== undefined) inputs[name] = hash;
  }
  return { entry: { ansible: ansibleVersion(), inputs, ...account }, output };
}

export async function writeOracle(playbook: string, entry: OracleEntry): Promise<void> {
  await writeFile(entryPath(playbook), `${JSON.stringify(entry, null, 1)}\n`);
}

/** Removes the entries of playbooks that are gone. @returns their names */
export async function dropOrphans(): Promise<string[]> {
  const kept = new Set((await playbookNames()).map((name) => entryPath(name)));
  const orphans = (await readdir(ORACLE)).filter((name) => !kept.has(join(ORACLE, name)));
  for (const name of orphans) await rm(join(ORACLE, name));
  return orphans;
}

function entryPath(playbook: string): string {
  return join(ORACLE, playbook.replace(/yml$/, 'json'));
}

// Those of the hosts a, b and c: a new one changes results without having been read before.
async function varsBeside(): Promise<string[]> {
  const hosts = (await readdir(join(PLAYBOOKS, 'host_vars'))).filter((name) => /^[abc]\b/.test(name));
  return ['group_vars/all.yml', ...hosts.map((name) => `host_vars/${name}`)];
}

async function hashOf(name: string): Promise<string | undefined> {
  const bytes = await readFile(join(PLAYBOOKS, name)).catch(() => undefined);
  return bytes && createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

let version: string | undefined;

function ansibleVersion(): string {
  version ??= /\[core ([^\]]+)\]/.exec(execFileSync('ansible-playbook', ['--version'], { encoding: 'utf8' }))?.[1];
  return version ?? 'unknown';
}
