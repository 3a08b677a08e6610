import { describe, expect, test } from 'vitest';
import type { Container } from '../../../src/modules/docker/container.ts';
import { type Backup, parseBackups } from '../../../src/modules/docker-commit-backup/backups.ts';
import { normalizeOptions } from '../../../src/modules/docker-commit-backup/options.ts';
import { planBackups } from '../../../src/modules/docker-commit-backup/select.ts';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const ID = 'a'.repeat(64);

const mysql: Container = {
  id: ID,
  name: 'mysql',
  image: 'mysql:5.7',
  imageId: 'sha256:1',
  state: 'running',
  createdAt: '2026-01-01T00:00:00Z',
  labels: { pet: 'yes' },
};

describe('selecting', () => {
  test('takes what matches any of names, images and labels, and nothing without them', () => {
    const others = [
      { ...mysql, id: 'b'.repeat(64), name: 'mail-relay', labels: {} },
      { ...mysql, id: 'c'.repeat(64), name: 'web', image: 'httpd', labels: {} },
    ];
    const references = (args: Record<string, unknown>) =>
      plan(args, [], [mysql, ...others]).commit.map(({ reference }) => reference);
    expect(references({ names: ['mail-*'], labels: ['pet'] })).toEqual([
      'mysql:20261121T120000Z',
      'mail-relay:20261121T120000Z',
    ]);
    expect(references({ images: 'httpd', prefix: 'backup/' })).toEqual(['backup/web:20261121T120000Z']);
    expect(references({})).toEqual([]);
  });

  test('leaves out what has a backup young enough, or has not run since', () => {
    const young = [backupOf('2026-11-21T11:30:00Z')];
    expect(plan({ names: 'mysql' }, young).skipped[0]?.reason).toBe('mysql:2026-11-21T11:30:00Z is younger than 1h');
    expect(plan({ names: 'mysql', max_age: 0 }, young).commit).toHaveLength(1);
    const stopped = { ...mysql, state: 'exited' as const, finishedAt: '2026-11-20T11:00:00Z' };
    const old = [backupOf('2026-11-20T12:00:00Z')];
    expect(plan({ names: 'mysql' }, old, [stopped]).skipped[0]?.reason).toContain('has not run since');
    expect(plan({ names: 'mysql' }, old).commit).toHaveLength(1);
  });

  test('leaves out what Kubernetes has, and what is dead', () => {
    const owned = { ...mysql, labels: { 'io.kubernetes.pod.name': 'x' } };
    expect(plan({ names: 'mysql' }, [], [owned]).skipped[0]?.reason).toBe('managed by Kubernetes');
    expect(plan({ names: 'mysql' }, [], [{ ...mysql, state: 'dead' }]).commit).toEqual([]);
  });

  test('removes the oldest beyond those that stay, counting the new one', () => {
    const backups = ['2026-11-20', '2026-11-19', '2026-11-18', '2026-11-17'].map((day) => backupOf(`${day}T00:00:00Z`));
    const prunes = (args: Record<string, unknown>) =>
      plan({ names: 'mysql', ...args }, backups).prune.map(({ reference }) => reference.slice(6, 16));
    expect(prunes({ keep: 3 })).toEqual(['2026-11-17', '2026-11-18']);
    expect(prunes({ keep: 3, max_age: '30d' })).toEqual(['2026-11-17']);
    expect(prunes({ keep: 9 })).toEqual([]);
    expect(plan({ names: 'web' }, backups).prune).toEqual([]);
  });

  test.each([
    [{ keep: 0 }, '`keep`'],
    [{ prefix: 'Back Up' }, '`prefix`'],
    [{ max_age: 'soon' }, '`max_age`'],
  ])('%j is refused', (args, words) => {
    expect(() => normalizeOptions(args)).toThrow(words);
  });
});

test('an image that someone made of a container from a backup, or renamed, is none of ours', () => {
  const labels = {
    'fleetmend.backup.container': ID,
    'fleetmend.backup.reference': 'mysql:20261121T110000Z',
    'fleetmend.backup.at': '2026-11-21T11:00:00.000Z',
  };
  const line = (tags: readonly string[], own: object = labels) => JSON.stringify([tags, own, 42]);
  const text = [
    line(['mysql:20261121T110000Z', 'mysql:good']),
    line(['derived:1']),
    line([], labels),
    line(['x:1'], {}),
    'WARNING: something else',
  ];
  expect(parseBackups(text.join('\n'))).toEqual([
    { container: ID, reference: 'mysql:20261121T110000Z', atMs: Date.parse('2026-11-21T11:00:00Z'), sizeBytes: 42 },
  ]);
});

test('a container’s name becomes the name of an image', () => {
  const named = (name: string) => plan({ names: '*' }, [], [{ ...mysql, name }]).commit[0]?.reference.split(':')[0];
  expect(['My.App_1', 'a..b', 'x--y', 'end-', 'a_.b'].map(named)).toEqual(['my.app_1', 'a-b', 'x--y', 'end', 'a-b']);
});

function plan(args: Record<string, unknown>, backups: readonly Backup[], containers: readonly Container[] = [mysql]) {
  return planBackups(containers, backups, normalizeOptions(args), NOW_MS);
}

function backupOf(at: string): Backup {
  return { container: ID, reference: `mysql:${at}`, atMs: Date.parse(at), sizeBytes: 1 };
}
