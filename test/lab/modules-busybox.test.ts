import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { setup } from '../../src/modules/setup.ts';
import { registerCopyTests } from '../modules/suites/copy.ts';
import { registerFileTests } from '../modules/suites/file.ts';
import { runModule } from '../util/module-runner.ts';

// A host that has busybox and nothing else: its shell, its stat, its find.
const applets = mkdtempSync(join(tmpdir(), 'fleetmend-busybox-'));
execFileSync('/bin/busybox', ['--install', '-s', applets]);
afterAll(() => rmSync(applets, { recursive: true }));

describe('on a host that has only busybox', () => {
  const on = { shell: [join(applets, 'sh')], env: { PATH: applets } };
  registerFileTests(on);
  registerCopyTests(on);

  test('facts are the same as those of a host with coreutils', async () => {
    const [small, full] = [await runModule(setup, {}, on), await runModule(setup, {})];
    for (const name of [
      'distribution_version',
      'kernel',
      'default_ipv4',
      'processor_vcpus',
      'memtotal_mb',
      'user_id',
    ]) {
      expect(small.facts?.[name], name).toEqual(full.facts?.[name]);
    }
    const places = (facts: typeof full.facts) =>
      ((facts?.mounts ?? []) as { mount: string; size_total: number }[]).map((each) => [each.mount, each.size_total]);
    expect(places(full.facts)).not.toEqual([]);
    expect(places(small.facts)).toEqual(places(full.facts));
  });
});
