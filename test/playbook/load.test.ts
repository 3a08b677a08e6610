import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPlaybook, parsePlaybook } from '../../src/playbook/index.ts';
import { catalog } from './fake-catalog.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetmend-load-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test('a playbook is read from its file', () => {
  const path = write('site.yml', '- hosts: all\n');
  expect(loadPlaybook(path, catalog)).toMatchObject({
    path,
    plays: [{ hosts: { value: 'all', source: { file: path } } }],
  });
});

test('a file that is not there is named', () => {
  const path = join(folder, 'nope.yml');
  expect(() => loadPlaybook(path, catalog)).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND', exitCode: 1 }));
  expect(() => loadPlaybook(path, catalog)).toThrow(`playbook '${path}' does not exist`);
});

test('a folder is no playbook', () => {
  expect(() => loadPlaybook(folder, catalog)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
});

test('imported plays stand in the place of the import, with its tags, and know their own file', () => {
  const inner = write('parts/web.yml', '- hosts: web\n  tags: [own]\n- import_playbook: db.yml\n');
  const innermost = write('parts/db.yml', '- hosts: db\n');
  const path = write('site.yml', '- hosts: first\n- import_playbook: parts/web.yml\n  tags: extra\n- hosts: last\n');
  const { plays } = loadPlaybook(path, catalog);
  expect(plays.map(({ hosts, tags }) => [hosts.value, tags, hosts.source.file])).toEqual([
    ['first', [], path],
    ['web', ['extra', 'own'], inner],
    ['db', ['extra'], innermost],
    ['last', [], path],
  ]);
});

test('findings of an imported file are reported with those of its importer', () => {
  const inner = write('inner.yml', '- hots: web\n');
  const path = write('site.yml', '- import_playbook: inner.yml\n- hsts: all\n');
  expect(() => loadPlaybook(path, catalog)).toThrow(
    expect.objectContaining({
      diagnostics: [
        expect.objectContaining({ source: { file: path, line: 2, column: 3 } }),
        expect.objectContaining({ source: { file: inner, line: 1, column: 3 } }),
      ],
    }),
  );
});

test.each([
  ['a missing file', 'nope.yml', "nope.yml' does not exist"],
  ['itself', 'site.yml', "site.yml' imports itself"],
  ['a host variable', '"{{ x }}.yml"', "'x' is undefined"],
  ['nothing', '', 'found nothing'],
])('an import of %s is refused at its place', (_what, name, message) => {
  const path = write('site.yml', `- hosts: all\n- import_playbook: ${name}\n`);
  expect(() => loadPlaybook(path, catalog)).toThrow(message);
  expect(() => loadPlaybook(path, catalog)).toThrow(
    expect.objectContaining({ source: expect.objectContaining({ line: 2 }) }),
  );
});

test('an import takes only the keywords it can hand on', () => {
  write('inner.yml', '- hosts: all\n');
  const path = write('site.yml', '- import_playbook: inner.yml\n  become: true\n');
  expect(() => loadPlaybook(path, catalog)).toThrow(
    "expected only 'name', 'tags', 'vars' and 'when' beside import_playbook, found 'become'",
  );
});

test('a text without a file cannot import', () => {
  const parse = () => parsePlaybook('- import_playbook: a.yml\n', 'stdin', catalog);
  expect(parse).toThrow("playbook 'a.yml' cannot be imported from a text without a file");
});
