/** Evaluates what a task's keywords say: conditions, numbers, words, maps. */

import { type Position, TemplateError } from '../errors.ts';
import type { Condition, Raw } from '../playbook/types.ts';
import {
  compileExpression,
  compileTemplate,
  evaluateDeep,
  isTemplate,
  templateError,
  toPlain,
  toText,
  truthy,
  typeName,
} from '../template/index.ts';
import type { SourcePlace } from '../template/types.ts';
import { toBoolean } from '../util/boolean-word.ts';
import type { LayeredScope } from '../vars/scope.ts';
import type { EngineOptions } from './options.ts';

/** Whether one condition holds. The loader has made a bare expression of whatever was written. */
export function holds(condition: Condition, scope: LayeredScope): boolean {
  const { text, source } = condition;
  if (typeof text === 'boolean') return text;
  return truthy(compileExpression(text, source, scope.environment).evaluate(scope));
}

/** The place of a condition, for a failure that comes of it. */
export function placeOf({ text, source }: Condition, scope: LayeredScope): SourcePlace {
  return scope.environment?.sources?.placeOf(String(text), source, 0) ?? { source };
}

/** Whether values that are no booleans count in conditions. */
export type ConditionRules = Pick<EngineOptions, 'allowBrokenConditionals'>;

/** The first condition that does not hold, or undefined when all do. */
export function firstThatFails(
  conditions: readonly Condition[],
  scope: LayeredScope,
  rules: ConditionRules,
): Condition | undefined {
  return conditions.find((condition) => {
    const { text, source } = condition;
    if (typeof text === 'boolean') return !text;
    return !truthOf(compileExpression(text, source, scope.environment).evaluate(scope), rules, condition, scope);
  });
}

/**
 * What a condition's value means.
 *
 * @throws TemplateError when it is no boolean and the rules ask for one; when it is a text that was all a condition in `{{ }}`
 *   gave: Ansible up to 2.18 reads that as a further expression, and here it would count as true whatever it says
 */
export function truthOf(
  value: unknown,
  rules: ConditionRules,
  { text, source, isWhole }: Pick<Condition, 'text' | 'isWhole'> & { readonly source: Position | undefined },
  { environment }: LayeredScope,
): boolean {
  const isText = isWhole === true && typeof value === 'string' && value !== '';
  if (typeof value === 'boolean' || (rules.allowBrokenConditionals !== false && !isText)) return truthy(value);
  const message = `Expected the condition to be true or false, found a value of type '${typeName(value)}'`;
  const hint = isText
    ? "a text is not read as an expression; compare it (x == 'a', x | length > 0), or write the condition itself"
    : 'compare it (x | length > 0, x is truthy, x | bool), or set allow_broken_conditionals';
  throw templateError(
    { code: 'TEMPLATE_ERROR', message, hint },
    { text: String(text), position: source, offset: 0, sources: environment?.sources },
  );
}

/** A flag keyword (`ignore_errors`, `no_log` …); false when it is not written. */
export function flag(condition: Condition | undefined, scope: LayeredScope): boolean {
  return condition !== undefined && holds(condition, scope);
}

/** A keyword's value with its templates evaluated. */
export function evaluateRaw(raw: Raw, scope: LayeredScope): unknown {
  return evaluateDeep(raw.value, scope, raw.source, scope.environment);
}

/** A keyword as text; undefined when it is not written or comes to nothing. */
export function textOf(raw: Raw | undefined, scope: LayeredScope): string | undefined {
  if (raw === undefined) return undefined;
  const value = evaluateRaw(raw, scope);
  return value === null || value === undefined ? undefined : toText(value);
}

/** A name that may hold variables; the bare text when they cannot be resolved. */
export function nameOf(text: string, scope: LayeredScope): string {
  if (!isTemplate(text)) return text;
  try {
    return toText(compileTemplate(text, undefined, scope.environment).evaluate(scope));
  } catch {
    return text;
  }
}

/** A keyword as a boolean by Ansible's words (`yes`, `on`, `1` …). */
export function boolOf(raw: Raw | undefined, scope: LayeredScope): boolean | undefined {
  if (raw === undefined) return undefined;
  const value = evaluateRaw(raw, scope);
  const word = toText(value);
  const flag = toBoolean(word) ?? (['', 'none'].includes(word.toLowerCase()) ? false : undefined);
  if (flag === undefined) throw expected('yes or no', value, raw.source);
  return flag;
}

/** A keyword as a number that is not negative. */
export function numberOf(raw: Raw | undefined, name: string, scope: LayeredScope): number | undefined {
  return raw === undefined ? undefined : asNumber(toPlain(evaluateRaw(raw, scope)), name, raw);
}

/** A keyword as a number that is not negative, with or without `%` behind it. */
export function percentOf(raw: Raw | undefined, name: string, scope: LayeredScope): number | undefined {
  if (raw === undefined) return undefined;
  const value = toPlain(evaluateRaw(raw, scope));
  return asNumber(typeof value === 'string' ? value.replace('%', '') : value, name, raw);
}

function asNumber(value: unknown, name: string, raw: Raw): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number;
  throw expected(`\`${name}\` to be a number of 0 or more`, value, raw.source);
}

/** `environment`: maps, or lists of maps, outermost first; later ones win name by name. Values become text. */
export function environmentOf(raws: readonly Raw[], scope: LayeredScope): Record<string, string> {
  const result: Record<string, string> = {};
  for (const raw of raws) {
    const value = toPlain(evaluateRaw(raw, scope));
    for (const map of Array.isArray(value) ? value : [value]) {
      if (map === null || map === undefined || map === '') continue;
      if (typeof map !== 'object' || Array.isArray(map))
        throw expected('`environment` to be a map of names and values', map, raw.source);
      for (const [name, entry] of Object.entries(map)) result[name] = entry === null ? '' : toText(entry);
    }
  }
  return result;
}

function expected(what: string, value: unknown, source: Position): TemplateError {
  return new TemplateError('TEMPLATE_ERROR', `expected ${what}, found '${toText(value)}'`, { source });
}
