/** All filters by name, one family a file. */
import type { Builtin } from '../builtin.ts';
import { COMBINATORIC_FILTERS } from './combinatorics.ts';
import { COMMENT_FILTERS } from './comment.ts';
import { DATA_FILTERS } from './data.ts';
import { DATE_FILTERS } from './dates.ts';
import { DICT_FILTERS } from './dicts.ts';
import { HASH_FILTERS } from './hashes.ts';
import { LIST_FILTERS } from './lists.ts';
import { NUMBER_FILTERS } from './numbers.ts';
import { PASSWORD_FILTERS } from './password-hash.ts';
import { PATH_FILTERS } from './paths.ts';
import { RANDOM_FILTERS } from './random.ts';
import { REGEX_FILTERS } from './regexes.ts';
import { SELECT_FILTERS } from './select.ts';
import { SET_FILTERS } from './sets.ts';
import { TEXT_FILTERS } from './texts.ts';
import { UNIT_FILTERS } from './units.ts';
import { URL_FILTERS } from './urls.ts';
import { VALUE_FILTERS } from './values.ts';
import { VAULT_FILTERS } from './vault.ts';

export const FILTERS: ReadonlyMap<string, Builtin> = new Map([
  ...VALUE_FILTERS,
  ...TEXT_FILTERS,
  ...NUMBER_FILTERS,
  ...LIST_FILTERS,
  ...SELECT_FILTERS,
  ...SET_FILTERS,
  ...DICT_FILTERS,
  ...DATA_FILTERS,
  ...REGEX_FILTERS,
  ...PATH_FILTERS,
  ...HASH_FILTERS,
  ...UNIT_FILTERS,
  ...DATE_FILTERS,
  ...COMBINATORIC_FILTERS,
  ...COMMENT_FILTERS,
  ...PASSWORD_FILTERS,
  ...RANDOM_FILTERS,
  ...URL_FILTERS,
  ...VAULT_FILTERS,
]);
