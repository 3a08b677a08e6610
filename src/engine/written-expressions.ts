/**
 * Expressions that modules take as arguments (`assert`, `debug var=`). Only a text that stands in the playbook is read as code:
 * one that a template gave may come from a host, and would then be run on the controller.
 */

import { ModuleError, type Position } from '../errors.ts';
import { bareExpression } from '../playbook/index.ts';
import { compileExpression, toPlain } from '../template/index.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { type ConditionRules, truthOf } from './conditions.ts';

/** A variable, or what is in it: nothing is called. */
const PATH = /^[A-Za-z_]\w*(?:\.\w+|\[(?:-?\d+|'[^'\\]*'|"[^"\\]*"|[A-Za-z_]\w*)\])*$/;

/** The argument as it is written, before any template of it was evaluated. */
export interface WrittenArgument {
  readonly name: string;
  readonly value: unknown;
  readonly source: Position | undefined;
}

/**
 * The value of an expression. One that a template gave (`var: "{{ item }}"`) must be the name of a variable, or a path into one.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT when it is another text; TemplateError
 */
export function evaluateWritten(text: string, argument: WrittenArgument | undefined, scope: LayeredScope): unknown {
  if (argument !== undefined && !isWritten(text, argument) && !PATH.test(text)) {
    throw new ModuleError(
      `expected \`${argument.name}\` to be the name of a variable, found a text that a template gave`,
      {},
      { code: 'INVALID_ARGUMENT', hint: 'such a text is not read as an expression; to show it, use `msg`' },
    );
  }
  return toPlain(compileExpression(text, argument?.source, scope.environment).evaluate(scope));
}

/**
 * Whether a condition holds; it is read as `when` is. A template as a whole (`"{{ checks }}"`) may also give a list of booleans.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT when a template gave it; TemplateError
 */
export function holdsWritten(
  text: string,
  argument: WrittenArgument,
  rules: ConditionRules,
  scope: LayeredScope,
): boolean {
  const { name, source } = argument;
  const bare = isWritten(text, argument) ? bareExpression(text) : undefined;
  if (bare === undefined) {
    throw new ModuleError(
      `expected \`${name}\` to be a condition, found a text that a template gave`,
      {},
      {
        code: 'INVALID_ARGUMENT',
        hint: "such a text is not read as an expression; write the condition itself: x == 'a'",
      },
    );
  }
  const value = compileExpression(bare.text, source, scope.environment).evaluate(scope);
  const list = bare.isWhole ? toPlain(value) : undefined;
  const values = Array.isArray(list) ? list : [value];
  return values.every((each) => truthOf(each, rules, { text: bare.text, source, isWhole: bare.isWhole }, scope));
}

function isWritten(text: string, { value }: WrittenArgument): boolean {
  return value === text || (Array.isArray(value) && value.includes(text));
}
