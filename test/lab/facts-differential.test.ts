import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setup } from '../../src/modules/setup.ts';
import { runModule } from '../util/module-runner.ts';

const run = promisify(execFile);

/** Facts that differ for a reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  ansible_env: 'each runs in an environment of its own',
  ansible_fqdn: 'Ansible asks Python, we ask hostname -f',
  ansible_domain: 'part of the full name',
  ansible_loadavg: 'time passes between the two',
  ansible_memfree_mb: 'time passes',
  ansible_memory_mb: 'time passes',
  ansible_swapfree_mb: 'time passes',
  ansible_uptime_seconds: 'time passes',
  ansible_date_time: 'time passes; compared in part below',
  ansible_mounts: 'free space changes; compared in part below',
  ansible_container_engines: 'ours alone',
  ansible_virtualization_type: 'Ansible looks at more of a host',
  ansible_virtualization_role: 'Ansible looks at more of a host',
  ansible_lsb: 'Ansible asks lsb_release, whose words differ from os-release',
};

type Facts = Record<string, unknown>;
let home: string;
let theirs: Facts;
let ours: Facts;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'fleetmend-facts-'));
  const env = { ...process.env, HOME: home, ANSIBLE_LOCALHOST_WARNING: 'false', ANSIBLE_NOCOLOR: '1' };
  // Other tests mount and unmount meanwhile: both look again until nothing came or went between two looks.
  let before: Facts;
  ours = await ourFacts();
  do {
    before = ours;
    const { stdout } = await run('ansible', ['localhost', '-c', 'local', '-m', 'setup'], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    theirs = JSON.parse(stdout.slice(stdout.indexOf('=>') + 2)).ansible_facts;
    ours = await ourFacts();
  } while (JSON.stringify(thatComeAndGo(before)) !== JSON.stringify(thatComeAndGo(ours)));
});
afterAll(() => rm(home, { recursive: true }));

describe('facts beside those of Ansible on this machine', () => {
  test('are the same but for those that have a reason', () => {
    const compared = Object.keys(ours).filter((name) => !Object.hasOwn(DIFFERENT, name));
    expect(compared.length).toBeGreaterThan(60);
    for (const name of compared) {
      // Ansible's interfaces have keys that ours have not (pciid, module).
      expect({ [name]: sorted(theirs[name]) }).toMatchObject({ [name]: sorted(ours[name]) });
    }
  });

  test('have the same clock and zone', () => {
    const zone = (facts: Facts) => {
      const { tz, tz_offset, year, weeknumber } = facts.ansible_date_time as Record<string, string>;
      return { tz, tz_offset, year, weeknumber };
    };
    expect(zone(ours)).toEqual(zone(theirs));
    const missing = Object.keys(theirs.ansible_date_time as Facts).filter(
      (key) => !Object.hasOwn(ours.ansible_date_time as Facts, key),
    );
    expect(missing).toEqual(['tz_dst']);
  });

  test('have the same mounts with the same sizes', () => {
    const fixed = (facts: Facts) =>
      (facts.ansible_mounts as Facts[]).map(
        ({ mount, device, fstype, options, size_total, block_size, inode_total }) => ({
          mount,
          device,
          fstype,
          options,
          size_total,
          block_size,
          inode_total,
        }),
      );
    expect(fixed(ours)).toEqual(fixed(theirs));
  });
});

async function ourFacts(): Promise<Facts> {
  return (await runModule(setup, {})).result.ansible_facts as Facts;
}

function thatComeAndGo(facts: Facts): unknown {
  return [facts.ansible_interfaces, (facts.ansible_mounts as Facts[]).map(({ mount, device }) => [mount, device])];
}

// Interfaces and the like are sets.
function sorted(value: unknown): unknown {
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value.toSorted() : value;
}
