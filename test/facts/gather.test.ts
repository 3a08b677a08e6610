import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { factsScript, parseFacts, selectGatherers } from '../../src/facts/gather.ts';
import { parseSections } from '../../src/facts/gatherer.ts';
import { mounts } from '../../src/facts/mounts.ts';
import { setup } from '../../src/modules/setup.ts';
import { createFakeConnection } from '../util/fake-connection.ts';
import { runModule } from '../util/module-runner.ts';

const names = (subset: readonly string[]) => {
  const selected = selectGatherers(subset);
  return 'unknown' in selected ? selected : selected.map((each) => each.name);
};

describe('selectGatherers', () => {
  test('takes all unless told otherwise', () => {
    expect(names(['all'])).toEqual(names([]));
    expect(names(['all'])).toContain('mounts');
  });

  test('!all leaves the minimum, !min nothing of it', () => {
    expect(names(['!all'])).toEqual(names(['min']));
    expect(names(['!all'])).not.toContain('network');
    expect(names(['!all', '!min'])).toEqual([]);
    expect(names(['!all', '!min', 'network'])).toEqual(['network']);
  });

  test('a group or a part comes with the minimum', () => {
    expect(names(['network'])).toEqual([...(names(['min']) as string[]), 'network']);
    expect(names(['!hardware'])).not.toContain('mounts');
    expect(names(['default_ipv4'])).toContain('network');
    expect(names(['facter'])).toEqual(names(['min']));
  });

  test('names the word that is not known', () => {
    expect(names(['all', '!netwrk'])).toEqual({ unknown: 'netwrk' });
  });
});

describe('setup', () => {
  test('finds this machine, under Ansible names, with and without prefix', async () => {
    const run = await runModule(setup, {}, { env: { SOME: 'two\nlines' } });
    expect(run.status).toBe('ok');
    expect(run.facts).toMatchObject({
      system: 'Linux',
      nodename: hostname(),
      user_uid: process.getuid?.(),
      env: { SOME: 'two\nlines' },
    });
    expect(run.facts?.memtotal_mb).toBeGreaterThan(0);
    expect(run.facts?.processor_vcpus).toBeGreaterThan(0);
    const prefixed = run.result.ansible_facts as Record<string, unknown>;
    expect(prefixed.ansible_distribution).toBe(run.facts?.distribution);
    expect(run.scripts).toHaveLength(1);
  });

  test('runs in check mode, and returns what the filter lets through', async () => {
    const run = await runModule(setup, { filter: ['ansible_distribution*', 'user_id'] }, { checkMode: true });
    const found = Object.keys(run.facts ?? {});
    expect(found).toEqual(expect.arrayContaining(['distribution', 'distribution_version', 'user_id']));
    expect(found.every((name) => name.startsWith('distribution') || name === 'user_id')).toBe(true);
  });

  test('refuses a subset that is not known', async () => {
    const run = await runModule(setup, { gather_subset: ['netwrk'] });
    expect(run).toMatchObject({ status: 'failed', scripts: [] });
    expect(run.result.msg).toBe("expected 'gather_subset' to hold names of subsets, found 'netwrk'");
  });

  test('works on a host that has hardly a command', async () => {
    const run = await runModule(setup, {}, { shell: ['/bin/sh'], env: { PATH: '/nowhere' } });
    expect(run.status).toBe('ok');
    expect(run.facts).toHaveProperty('service_mgr');
  });
});

describe('mounts', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fleetmend-facts-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('a network file system that hangs is listed without sizes, and the others have theirs', async () => {
    const table = join(directory, 'mounts');
    writeFileSync(table, `nas:/hung ${directory}/hung nfs rw 0 0\n/dev/x / ext4 rw 0 0\nnas:/ok / nfs rw 0 0\n`);
    writeFileSync(
      join(directory, 'stat'),
      '#!/bin/sh\ncase "$*" in *hung*) exec sleep 1000 ;; *) echo "4096 100 50 20 10" ;; esac\n',
      { mode: 0o755 },
    );
    const { signal } = new AbortController();
    const connection = createFakeConnection({ env: { PATH: `${directory}:${process.env.PATH}` } });
    const script = factsScript([mounts], 1).replaceAll('/proc/mounts', table);
    const { stdout } = await connection.exec({ script, timeoutMs: 15_000, signal });
    expect(parseSections(stdout).lines('sizes').toSorted()).toEqual(['2 4096 100 50 20 10', '3 4096 100 50 20 10']);
    const found = parseFacts([mounts], stdout).mounts as Record<string, unknown>[];
    expect(found.map((mount) => mount.size_total)).toEqual([undefined, 409600, 409600]);
  });
});

describe('local facts', () => {
  test('of the folder that the play names, in a lazy gathering too, with a warning for each that is wrong', async () => {
    const { runCli } = await import('../cli/run-cli.ts');
    const dir = mkdtempSync(join(tmpdir(), 'fleetmend-facts-'));
    writeFileSync(join(dir, 'one.fact'), '{"a": [1]}');
    writeFileSync(join(dir, 'bad.fact'), 'neither');
    writeFileSync(join(dir, 'fails.fact'), '#!/bin/sh\necho why >&2\nexit 3\n', { mode: 0o755 });
    writeFileSync(
      join(dir, 'p.yml'),
      `- {hosts: a, fact_path: "{{ folder }}", vars: {folder: ${dir}}, tasks: [{debug: {msg: "{{ ansible_local.one.a }}"}}]}\n`,
    );
    try {
      const { stdout } = await runCli(['run', '-i', 'a,', '-c', 'local', '--lock-wait', 'none', 'p.yml'], { cwd: dir });
      expect(stdout).toContain('ok: a => [1]');
      expect(stdout).toContain(`please check content: ${dir}/bad.fact`);
      expect(stdout).toContain(`Failure executing fact script (${dir}/fails.fact), rc: 3, err: why`);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
