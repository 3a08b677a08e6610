/** Expressions and templates of a playbook: compiled once at load, so that a syntax error is found before any host is. */

import {
  compileExpression,
  compileTemplate,
  createEnvironment,
  type Environment,
  isTemplate,
  PlacedTemplateError,
} from '../template/index.ts';
import { toBoolean } from '../util/boolean-word.ts';
import { type BareExpression, bareExpression, flagExpression } from './bare-expression.ts';
import type { Findings } from './findings.ts';
import { placeInSource } from './scalar-place.ts';
import type { Condition } from './types.ts';
import type { YamlNode, YamlScalar } from './yaml-node.ts';

/** Compiles every templated text of a value, map keys included; what does not compile is noted. */
export function checkTemplates(node: YamlNode, findings: Findings): void {
  if (node.kind === 'list') {
    for (const item of node.items) checkTemplates(item, findings);
  } else if (node.kind === 'map') {
    for (const entry of node.entries.values()) {
      checkTemplates(entry.key, findings);
      checkTemplates(entry.value, findings);
    }
  } else if (typeof node.value === 'string' && !node.unsafe && isTemplate(node.value)) {
    tryCompile(node, node.value, findings, compileTemplate);
  }
}

/**
 * The conditions of `when`, `until`, `changed_when`, `failed_when`: one or a list, each compiled. Nothing written is no
 * condition. `{{ }}` in them is not needed but understood.
 */
export function readConditions(node: YamlNode, findings: Findings): Condition[] {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item): Condition[] => {
    if (item.kind !== 'scalar' || item.value === null || item.value === '') return [];
    const source = findings.source.position(item.offset);
    if (typeof item.value === 'boolean') return [{ text: item.value, source }];
    return readExpression(item, String(item.value), findings, bareExpression);
  });
}

/** Compiles the conditions of an argument (`that`) that are written without `{{ }}`; what does not compile is noted. */
export function checkConditions(node: YamlNode, findings: Findings): void {
  if (node.kind === 'list') for (const item of node.items) checkConditions(item, findings);
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || isTemplate(node.value)) return;
  tryCompile(node, node.value, findings, compileExpression);
}

/** A keyword that is true or false: `yes`, `"no"`, or a template whose value is read as Ansible's `bool` reads it. */
export function readFlag(node: YamlNode, findings: Findings): Condition | undefined {
  if (node.kind !== 'scalar') return undefined;
  const source = findings.source.position(node.offset);
  const text = String(node.value);
  const flag = toBoolean(text);
  if (flag !== undefined) return { text: flag, source };
  return readExpression(node, text, findings, flagExpression)[0];
}

type Rewrite = (text: string) => BareExpression | undefined;

function readExpression(node: YamlScalar, text: string, findings: Findings, rewrite: Rewrite): Condition[] {
  // Its `{{ }}` are checked as they are written: what is wrong in them has its true place.
  if (isTemplate(text) && !tryCompile(node, text, findings, compileTemplate)) return [];
  const expression = rewrite(text);
  if (expression === undefined) {
    const hint = "write the bare expression, without '{{ }}' and '{% %}'";
    findings.add('TEMPLATE_SYNTAX', node.offset, 'expected an expression, found a template that is not one', hint);
    return [];
  }
  const place = node.offset + expression.shift;
  tryCompile({ ...node, offset: place }, expression.text, findings, compileExpression);
  const { isWhole } = expression;
  return [{ text: expression.text, source: findings.source.position(place), ...(isWhole && { isWhole }) }];
}

// Whether it compiles. The place of an error is asked for in the text alone: how the text is written in the file is
// known only here.
function tryCompile(node: YamlScalar, text: string, findings: Findings, compile: typeof compileTemplate): boolean {
  try {
    compile(text, { file: '', line: 1, column: 1 }, anyEnvironment());
    return true;
  } catch (error) {
    if (!(error instanceof PlacedTemplateError)) throw error;
    const { code, message, hint, source } = error.diagnostic;
    const lines = text.split('\n').slice(0, (source?.line ?? 1) - 1);
    const offset = lines.reduce((sum, line) => sum + line.length + 1, 0) + (source?.column ?? 1) - 1;
    const place = placeInSource(findings.source.text, node.offset, text, offset) ?? node.offset;
    findings.add(code, place, message, hint);
    return false;
  }
}

/** Names of all lookups. */
export function knownLookups(): ReadonlySet<string> {
  lookups ??= new Set(anyEnvironment().lookups.keys());
  return lookups;
}

let lookups: ReadonlySet<string> | undefined;
let environment: Environment | undefined;

// Knows every lookup by name. Nothing is evaluated at load, so it needs no real folder and no real variables.
function anyEnvironment(): Environment {
  environment ??= createEnvironment({ cwd: '.', env: {}, hostsOf: () => [] });
  return environment;
}
