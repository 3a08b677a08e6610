/** All tests (`is …`) by name. */
import type { Builtin } from '../builtin.ts';
import { COMPARISON_TESTS } from './comparison.ts';
import { KIND_TESTS } from './kinds.ts';
import { PATH_TESTS } from './paths.ts';
import { RESULT_TESTS } from './results.ts';
import { TEXT_TESTS } from './texts.ts';

export const TESTS: ReadonlyMap<string, Builtin> = new Map([
  ...KIND_TESTS,
  ...COMPARISON_TESTS,
  ...RESULT_TESTS,
  ...TEXT_TESTS,
  ...PATH_TESTS,
]);
