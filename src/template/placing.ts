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
import type { SourcePlaces } from './types.ts';

/** A TemplateError whose parts are apart, for callers that collect findings: `message` has the place in it already. */
export class PlacedTemplateError extends TemplateError {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic, message: string, cause: unknown) {
    const { source, excerpt, hint } = diagnostic;
    super(diagnostic.code, message, { source, excerpt, hint, cause });
    this.diagnostic = diagnostic;
  }
}

export const TOO_DEEP = 'The expression or the variables that it reads are nested too deeply, or refer to themselves';

/**
 * The error of an evaluation with its place; one that has a place already is given back as it is.
 *
 * @param position - where the text's first character stands
 * @param offset - where in the text it failed, unless the error knows better
 * @param sources - knows how the text stands in its file
 */
export function placed(
  error: unknown,
  text: string,
  position: Position | undefined,
  offset: number,
  sources?: SourcePlaces,
): unknown {
  // An error of a template inside a variable already has its place.
  if (error instanceof TemplateError) return error;
  const failed = (code: Diagnostic['code'], message: string, hint?: string, at = offset) =>
    templateError({ code, message, hint }, { text, position, offset: at, sources }, error);
  if (error instanceof EvaluationFailure) return failed(error.code, error.message, error.hint, error.offset);
  // A stack that is full: by deep nesting inside of one expression.
  if (error instanceof RangeError && error.message.includes('call stack')) {
    return failed('TEMPLATE_ERROR', TOO_DEEP);
  }
  if (error instanceof RangeError && /^Invalid (?:string|array|count)/.test(error.message)) {
    return failed('TEMPLATE_ERROR', 'The expression makes a value that is too large');
  }
  if (error instanceof FleetmendError) return error;
  return internalError(`template '${text.slice(0, 200)}': ${errorMessage(error)}`, error);
}

/** A text of a template and a place in it. */
interface TextPlace {
  readonly text: string;
  /** Where its first character stands. */
  readonly position: Position | undefined;
  readonly offset: number;
  readonly sources?: SourcePlaces;
}

export function templateError(
  problem: Pick<Diagnostic, 'code' | 'message' | 'hint'>,
  { text, position, offset, sources }: TextPlace,
  cause?: unknown,
): TemplateError {
  const place = position === undefined ? undefined : sources?.placeOf(text, position, offset);
  const source = place?.source ?? (position === undefined ? undefined : positionAt(text, position, offset));
  const diagnostic: Diagnostic = { ...problem, source, excerpt: place?.excerpt };
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  const where = source === undefined ? ` (in the expression: ${shown.replaceAll('\n', '\\n')})` : '';
  const message = formatDiagnostic({ ...diagnostic, message: problem.message + where, excerpt: undefined });
  return new PlacedTemplateError(diagnostic, message, cause);
}

// Exact for a text that stands in its file as it is; of another one the line is about right.
function positionAt(text: string, start: Position, offset: number): Position {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  if (lastBreak < 0) return { ...start, column: start.column + offset };
  const line = start.line + before.split('\n').length - 1;
  return { file: start.file, line, column: offset - lastBreak };
}
