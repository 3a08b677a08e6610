/** The reference of the whole language, from the tables that decide: keywords, templates, modules, differences. */

import {
  ANSIBLE_MODULES,
  DIFFERENCES,
  includeNames,
  keywordStatuses,
  META_ACTIONS,
  NEWER_RULES,
} from '../playbook/index.ts';
import { type CatalogKind, templateCatalog } from '../template/index.ts';
import type { ModuleSpec } from './contract.ts';

interface Entry {
  readonly name: string;
  readonly status: string;
  readonly note?: string;
}

const TEMPLATE_PARTS: readonly { readonly kind: CatalogKind; readonly title: string }[] = [
  { kind: 'filter', title: 'Filters' },
  { kind: 'test', title: 'Tests' },
  { kind: 'lookup', title: 'Lookups' },
  { kind: 'function', title: 'Functions' },
  { kind: 'tag', title: 'Tags of templates' },
  { kind: 'str method', title: 'Methods of text' },
  { kind: 'list method', title: 'Methods of lists' },
  { kind: 'dict method', title: 'Methods of maps' },
];

/** Markdown of docs/language.md. */
export function renderLanguageDocs(specs: readonly ModuleSpec[]): string {
  const catalog = templateCatalog();
  const parts = TEMPLATE_PARTS.flatMap(({ kind, title }) =>
    section(
      title,
      catalog.filter((entry) => entry.kind === kind),
    ),
  );
  return [
    '# The language, name by name',
    '',
    INTRODUCTION,
    '',
    '## What differs on purpose',
    '',
    '| ansible-core 2.14 | here | why |',
    '| --- | --- | --- |',
    ...DIFFERENCES.map(({ ansible, here, reason }) => `| ${[ansible, here, reason].map(cell).join(' | ')} |`),
    '',
    '## What stays as in ansible-core 2.14',
    '',
    '| ansible-core 2.19 and later | here | why |',
    '| --- | --- | --- |',
    ...NEWER_RULES.map(({ newer, here, reason }) => `| ${[newer, here, reason].map(cell).join(' | ')} |`),
    ...section('Keywords', keywordStatuses()),
    ...section(
      'Actions of `meta`',
      META_ACTIONS.map((name) => ({ name, status: 'works' })),
    ),
    ...section('Modules', moduleEntries(specs)),
    ...parts,
    '',
  ].join('\n');
}

const INTRODUCTION = `What Ansible's language has, and how it stands here:

- **works**: the same result as with ansible-core.
- **differs**: the note says how.
- **ours**: not in Ansible.
- **refused**: a mistake that is found when the playbook is loaded, before any host is touched; the message says why.

[playbooks](playbooks.md), [templates](templates.md) and [modules](modules.md) say what each means. This page is made from the
program's own tables. What it says of results is held against ansible-core by the playbooks in \`test/differential\`.`;

function moduleEntries(specs: readonly ModuleSpec[]): Entry[] {
  const here = specs.map(({ name, namespace }) => ({
    name,
    status: namespace === 'ansible.builtin' ? 'works' : 'ours',
  }));
  const names = new Set(here.map(({ name }) => name));
  const includes = includeNames()
    .filter((name) => !names.has(name))
    .map((name) => ({ name, status: 'works' }));
  const known = new Set([...names, ...includeNames(), 'import_playbook', 'meta']);
  const missing = Array.from(ANSIBLE_MODULES)
    .filter((name) => !known.has(name))
    .map((name) => ({ name, status: 'refused' }));
  return [...here, ...includes, ...missing].sort((a, b) => (a.name < b.name ? -1 : 1));
}

// One line for all that works or is refused without a word more, a table for the rest.
function section(title: string, entries: readonly Entry[]): string[] {
  const plain = (status: string) =>
    entries.filter((entry) => entry.status === status && entry.note === undefined).map(({ name }) => `\`${name}\``);
  const noted = entries.filter(({ note }) => note !== undefined);
  const lines = ['works', 'ours', 'refused'].flatMap((status) => {
    const names = plain(status);
    return names.length === 0 ? [] : ['', `${status} (${names.length}): ${names.join(' ')}`];
  });
  const table = noted.map(({ name, status, note = '' }) => `| \`${cell(name)}\` | ${status} | ${cell(note)} |`);
  const head = ['', '| name | status | how or why |', '| --- | --- | --- |'];
  return ['', `## ${title}`, ...lines, ...(table.length === 0 ? [] : [...head, ...table])];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
