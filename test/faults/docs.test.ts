import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultTable, LAB_FAULTS, PLAYED_FAULTS } from './faults.ts';

const ALL = [...Object.values(PLAYED_FAULTS), ...Object.values(LAB_FAULTS)];

test('docs/faults.md has the table that the fault matrices prove', () => {
  const text = readFileSync(new URL('../../docs/faults.md', import.meta.url), 'utf8');
  // With this file's own words above the table: print faultTable(ALL) there when a fault is added.
  expect(text).toContain(faultTable(ALL));
});
