/**
 * How evaluation fails: with an {@link EvaluationFailure} that knows no file. The compiled template, which knows where
 * its text stands, turns it into a TemplateError with a place (errors are rare, places cost nothing until then).
 */
import type { ErrorCode } from '../errors.ts';

export type TemplateErrorCode = Extract<ErrorCode, 'TEMPLATE_SYNTAX' | 'TEMPLATE_UNDEFINED' | 'TEMPLATE_ERROR'>;

export class EvaluationFailure extends Error {
  readonly code: TemplateErrorCode;
  readonly hint?: string;
  /** Offset in the template's text when it is known better than by the operation that was running. */
  readonly offset?: number;

  constructor(code: TemplateErrorCode, message: string, options: { hint?: string; offset?: number } = {}) {
    super(message);
    this.name = 'EvaluationFailure';
    this.code = code;
    this.hint = options.hint;
    this.offset = options.offset;
  }
}

/** Ends the evaluation with TEMPLATE_ERROR. The message says what was expected and what was found. */
export function fail(message: string, hint?: string): never {
  throw new EvaluationFailure('TEMPLATE_ERROR', message, { hint });
}

/** Ends the compilation with TEMPLATE_SYNTAX at an offset of the template's text. */
export function failSyntax(message: string, offset: number, hint?: string): never {
  throw new EvaluationFailure('TEMPLATE_SYNTAX', message, { offset, hint });
}
