/** `module_defaults`: arguments by module, for the tasks inside. */

import { checkTemplates } from './expressions.ts';
import type { Fields } from './fields.ts';
import { canonicalArgName } from './module-args.ts';
import { findModule, unknownModule } from './modules.ts';
import type { ModuleCatalog, VarsBlock } from './types.ts';
import { varsBlockOf } from './vars-block.ts';
import type { YamlMap } from './yaml-node.ts';

/** The defaults by canonical name of the module; of a list the later maps win. Unknown modules and arguments are noted. */
export function readModuleDefaults(
  fields: Fields,
  catalog: ModuleCatalog,
): Readonly<Record<string, VarsBlock>> | undefined {
  const node = fields.node('module_defaults');
  if (node === undefined) return undefined;
  const result: Record<string, VarsBlock> = {};
  for (const map of node.kind === 'list' ? node.items : [node]) {
    if (map.kind === 'map') for (const one of readMap(map, fields, catalog)) result[one.module] = one.defaults;
  }
  return result;
}

function readMap(map: YamlMap, { findings }: Fields, catalog: ModuleCatalog) {
  return [...map.entries.values()].flatMap(({ key, value }) => {
    const name = String(key.value);
    if (name.startsWith('group/')) {
      const message = `there is no group of modules '${name.slice('group/'.length)}'`;
      findings.add('UNKNOWN_MODULE', key.offset, message, 'groups are a matter of collections: name each module');
      return [];
    }
    const entry = findModule(catalog, name);
    if (entry === undefined) {
      const finding = unknownModule(catalog, name);
      findings.add(finding.code, key.offset, finding.message, finding.hint);
      return [];
    }
    if (value.kind !== 'map') return [];
    checkTemplates(value, findings);
    const block = varsBlockOf(value, findings);
    const values: Record<string, unknown> = {};
    const positions: VarsBlock['positions'] = Object.fromEntries(
      Object.entries(block.positions).map(([word, place]) => [canonicalArgName(entry, word), place]),
    );
    for (const [word, given] of Object.entries(block.values)) {
      const canonical = canonicalArgName(entry, word);
      values[canonical] = given;
      if (Object.hasOwn(entry.args.properties, canonical) || entry.args.additionalProperties === true) continue;
      const offset = value.entries.get(word)?.key.offset ?? key.offset;
      findings.add('UNKNOWN_ARGUMENT', offset, `module '${entry.name}' has no argument '${word}'`);
    }
    return [{ module: entry.name, defaults: { values, positions, source: block.source } }];
  });
}
