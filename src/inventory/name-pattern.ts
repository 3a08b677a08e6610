/** Names that a glob or a regular expression of the user's matches, within a time. */
import { InventoryError } from '../errors.ts';
import { EvaluationFailure } from '../template/failure.ts';
import { pythonRegex } from '../template/python-regex.ts';
import { guardMatch } from '../template/regex-guard.ts';
import { globToRegExp } from './glob.ts';

/**
 * Those of the names that match.
 *
 * @param expression - a glob, or `~` and a regular expression, which matches from the start of a name (Python's re.match)
 * @throws {@link InventoryError} PATTERN_INVALID when it cannot be used, or takes too long
 */
export function matchingNames(expression: string, names: readonly string[]): ReadonlySet<string> {
  try {
    const regex = compile(expression);
    const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
    // All in one go: what guards a search costs more than the search.
    return guardMatch(regex, longest, () => {
      const found = new Set<string>();
      for (const name of names) {
        regex.lastIndex = 0;
        if (regex.test(name)) found.add(name);
      }
      return found;
    });
  } catch (error) {
    throw error instanceof EvaluationFailure ? unusable(expression, error) : error;
  }
}

/** @throws {@link InventoryError} PATTERN_INVALID when `~` is followed by no regular expression, or one that cannot be used */
export function checkNamePattern(expression: string): void {
  matchingNames(expression, []);
}

function compile(expression: string): RegExp {
  return expression.startsWith('~') ? pythonRegex(expression.slice(1), { anchor: 'start' }) : globToRegExp(expression);
}

function unusable(expression: string, { message, hint }: EvaluationFailure): InventoryError {
  return new InventoryError('PATTERN_INVALID', `pattern '${expression}' cannot be used: ${message}`, {
    hint: hint ?? "':' and ',' split patterns; use '.' for them in a regular expression",
  });
}
