import { expect, test } from 'vitest';
import { knownFaults } from '../../../src/modules/docker-health/known-faults.ts';

test('the versions of the incident with hung `ps` have the faults that were found in it', () => {
  const faults = knownFaults({ engine: '17.03.2-ce', containerd: '0.2.3', runc: '1.0.0-rc2' });
  expect(faults.map(({ component, source }) => `${component} ${source}`)).toEqual([
    'engine https://github.com/moby/moby/pull/31273',
    'containerd https://github.com/containerd/containerd/issues/1882',
    'runc https://github.com/opencontainers/runc/pull/1698',
  ]);
});

test.each([
  ['engine', '17.06.2-ce', '17.07.0'],
  ['engine', '17.12.0-ce', '17.12.1'],
  ['engine', '20.10.14', '20.10.15'],
  ['engine', '1.12.6', '17.07.0'],
  ['containerd', '1.2.0', '1.2.2'],
  ['containerd', 'v1.2.7', '1.2.8'],
  ['runc', '1.0.0-rc93+dev', '1.0.0-rc94'],
  ['runc', '1.0.0~rc93+ds1', '1.0.0-rc94'],
])('%s %s is known, and fixed in %s', (component, version, fixed) => {
  expect(knownFaults({ [component]: version }).map((fault) => fault.fixed_in)).toEqual([fixed]);
});

test.each([
  ['engine', '17.12.1-ce'],
  ['engine', '20.10.24+dfsg1'],
  ['engine', '28.5.2'],
  ['containerd', '1.6.20~ds1'],
  ['containerd', '1.0.2'],
  ['containerd', '1.2.8'],
  ['runc', '1.0.0-rc5'],
  ['runc', '1.0.0-rc92'],
  ['runc', '1.0.0'],
  ['runc', '1.1.5+ds1'],
  ['engine', 'unknown'],
])('%s %s has none', (component, version) => {
  expect(knownFaults({ [component]: version })).toEqual([]);
});
