/**
 * The exact text of what a person reads for a playbook that is wrong: each `NAME.yml` in test/cases/playbook/errors has
 * its message in `NAME.txt`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messageOf } from './helpers.ts';

const folder = new URL('../cases/playbook/errors/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => name.slice(0, -'.yml'.length));

describe('the message for', () => {
  test.each(cases)('%s', (name) => {
    const text = readFileSync(new URL(`${name}.yml`, folder), 'utf8');
    const expected = readFileSync(new URL(`${name}.txt`, folder), 'utf8');
    expect(`${messageOf(text)}\n`).toBe(expected);
  });
});
