/**
 * `npm run oracle [-- [--all] [PLAYBOOK...]]`: asks Ansible again and keeps what it says. Without names: those whose
 * playbook, or a file it reads, is not as it was.
 */

import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { askOracle, dropOrphans, playbookNames, readOracle, stalenessOf, writeOracle } from './oracle.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { all: { type: 'boolean' } } });
const say = (text: string) => process.stdout.write(`${text}\n`);
const names = await playbookNames();
const asked = positionals.map((name) => (name.endsWith('.yml') ? name : `${name}.yml`));
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`there is no playbook ${unknown.join(', ')}`);

for (const name of await dropOrphans()) say(`${name}: removed, its playbook is gone`);
const limit = pLimit(3);
let renewed = 0;
await Promise.all(
  (asked.length > 0 ? asked : names).map((name) =>
    limit(async () => {
      const old = await readOracle(name);
      const reason = await stalenessOf(old);
      if (reason === undefined && values.all !== true && asked.length === 0) return;
      const { entry } = await askOracle(name);
      await writeOracle(name, entry);
      renewed++;
      say(
        `${name}: ${JSON.stringify({ ...old, inputs: 0 }) === JSON.stringify({ ...entry, inputs: 0 }) ? 'the same' : 'renewed'}`,
      );
    }),
  ),
);
say(`${renewed} of ${names.length} asked of Ansible`);
