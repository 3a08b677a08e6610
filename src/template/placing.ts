/** Failures of an evaluation -> errors with a place in the user's file. */
import {
  type Diagnostic,
  errorMessage,
  FleetmendError,
  formatDiagnostic,
  internalError,
  type Position,
  TemplateError,
} from '../errors.ts';
import { EvaluationFailure } from './failure.ts';

/** A TemplateError whose parts are apart, for callers that collect findings: `message` has the place in it already. */
export class PlacedTemplateError extends TemplateError {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic, message: string, cause: unknown) {
    super(diagnostic.code, message, { source: diagnostic.source, hint: diagnostic.hint, cause });
    this.diagnostic = diagnostic;
  }
}

export const TOO_DEEP = 'The expression or the variables that it reads are nested too deeply, or refer to themselves';

/**
 * The error of an evaluation with its place; one that has a place already is given back as it is.
 *
 * @param position - where the text's first character stands
 * @param offset - where in the text it failed, unless the error knows better
 */
export function placed(error: unknown, text: string, position: Position | undefined, offset: number): unknown {
  // An error of a template inside a variable already has its place.
  if (error instanceof TemplateError) return error;
  if (error instanceof EvaluationFailure) {
    return templateError(error.code, error.message, error.hint, text, position, error.offset ?? offset, error);
  }
  // A stack that is full: by deep nesting inside of one expression.
  if (error instanceof RangeError && error.message.includes('call stack')) {
    return templateError('TEMPLATE_ERROR', TOO_DEEP, undefined, text, position, offset, error);
  }
  if (error instanceof RangeError && /^Invalid (?:string|array|count)/.test(error.message)) {
    return templateError(
      'TEMPLATE_ERROR',
      'The expression makes a value that is too large',
      undefined,
      text,
      position,
      offset,
      error,
    );
  }
  if (error instanceof FleetmendError) return error;
  return internalError(`template '${text.slice(0, 200)}': ${errorMessage(error)}`, error);
}

export function templateError(
  code: Diagnostic['code'],
  message: string,
  hint: string | undefined,
  text: string,
  position: Position | undefined,
  offset: number,
  cause?: unknown,
): TemplateError {
  const source = position === undefined ? undefined : positionAt(text, position, offset);
  const diagnostic: Diagnostic = { code, message, hint, source };
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  const where = source === undefined ? ` (in the expression: ${shown.replaceAll('\n', '\\n')})` : '';
  return new PlacedTemplateError(diagnostic, formatDiagnostic({ ...diagnostic, message: message + where }), cause);
}

// Exact for a text on one line; for a block scalar the line is the text's, the column that of its own line.
function positionAt(text: string, start: Position, offset: number): Position {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  if (lastBreak < 0) return { ...start, column: start.column + offset };
  const line = start.line + before.split('\n').length - 1;
  return { file: start.file, line, column: offset - lastBreak };
}
