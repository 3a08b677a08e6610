import { expect, test } from 'vitest';
import { findModule, moduleCatalog, moduleNames } from '../../src/modules/registry.ts';

test('a module is found by its short and by its full name', () => {
  expect(findModule('command')?.spec.name).toBe('command');
  expect(findModule('ansible.builtin.command')).toBe(findModule('command'));
  expect(findModule('ansible.legacy.command')).toBe(findModule('command'));
  expect(findModule('fleetmend.command')).toBeUndefined();
  expect(findModule('toString')).toBeUndefined();
});

test('names are sorted and every name of the catalog is found', () => {
  expect(moduleNames()).toEqual(moduleNames().toSorted());
  for (const name of moduleCatalog.names()) expect(moduleCatalog.find(name)).toBe(findModule(name)?.spec);
});

test('every spec describes itself: arguments, results, an example, a free form that exists', () => {
  for (const name of moduleNames()) {
    const spec = findModule(name)?.spec;
    expect(spec, name).toBeDefined();
    if (spec === undefined) continue;
    expect(spec.summary, name).not.toBe('');
    expect(spec.examples, name).not.toHaveLength(0);
    for (const [arg, schema] of Object.entries(spec.args.properties))
      expect(schema.description, `${name}.${arg}`).toMatch(/\S/);
    const known = Object.keys(spec.args.properties);
    expect(known, name).toEqual(expect.arrayContaining([...(spec.args.required ?? [])]));
    if (spec.freeForm !== undefined) expect(known, name).toContain(spec.freeForm);
  }
});
