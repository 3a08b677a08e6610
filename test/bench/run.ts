/**
 * `npm run bench`: fleetmend beside its peers and beside the least that any SSH client in Node can do, all in one run.
 *
 *   npm run bench -- [--only 200x1,50x20,1000x1,startup,algorithms,template,scale] [--rounds 5] [--quick] [--no-peers]
 *                    [--bare-loop FILE] [--json FILE] [--write FILE]
 *
 * Needs root, sshd and python3; installs peers that are missing where it may. Ours and the bare loop run `--rounds` times
 * turn about and their medians count; peers run once. `--write` puts the tables between the markers of a document
 * (docs/performance.md).
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installPackages } from '../lab/install.ts';
import { measureAlgorithms } from './algorithms.ts';
import { type Contender, type ContenderId, contenders } from './contenders.ts';
import { type Fleet, startFleet, type Work } from './fleet.ts';
import { type Cost, MeasureError, measure, medianCost } from './measure.ts';
import { measureScale } from './scale.ts';
import { measureStartUp } from './startup.ts';
import { type Report, reportText, writeBetweenMarkers } from './tables.ts';
import { measureTemplates } from './template.ts';
import { QUICK_WORKS, WORKS, type WorkResult } from './works.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = [...WORKS.map((work) => work.id), 'startup', 'algorithms', 'template', 'scale'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: PARTS.join(',') },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: true },
    'bare-loop': { type: 'string', default: join(ROOT, '..', 'shared', 'bench', 'limit-ssh.mjs') },
    json: { type: 'string' },
    write: { type: 'string' },
  },
  allowNegative: true,
});
const parts = values.only.split(',');
const wrong = parts.find((part) => !PARTS.includes(part));
if (wrong !== undefined) throw new Error(`--only: expected some of ${PARTS.join(',')}, found '${wrong}'`);
const rounds = values.quick ? 1 : Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds: expected 1 or more, found '${values.rounds}'`);
if (!existsSync(join(ROOT, 'dist', 'bin'))) throw new Error('the build is missing: npm run build');

const all = contenders(ROOT, values['bare-loop']).filter((each) => values.peers || !each.isPeer);
await installMissing(all);
const here = all.filter((each) => each.package === undefined || existsSync(each.package.file));
const absent = all.filter((each) => !here.includes(each)).map((each) => each.label);
if (!existsSync(values['bare-loop'])) absent.push('the bare loop (--bare-loop)');

const fleet = await startFleet();
// Ctrl-C leaves no server and no user behind.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => void fleet.stop().finally(() => process.exit(130)));
}
try {
  const works = (values.quick ? QUICK_WORKS : WORKS).filter((work) => parts.includes(work.id));
  const measured = [];
  for (const work of works) measured.push(await measureWork(work, here, fleet));
  const report: Report = {
    command: shownCommand(),
    isQuick: values.quick,
    works: measured,
    contenders: here,
    absent,
    ...(parts.includes('startup') ? { startUp: await measureStartUp(ROOT, fleet, values.quick ? 3 : 25) } : {}),
    ...(parts.includes('algorithms')
      ? { algorithms: await measureAlgorithms(ROOT, fleet, rounds, values.quick ? 5 : 100) }
      : {}),
    ...(parts.includes('template')
      ? { template: await measureTemplates(ROOT, fleet, values.quick ? [10, 20] : [250, 500, 1000, 2000], rounds) }
      : {}),
    ...(parts.includes('scale')
      ? { scale: await measureScale(ROOT, fleet, values.quick ? [10, 50] : [100, 1000, 10_000]) }
      : {}),
  };
  const text = reportText(report);
  process.stdout.write(`${text}\n`);
  if (values.write !== undefined) await writeBetweenMarkers(values.write, text);
  if (values.json !== undefined) await writeFile(values.json, `${jsonText(report)}\n`);
} finally {
  await fleet.stop();
}

// Without paths of this machine.
function shownCommand(): string {
  const words = [
    ...(values.only === PARTS.join(',') ? [] : ['--only', values.only]),
    ...(values.quick ? ['--quick'] : ['--rounds', String(rounds)]),
    ...(values.peers ? [] : ['--no-peers']),
  ];
  return ['npm run bench', '--', ...words].join(' ');
}

async function measureWork(work: Work, who: readonly Contender[], fleet: Fleet): Promise<WorkResult> {
  const costs = new Map<ContenderId, Cost[]>();
  const failures = new Map<ContenderId, string>();
  for (let round = 0; round < rounds; round++) {
    for (const contender of who) {
      if (contender.isPeer && round > 0) continue;
      const command = await contender.command(work, fleet);
      if (command === undefined) continue;
      process.stderr.write(`${work.id}: ${contender.label}${contender.isPeer ? '' : ` (${round + 1} of ${rounds})`}\n`);
      try {
        const cost = await measure(command, ROOT);
        costs.set(contender.id, [...(costs.get(contender.id) ?? []), cost]);
      } catch (error) {
        // Ours must work; a peer that does not says so in its row.
        if (!contender.isPeer || !(error instanceof MeasureError)) throw error;
        process.stderr.write(`${error.message}\n`);
        failures.set(contender.id, error.end);
      }
    }
  }
  return { work, figures: new Map([...costs].map(([id, each]) => [id, medianCost(each)])), failures };
}

async function installMissing(who: readonly Contender[]): Promise<void> {
  const missing = who.flatMap((each) =>
    each.package === undefined || existsSync(each.package.file) ? [] : [each.package.name],
  );
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  try {
    await installPackages([...new Set(missing)]);
  } catch (error) {
    process.stderr.write(`not installed: ${missing.join(', ')}: ${String(error)}\n`);
  }
}

function jsonText({ works, startUp, algorithms, template, scale, command, absent }: Report): string {
  const flat = works.map(({ work, figures, failures }) => ({
    ...work,
    costs: Object.fromEntries(figures),
    failures: Object.fromEntries(failures),
  }));
  return JSON.stringify(
    { command, node: process.version, absent, works: flat, startUp, algorithms, template, scale },
    undefined,
    2,
  );
}
