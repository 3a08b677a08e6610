import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderModuleDocs } from '../../src/modules/docs.ts';
import { findModule, moduleCatalog, moduleNames } from '../../src/modules/registry.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';

const PAGE = new URL('../../docs/modules.md', import.meta.url);

test('docs/modules.md says what the specs say; UPDATE_DOCS=1 writes it anew', () => {
  const specs = moduleNames().flatMap((name) => findModule(name)?.spec ?? []);
  const page = renderModuleDocs(specs);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test('the page names every module, argument and result', () => {
  const page = readFileSync(PAGE, 'utf8');
  for (const name of moduleNames()) {
    const spec = findModule(name)?.spec;
    expect(page).toContain(`\n## ${name}\n`);
    for (const each of Object.keys({ ...spec?.args.properties, ...spec?.returns }))
      expect(page).toContain(`| \`${each}\``);
  }
});

test.each(moduleNames())('the examples of %s are tasks that load', (name) => {
  const examples = findModule(name)?.spec.examples ?? [];
  const tasks = examples.join('\n').replaceAll(/^(?=.)/gm, '    ');
  const { plays } = parsePlaybook(`- hosts: all\n  tasks:\n${tasks}\n`, 'examples.yml', moduleCatalog);
  expect(plays[0]?.tasks).toHaveLength(examples.join('\n').match(/^- /gm)?.length ?? 0);
});
