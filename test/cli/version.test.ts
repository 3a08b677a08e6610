import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { VERSION } from '../../src/cli/version.ts';
import { runCli } from './run-cli.ts';

it('--version prints the version of package.json', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(version);
  expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

it('--version -v tells what it runs on, and whether ssh2 has its native cryptography', async () => {
  const { code, stdout } = await runCli(['--version', '-v']);
  expect(code).toBe(0);
  const rows = Object.fromEntries(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  );
  expect(rows).toMatchObject({
    fleetmend: VERSION,
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
  });
  const { bindingAvailable } = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js');
  const words = bindingAvailable ? /^in use$/ : /^not in use: it (was compiled for another Node|was not compiled)/;
  expect(rows['ssh2 native crypto']).toMatch(words);
});

it('--version with anything else but -v is the version alone', async () => {
  expect(await runCli(['--version', 'run'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
});
