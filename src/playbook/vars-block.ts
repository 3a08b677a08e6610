/** A map of variables with the place of each. */

import type { Position } from '../errors.ts';
import { checkTemplates } from './expressions.ts';
import type { Findings } from './findings.ts';
import type { VarsBlock } from './types.ts';
import { setOwn, toValue, type YamlMap } from './yaml-node.ts';

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A `vars:` map of a playbook: names must be variable names, and every template must compile. */
export function readVars(map: YamlMap, findings: Findings): VarsBlock {
  for (const { key } of map.entries.values()) {
    if (typeof key.value === 'string' && VARIABLE_NAME.test(key.value)) continue;
    const found = `'${String(key.value)}'`;
    const hint = 'use letters, digits and _, and no digit first';
    findings.add('PLAYBOOK_INVALID', key.offset, `expected a variable name, found ${found}`, hint);
  }
  checkTemplates(map, findings);
  return varsBlockOf(map, findings);
}

/** Any map of variables, names and templates unchecked (a vars file may hold what nothing reads). */
export function varsBlockOf(map: YamlMap, findings: Findings): VarsBlock {
  const values: Record<string, unknown> = {};
  const positions: Record<string, Position> = {};
  for (const { key, value } of map.entries.values()) {
    const name = String(key.value);
    setOwn(values, name, toValue(value));
    setOwn(positions, name, findings.source.position(value.offset));
  }
  return { values, positions, source: findings.source.position(map.offset) };
}
