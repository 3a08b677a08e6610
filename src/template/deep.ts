/** Evaluates whole structures: the args of a task, a variable that is a list of templates. */
import { type Position, TemplateError } from '../errors.ts';
import { compileTemplate, isTemplate } from './template.ts';
import type { Environment, Scope } from './types.ts';
import { isPlainDict, makeDict } from './values/dict.ts';
import { MAX_DEPTH, toText } from './values/text.ts';

/**
 * The value with every template in it evaluated, in dict keys too. Sub-trees without a template are given back as they
 * are, so the result may share them. What a template gives is data: it is never looked at again.
 *
 * @param position - the place of the value, for errors
 * @throws {@link TemplateError}
 */
export function evaluateDeep(value: unknown, scope: Scope, position?: Position, environment?: Environment): unknown {
  return evaluateAt(value, scope, position, environment, 0);
}

function evaluateAt(
  value: unknown,
  scope: Scope,
  position: Position | undefined,
  environment: Environment | undefined,
  depth: number,
): unknown {
  if (typeof value === 'string') {
    return isTemplate(value) ? compileTemplate(value, position, environment).evaluate(scope) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) {
    throw new TemplateError('TEMPLATE_ERROR', `The value is nested deeper than ${MAX_DEPTH} levels`, {
      source: position,
    });
  }
  const evaluate = (item: unknown): unknown => evaluateAt(item, scope, position, environment, depth + 1);
  if (Array.isArray(value)) {
    const items = value.map(evaluate);
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  if (!isPlainDict(value)) return value;
  let isSame = true;
  const entries = Object.entries(value).map(([key, item]) => {
    const newKey = isTemplate(key) ? toText(evaluate(key)) : key;
    const newItem = evaluate(item);
    if (newKey !== key || newItem !== item) isSame = false;
    return [newKey, newItem] as const;
  });
  return isSame ? value : makeDict(entries);
}
