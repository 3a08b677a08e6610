/** Regular expressions and globs in arguments of modules: Python's, and no search may take long. */
import { ModuleError } from '../errors.ts';
import { EvaluationFailure } from '../template/failure.ts';
import { pythonRegex, type RegexOptions } from '../template/python-regex.ts';
import { guardMatch } from '../template/regex-guard.ts';

/** A compiled pattern that can be searched for. */
export interface PythonPattern {
  /** The first match, null when there is none. @throws {@link ModuleError} INVALID_ARGUMENT when the search takes too long */
  search(text: string): RegExpExecArray | null;
}

/**
 * @param argument - where the pattern comes from, for errors
 * @throws {@link ModuleError} INVALID_ARGUMENT when it is none, or one that JavaScript's engine has not
 */
export function pythonPattern(argument: string, pattern: string, options: RegexOptions = {}): PythonPattern {
  return guarded(argument, () => {
    pythonRegex(pattern, options);
    return {
      search: (text) =>
        guarded(argument, () => {
          const regex = pythonRegex(pattern, options);
          return guardMatch(regex, text.length, () => regex.exec(text));
        }),
    };
  });
}

/**
 * A glob, as an expression that matches the same.
 *
 * @param argument - where the glob comes from, for errors
 */
export function globPattern(argument: string, regex: RegExp): PythonPattern {
  return {
    search: (text) => guarded(argument, () => guardMatch(regex, text.length, () => regex.exec(text))),
  };
}

function guarded<T>(argument: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EvaluationFailure)) throw error;
    const { hint } = error;
    throw new ModuleError(
      `argument '${argument}': ${error.message}`,
      {},
      { code: 'INVALID_ARGUMENT', hint, cause: error },
    );
  }
}
