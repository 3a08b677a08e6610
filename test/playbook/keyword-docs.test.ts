import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderKeywordDocs } from '../../src/playbook/index.ts';

const page = new URL('../../docs/playbooks.md', import.meta.url);
const BEGIN = '<!-- keywords: begin -->\n';
const END = '<!-- keywords: end -->';

// To write the table anew: UPDATE_DOCS=1 npx vitest run test/playbook/keyword-docs.test.ts
test('docs/playbooks.md lists the keywords that validation knows', () => {
  const text = readFileSync(page, 'utf8');
  const start = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  expect(start).toBeGreaterThan(BEGIN.length);
  expect(end).toBeGreaterThan(start);
  const expected = `\n${renderKeywordDocs()}\n`;
  if (process.env.UPDATE_DOCS !== undefined) writeFileSync(page, text.slice(0, start) + expected + text.slice(end));
  else expect(text.slice(start, end)).toBe(expected);
});
