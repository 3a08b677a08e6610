/**
 * The same playbooks through Ansible and through us: the recap of each host, what `debug` showed there, the files written
 * and the exit code must be the same. README.md says what is asked of Ansible live, and how its kept results are renewed.
 */

import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { DIFFERENCES } from '../../src/playbook/differences.ts';
import type { Account } from './account.ts';
import { comparable } from './comparable.ts';
import { directionsOf } from './directions.ts';
import { type LoopbackHosts, startLoopbackHosts } from './hosts.ts';
import { askOracle, type OracleEntry, playbookNames, readOracle, stalenessOf } from './oracle.ts';
import { runOurs } from './programs.ts';

const SAMPLE_SIZE = 12;
const names = await playbookNames();
const stale = new Map<string, string>();
for (const name of names) {
  const reason = await stalenessOf(await readOracle(name));
  if (reason !== undefined) stale.set(name, reason);
}

let hosts: LoopbackHosts;
beforeAll(async () => {
  hosts = await startLoopbackHosts();
});
afterAll(() => hosts?.stop());

describe.concurrent('as Ansible', () => {
  it.each(names)('%s', async (name) => {
    const reason = stale.get(name);
    const live = reason === undefined ? undefined : await askOracle(name);
    await compare(name, live?.entry ?? (await readOracle(name)), live?.output);
    expect(reason && `${reason}: renew with \`npm run oracle -- ${name}\` and look at what changes`).toBeUndefined();
  });
});

test('each difference that is documented is proved by a playbook', async () => {
  const proved = await Promise.all(names.map(async (name) => (await directionsOf(name)).difference));
  expect([...new Set(proved)].filter((id) => id !== undefined).sort()).toEqual(DIFFERENCES.map(({ id }) => id).sort());
});

describe.concurrent('Ansible still says', () => {
  it.each(sampleOf(names.filter((name) => !stale.has(name))))('%s', async (name) => {
    const { entry, output } = await askOracle(name);
    const kept = await readOracle(name);
    const context = `${output}\n--- renew with \`npm run oracle -- ${name}\`, Ansible then was ${kept?.ansible}`;
    const { isUnordered } = await directionsOf(name);
    expect(comparable(entry, isUnordered), context).toEqual(kept && comparable(kept, isUnordered));
  });
});

// Another part each day of the year, so that all are asked within weeks.
function sampleOf(fresh: readonly string[]): string[] {
  if (process.env.ORACLE_SAMPLE === 'all') return [...fresh];
  const parts = Math.ceil(fresh.length / SAMPLE_SIZE);
  const day = Math.floor(Date.now() / 86_400_000);
  return fresh.filter((_, index) => index % parts === day % parts);
}

async function compare(
  name: string,
  oracle: OracleEntry | undefined,
  ansibleOutput: string | undefined,
): Promise<void> {
  const directions = await directionsOf(name);
  const ours = await runOurs(name, hosts);
  const context = `--- ansible ${oracle?.ansible}\n${ansibleOutput ?? 'kept'}\n--- fleetmend\n${ours.output}`;
  const [expected, actual] = [oracle, ours.account].map(
    (account) =>
      account &&
      comparable(account, directions.isUnordered, directions.isNative || directions.difference !== undefined),
  );
  if (directions.difference === undefined) expect(actual, context).toEqual(expected);
  else expectDifference(directions.difference, ours.account, { actual, expected, context });
}

// The playbook asserts our meaning, or is refused before the run.
function expectDifference(
  id: string,
  ours: Account,
  { actual, expected, context }: { actual: unknown; expected: unknown; context: string },
): void {
  const difference = DIFFERENCES.find((each) => each.id === id);
  expect(difference, `'${id}' is in src/playbook/differences.ts`).toBeDefined();
  expect(actual, `${context}\n--- both say the same: '${id}' is no difference any more`).not.toEqual(expected);
  expect({ started: ours.recap !== undefined, exit: ours.exit }, context).toEqual(
    difference?.isRefused === true
      ? { started: false, exit: 1 }
      : { started: true, exit: difference?.isFailing === true ? 2 : 0 },
  );
}
