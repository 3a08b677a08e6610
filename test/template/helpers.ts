/** Shorthands for tests of the expression language. */
import { TemplateError } from '../../src/errors.ts';
import { compileExpression, compileTemplate, createEnvironment, scopeOf } from '../../src/template/index.ts';

export const POSITION = { file: 'site.yml', line: 3, column: 9 } as const;

/** The value of a bare expression. */
export function evaluate(text: string, data: Readonly<Record<string, unknown>> = {}): unknown {
  return compileExpression(text, POSITION).evaluate(scopeOf(data));
}

/** The value of a text with `{{ }}`. */
export function render(text: string, data: Readonly<Record<string, unknown>> = {}): unknown {
  return compileTemplate(text, POSITION, createEnvironment()).evaluate(scopeOf(data));
}

/** The error that the function throws, which must be a TemplateError. */
export function templateErrorOf(run: () => unknown): TemplateError {
  try {
    run();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('expected a TemplateError, nothing was thrown');
}
