/** What is loaded decides when a run begins; times would say the same, but only on a quiet machine. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const HOOK = fileURLToPath(new URL('report-loaded.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetmend-start-up-'));
  const task = 'shell: echo hi';
  writeFileSync(
    join(folder, 'play.yml'),
    `- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: say, ${task}}\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function loadedBy(words: readonly string[]) {
  const file = join(folder, 'loaded.json');
  const done = spawnSync(process.execPath, ['--import', HOOK, MAIN, ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, LOADED_FILE: file },
  });
  expect(done).toMatchObject({ status: 0, stderr: '' });
  const urls = JSON.parse(readFileSync(file, 'utf8')) as string[];
  const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  const own = urls.flatMap((url) => /\/src\/(.*)/.exec(url)?.[1] ?? []);
  return { packages: [...new Set(packages)].sort(), own: own.sort() };
}

test('--version loads the command line and nothing behind it', () => {
  expect(loadedBy(['--version'])).toEqual({
    packages: ['commander'],
    own: ['cli/io.ts', 'cli/main.ts', 'cli/options.ts', 'cli/program.ts', 'cli/version.ts', 'errors.ts'],
  });
});

test('a check of a playbook loads nothing of SSH', () => {
  const { packages, own } = loadedBy(['check', 'play.yml']);
  expect(packages).toEqual(['commander', 'yaml']);
  expect(own.filter((file) => /^(transport|engine|report)\//.test(file))).toEqual([]);
});

test('a run on this machine loads no SSH, no live view, and nothing to word bad values', () => {
  const { packages, own } = loadedBy(['run', 'play.yml', '-i', 'localhost,', '-c', 'local', '--state-dir', folder]);
  expect(packages).toEqual(['commander', 'p-limit', 'yaml', 'yocto-queue']);
  expect(
    own.filter((file) => /^(transport\/.*\/(docker|openssh)-transport|inventory\/rancher\/|cli\/demo\/)/.test(file)),
  ).toEqual([]);
});
