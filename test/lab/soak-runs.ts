/**
 * Many runs in one process, as a scheduler makes them; prints what the process holds after some of them, as JSON lines.
 *
 *   node --expose-gc soak-runs.ts COUNT EVERY FOLDER WORD...
 *
 * WORD... is the command line of each run. After every EVERY runs: used heap and memory outside of it (after collecting
 * garbage), open descriptors, what keeps the process alive, and how many listeners the process itself has.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIo } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';

const [count = '0', every = '1', cwd = '.', ...words] = process.argv.slice(2);
const { gc } = globalThis;
if (gc === undefined) throw new Error('run it with --expose-gc');
let said = '';
const io = {
  ...processIo(),
  cwd,
  home: cwd,
  env: { PATH: process.env.PATH, HOME: cwd },
  out: () => {},
  err: (text: string) => {
    said = (said + text).slice(-4000);
  },
  flush: async () => {},
};

/** What one look at the process found. */
export interface SoakSample {
  readonly runs: number;
  readonly exitCode: number;
  readonly heapBytes: number;
  readonly otherBytes: number;
  readonly descriptorCount: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly listenerCount: number;
}

for (let runs = 1; runs <= Number(count); runs++) {
  const exitCode = await runCli(words, io);
  if (runs % Number(every) !== 0) continue;
  // Sockets that were just closed are let go of in the next turns.
  await sleep(100);
  for (let turn = 0; turn < 3; turn++) {
    await gc({ type: 'major', execution: 'async' });
  }
  const { heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const sample: SoakSample = {
    runs,
    exitCode,
    heapBytes: heapUsed,
    otherBytes: external,
    descriptorCount: readdirSync('/proc/self/fd').length,
    resources,
    listenerCount: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
  process.stdout.write(`${JSON.stringify(sample)}\n`);
}
if (said !== '') process.stderr.write(said);
