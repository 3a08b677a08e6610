import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { script } from '../../src/modules/script.ts';
import { type RunModuleOptions, runModule } from '../util/module-runner.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetmend-script-'));
  mkdirSync(join(directory, 'tmp'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function run(args: Record<string, unknown>, options: RunModuleOptions = {}) {
  const env = { TMPDIR: join(directory, 'tmp'), WORD: 'from the host' };
  return runModule(script, args, { searchPaths: [directory], env, ...options });
}

describe('script', () => {
  test('runs a file of the controller with arguments that the shell of the host reads', async () => {
    writeFileSync(
      join(directory, 'my script.sh'),
      '#!/bin/sh\nprintf "<%s>" "$@"; echo; pwd; cat; echo err >&2; exit 3\n',
    );
    const done = await run({ cmd: `'my script.sh' "a  b" "$WORD" 'it'"'"'s'`, chdir: '/' });
    expect(done.status).toBe('failed');
    expect(done.result).toEqual({
      rc: 3,
      stdout: "<a  b><from the host><it's>\n/\n",
      stdout_lines: ["<a  b><from the host><it's>", '/'],
      stderr: 'err\n',
      stderr_lines: ['err'],
      msg: 'non-zero return code',
    });
    expect(done.scripts).toHaveLength(1);
  });

  test('leaves nothing behind', async () => {
    writeFileSync(join(directory, 's'), '#!/bin/sh\nbasename "$0"\n');
    expect(await run({ cmd: 's' })).toMatchObject({ status: 'changed', result: { stdout: 's\n' } });
    expect(readdirSync(join(directory, 'tmp'))).toEqual([]);
  });

  test('runs a file without a #! line with the executable', async () => {
    writeFileSync(join(directory, 's'), 'echo "$1"');
    expect((await run({ cmd: 's x', executable: 'sh -eu' })).result.stdout).toBe('x\n');
  });

  test('sends a file of any bytes', async () => {
    const tail = Buffer.alloc(300_000, Buffer.from([0, 255, 10, 13]));
    writeFileSync(join(directory, 's'), Buffer.concat([Buffer.from('#!/bin/sh\nwc -c <"$0"; exit\n'), tail]));
    expect(String((await run({ cmd: 's' })).result.stdout).trim()).toBe('300028');
  });

  test('takes another directory where the first forbids files', async () => {
    writeFileSync(join(directory, 's'), '#!/bin/sh\necho ran\n');
    const env = { TMPDIR: '/proc/none', HOME: join(directory, 'tmp') };
    expect((await run({ cmd: 's' }, { env })).result.stdout).toBe('ran\n');
  });

  test('is skipped when creates exists, and in check mode', async () => {
    writeFileSync(join(directory, 's'), 'exit 1');
    const done = await run({ cmd: 's', creates: directory });
    expect(done).toMatchObject({ status: 'skipped', result: { msg: `skipped, since '${directory}' exists` } });
    expect((await run({ cmd: 's' }, { checkMode: true })).status).toBe('skipped');
  });

  test('names the file that is missing', async () => {
    expect((await run({ cmd: 'none.sh' })).result.msg).toBe(
      `Could not find or access 'none.sh' on the controller; looked for '${join(directory, 'none.sh')}'`,
    );
    expect((await run({ cmd: '"a' })).result.msg).toBe(
      'cannot find the file in the command line: unclosed quote in: "a',
    );
  });
});
