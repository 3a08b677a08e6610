/** A few modules with Ansible's names, for tests of the loader alone. */

import type { CatalogEntry, ModuleCatalog } from '../../src/playbook/types.ts';

type Properties = CatalogEntry['args']['properties'];

const text = { type: 'string' };
const flag = { type: 'boolean' };
const mode = { type: ['string', 'integer'] };
const runOptions: Properties = {
  cmd: text,
  argv: { type: 'array', items: text },
  chdir: text,
  creates: text,
  removes: text,
  stdin: text,
};

const ENTRIES: readonly CatalogEntry[] = [
  entry('ping', { data: { ...text, default: 'pong' } }),
  { ...entry('command', runOptions), freeForm: 'cmd' },
  { ...entry('shell', { ...runOptions, executable: text }), freeForm: 'cmd' },
  entry(
    'copy',
    {
      src: text,
      content: {},
      dest: text,
      mode,
      backup: { ...flag, default: false },
      force: { ...flag, aliases: ['thirsty'], default: true },
    },
    ['dest'],
  ),
  entry(
    'file',
    {
      path: { ...text, aliases: ['dest', 'name'] },
      state: { ...text, enum: ['file', 'directory', 'absent', 'touch', 'link'] },
      mode,
      follow: flag,
    },
    ['path'],
  ),
  entry('debug', { msg: {}, var: text, verbosity: { type: 'integer', minimum: 0 } }),
  entry('wait_for', { port: { type: 'integer' }, timeout: { type: 'number' }, hosts: { type: 'array', items: text } }),
  entry('login', { token: { ...text, secret: true, enum: ['t1', 't2'] }, env: { type: 'object' } }),
  entry('prune', {
    status: { type: ['array', 'string', 'null'], items: text },
    protect: {
      type: ['object', 'null'],
      additionalProperties: false,
      properties: { names: { type: 'array', items: text }, mode: { ...text, enum: ['a', 'b'] } },
    },
  }),
  open('set_fact', { cacheable: flag }),
];

const BY_NAME = new Map(
  ENTRIES.flatMap((one) => [[one.name, one] as const, [`ansible.builtin.${one.name}`, one] as const]),
);

export const catalog: ModuleCatalog = {
  find: (name) => BY_NAME.get(name),
  names: () => [...BY_NAME.keys()],
};

/** The entry of a module that is known to be there. */
export function entryOf(name: string): CatalogEntry {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new Error(`the fake catalog has no ${name}`);
  return found;
}

function entry(name: string, properties: Properties, required: readonly string[] = []): CatalogEntry {
  return { name, args: { type: 'object', properties, required, additionalProperties: false } };
}

function open(name: string, properties: Properties): CatalogEntry {
  return { name, args: { type: 'object', properties, additionalProperties: true } };
}
