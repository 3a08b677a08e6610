/**
 * `npm run oracle [-- [--all] [--ssh] [PLAYBOOK...]]`: asks Ansible again and keeps what it says. Without names: those whose
 * playbook, or a file it reads, is not as it was. With `--ssh` Ansible uses the hosts that we use, all or those named, and
 * nothing is kept: it is said where that makes a difference.
 */

import { isDeepStrictEqual, parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { comparable } from './comparable.ts';
import { directionsOf } from './directions.ts';
import { type LoopbackHosts, startLoopbackHosts } from './hosts.ts';
import { askOracle, dropOrphans, playbookNames, readOracle, stalenessOf, writeOracle } from './oracle.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' }, ssh: { type: 'boolean' } },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const names = await playbookNames();
const asked = positionals.map((name) => (name.endsWith('.yml') ? name : `${name}.yml`));
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`there is no playbook ${unknown.join(', ')}`);
const chosen = asked.length > 0 ? asked : names;

if (values.ssh) {
  const hosts = await startLoopbackHosts();
  try {
    await eachOf(chosen, (name) => compareOverSsh(name, hosts));
  } finally {
    await hosts.stop();
  }
} else {
  for (const name of await dropOrphans()) say(`${name}: removed, its playbook is gone`);
  const renewed = await eachOf(chosen, renew);
  say(`${renewed.filter(Boolean).length} of ${names.length} asked of Ansible`);
}

function eachOf<T>(which: readonly string[], work: (name: string) => Promise<T>): Promise<T[]> {
  const limit = pLimit(3);
  return Promise.all(which.map((name) => limit(() => work(name))));
}

/** @returns whether Ansible was asked */
async function renew(name: string): Promise<boolean> {
  const old = await readOracle(name);
  const reason = await stalenessOf(old);
  if (reason === undefined && values.all !== true && asked.length === 0) return false;
  const { entry } = await askOracle(name);
  await writeOracle(name, entry);
  say(`${name}: ${isDeepStrictEqual({ ...old, inputs: 0 }, { ...entry, inputs: 0 }) ? 'the same' : 'renewed'}`);
  return true;
}

async function compareOverSsh(name: string, hosts: LoopbackHosts): Promise<void> {
  const kept = await readOracle(name);
  const { entry, output } = await askOracle(name, hosts);
  const { isUnordered, isNative } = await directionsOf(name);
  const [before, now] = [kept, entry].map((each) => each && comparable(each, isUnordered, isNative));
  if (isDeepStrictEqual(before, now)) say(`${name}: the same`);
  else say(`${name}: DIFFERENT\n--- kept\n${JSON.stringify(before)}\n--- over SSH\n${JSON.stringify(now)}\n${output}`);
}
