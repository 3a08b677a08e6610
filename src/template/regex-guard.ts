/**
 * Runs regular expressions of users within a time. JavaScript's engine goes back and forth over a text without end for
 * some patterns, and nothing else in the process runs meanwhile; only the watchdog of `node:vm` can stop it.
 */
import { type Context, createContext, Script } from 'node:vm';
import { fail } from './failure.ts';
import { remainingMs } from './limits.ts';
import { patternOf, pythonRegex } from './python-regex.ts';

/** Longest time that one use of a pattern may take. */
export const MAX_MATCH_MS = 1_000;
/** After so many uses that took too long a pattern is not tried again: with 1,000 hosts each would stop all others for a second. */
const MAX_TIMEOUTS = 3;
/** Steps that a search may take without a watchdog, which costs some 70 µs itself. */
const HARMLESS_STEPS = 1_000_000;

const HINT = "avoid a repetition inside of a repetition, such as '(a+)+'";

const timeoutsOf = new WeakMap<RegExp, number>();
let context: Context | undefined;
let script: Script | undefined;

/**
 * Runs `match`, which uses the expression on a text of that length.
 *
 * @throws EvaluationFailure TEMPLATE_ERROR when it takes too long, or did so often
 */
export function guardMatch<T>(regex: RegExp, textLength: number, match: () => T): T {
  if (isHarmless(regex, textLength)) return match();
  const timeouts = timeoutsOf.get(regex) ?? 0;
  if (timeouts >= MAX_TIMEOUTS) {
    return fail(
      `The regular expression '${shorten(patternOf(regex))}' took too long ${timeouts} times and is not tried again`,
      HINT,
    );
  }
  context ??= createContext(Object.create(null));
  script ??= new Script('run()');
  const timeout = Math.ceil(Math.min(MAX_MATCH_MS, remainingMs()));
  context.run = match;
  try {
    return script.runInContext(context, { timeout }) as T;
  } catch (error) {
    if (!isTimeout(error)) throw error;
    timeoutsOf.set(regex, timeouts + 1);
    return fail(
      `The regular expression '${shorten(patternOf(regex))}' took more than ${timeout} ms on a text of ${textLength} characters`,
      HINT,
    );
  } finally {
    context.run = undefined;
  }
}

/** Whether Python's `re.search` finds the pattern in the text. @throws EvaluationFailure as {@link guardMatch} */
export function isMatch(pattern: string, text: string): boolean {
  const regex = pythonRegex(pattern);
  return guardMatch(regex, text.length, () => regex.test(text));
}

const shapes = new WeakMap<RegExp, { readonly repeats: number; readonly nests: boolean }>();

// Without a repeated group a search takes at most a power of the length: one for the start, one for each repetition.
function isHarmless(regex: RegExp, textLength: number): boolean {
  let shape = shapes.get(regex);
  if (shape === undefined) {
    const bare = regex.source
      .replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]/g, 'x')
      .replace(/\(\?(?:[:=!]|<[=!]|<\w+>)/g, '(');
    shape = {
      repeats: bare.match(/[*+?]|\{\d*,?\d*\}/g)?.length ?? 0,
      nests: /\)(?:[*+]|\{)|\\[1-9k]/.test(bare) || /\\[1-9k]/.test(regex.source),
    };
    shapes.set(regex, shape);
  }
  if (shape.repeats === 0) return true;
  return !shape.nests && (textLength + 1) ** (shape.repeats + 1) <= HARMLESS_STEPS;
}

// The error is one of the context, so it is no instance of our Error.
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
