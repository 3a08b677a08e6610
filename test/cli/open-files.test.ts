import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEmbeddedSshHost } from '../../src/cli/demo/embedded-ssh-host.ts';
import { newKeyPair } from '../../src/cli/demo/key-pair.ts';
import { budgetOpenFiles, openFileLimit } from '../../src/cli/open-file-budget.ts';
import { testFolder } from './run-cli.ts';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;

describe('budgetOpenFiles', () => {
  it('changes nothing where all fits', () => {
    expect(budgetOpenFiles({ forks: 50, connecting: 64, hostCount: 500 }, 1024, 30)).toMatchObject({
      forks: 50,
      connecting: 64,
      warnings: [],
    });
  });

  it('keeps fewer hosts connected than there are, and says so', () => {
    expect(budgetOpenFiles({ forks: 50, connecting: 64, hostCount: 10_000 }, 1024, 24)).toEqual({
      forks: 50,
      connecting: 64,
      maxOpenConnections: 760,
      warnings: [
        'this process may open only 1024 files (`ulimit -n`): at most 760 of 10000 hosts stay connected, ' +
          'the others are connected anew for each task, which takes longer',
      ],
    });
  });

  it('works on fewer hosts at once, and says so; never on none', () => {
    const budget = budgetOpenFiles({ forks: 500, connecting: 64, hostCount: 600 }, 256, 16);
    expect(budget).toMatchObject({ forks: 40, maxOpenConnections: 40, connecting: 40 });
    expect(budget.warnings[0]).toContain('40 hosts are worked on at once, not 500');
    expect(budgetOpenFiles({ forks: 50, connecting: 64, hostCount: 9 }, 20, 30)).toMatchObject({ forks: 1 });
  });

  it('a limit that does not exist limits nothing', () => {
    const budget = budgetOpenFiles({ forks: 50, connecting: 64, hostCount: 99 }, Number.POSITIVE_INFINITY, 30);
    expect(budget).toEqual({ forks: 50, connecting: 64, maxOpenConnections: Number.POSITIVE_INFINITY, warnings: [] });
    expect(openFileLimit()).toBeGreaterThan(0);
  });
});

it('works through more hosts than it may hold connections to', async () => {
  const dir = await testFolder();
  const key = newKeyPair();
  await writeFile(join(dir, 'key'), key.private, { mode: 0o600 });
  const environment = { PATH: process.env.PATH };
  const host = await startEmbeddedSshHost({ directory: dir, environment, authorizedKeys: [key.public] });
  onTestFinished(() => host.close());
  const names = Array.from({ length: 120 }, (_, index) => `h${index}`);
  const lines = names.map((name) => `${name} ansible_host=127.0.0.1 ansible_port=${host.port}\n`);
  await writeFile(join(dir, 'hosts.ini'), lines.join(''));
  await writeFile(join(dir, 'play.yml'), '- hosts: all\n  tasks: [{raw: echo one}, {raw: echo two}]\n');
  const words = ['run', 'play.yml', '-i', 'hosts.ini', '--private-key', 'key', '--host-keys', 'off', '-f', '5'];
  words.push('--connecting', '5');
  const child = spawn('sh', ['-c', 'ulimit -n 160; exec "$0" "$@"', process.execPath, MAIN, ...words], {
    cwd: dir,
    env: { ...environment, HOME: dir, USER: 'ops' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  expect(code, text).toBe(0);
  expect(text).toMatch(/may open only 160 files .*: at most \d+ of 120 hosts stay connected/);
  // Every host was connected for the first task, some again for the second, and not all of them.
  expect(host.connectionCount).toBeGreaterThan(120);
  expect(host.connectionCount).toBeLessThan(240);
  expect(text).not.toContain('too many open files');
});
