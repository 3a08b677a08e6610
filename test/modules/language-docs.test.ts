import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderLanguageDocs } from '../../src/modules/language-docs.ts';
import { findModule, moduleCatalog, moduleNames } from '../../src/modules/registry.ts';
import { ANSIBLE_MODULES } from '../../src/playbook/index.ts';
import { UNSUPPORTED_KEYWORDS } from '../../src/playbook/keywords.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import { templateCatalog } from '../../src/template/index.ts';

const PAGE = new URL('../../docs/language.md', import.meta.url);

test('docs/language.md says what the tables say; UPDATE_DOCS=1 writes it anew', () => {
  const page = renderLanguageDocs(moduleNames().flatMap((name) => findModule(name)?.spec ?? []));
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

const load = (task: string) => () =>
  parsePlaybook(`- hosts: all\n  tasks:\n    - ${task}\n`, 'site.yml', moduleCatalog);

test.each([...ANSIBLE_MODULES].filter((name) => moduleCatalog.find(name) === undefined && name !== 'gather_facts'))(
  'the module %s, which is refused, is so when it is loaded',
  (name) => {
    expect(load(`${name}:`)).toThrow(`module '${name}' of Ansible is not supported`);
  },
);

const refusedIn = (kind: string) =>
  templateCatalog()
    .filter((entry) => entry.kind === kind && entry.status === 'refused')
    .map(({ name }) => name);

test.each(refusedIn('filter'))('the filter %s, which is refused, is so when it is loaded', (name) => {
  expect(load(`debug: {msg: "{{ x | ${name} }}"}`)).toThrow(`The filter '${name}' cannot be used`);
});

test.each(refusedIn('lookup'))('the lookup %s, which is refused, is so when it is loaded', (name) => {
  expect(load(`debug: {msg: "{{ lookup('${name}', 'x') }}"}`)).toThrow(`The lookup '${name}' cannot be used`);
});

test.each(Object.keys(UNSUPPORTED_KEYWORDS))('the keyword %s, which is refused, is so when it is loaded', (name) => {
  const inTask = load(`{debug: {msg: x}, ${name}: x}`);
  const inPlay = () => parsePlaybook(`- hosts: all\n  ${name}: x\n  tasks: []\n`, 'site.yml', moduleCatalog);
  expect(inTask).toThrow(name);
  expect(inPlay).toThrow(name);
});
