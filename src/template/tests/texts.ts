/** Regular expressions and versions: `match`, `search`, `regex`, `version`. */

import { isVaultText } from '../../util/vault-format.ts';
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { pythonRegex } from '../python-regex.ts';
import { guardMatch } from '../regex-guard.ts';
import { iterate } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';
import { splitUrl, type UrlParts } from '../values/url.ts';
import { compareVersions, type VersionType } from '../values/version.ts';

const VERSION = pure('value version operator? strict? version_type?', isVersion);
const VERSION_TYPES = ['loose', 'strict', 'semver', 'semantic', 'pep440'];

export const TEXT_TESTS: readonly (readonly [string, Builtin])[] = [
  ['match', regexTest('start')],
  ['search', regexTest(undefined)],
  ['regex', pure('value pattern ignorecase? multiline? match_type?', testRegex)],
  ['version', VERSION],
  ['version_compare', VERSION],
  ['uri', uriTest(() => true)],
  ['url', uriTest(({ netloc }) => netloc !== '')],
  ['urn', pure('value', (value: unknown) => splitUrl(toText(value)).scheme === 'urn')],
  ['vault_encrypted', pure('value', (value: unknown) => typeof value === 'string' && isVaultText(value))],
];

// As in Ansible any text is a URI, unless schemes are given: then it must have one of them.
function uriTest(holds: (parts: UrlParts) => boolean): Builtin {
  return pure('value schemes?', (value: unknown, schemes: unknown = null) => {
    if (typeof value !== 'string') return false;
    const parts = splitUrl(value);
    return holds(parts) && (schemes === null || iterate(schemes).map(toText).includes(parts.scheme));
  });
}

function regexTest(anchor: 'start' | undefined): Builtin {
  return pure(
    'value pattern ignorecase? multiline?',
    (value: unknown, pattern: unknown, ignoreCase?: unknown, multiline?: unknown) =>
      holds(value, pattern, ignoreCase, multiline, anchor),
  );
}

function testRegex(
  value: unknown,
  pattern: unknown,
  ignoreCase: unknown,
  multiline: unknown,
  type: unknown = 'search',
): boolean {
  if (type !== 'search' && type !== 'match' && type !== 'fullmatch') {
    fail(`Expected match_type to be search, match or fullmatch, got '${toText(type)}'`);
  }
  const anchor = type === 'search' ? undefined : type === 'match' ? 'start' : 'whole';
  return holds(value, pattern, ignoreCase, multiline, anchor);
}

function holds(
  value: unknown,
  pattern: unknown,
  ignoreCase: unknown,
  multiline: unknown,
  anchor: 'start' | 'whole' | undefined,
): boolean {
  const regex = pythonRegex(toText(pattern), {
    ignoreCase: truthy(ignoreCase ?? false),
    multiline: truthy(multiline ?? false),
    anchor,
  });
  const text = toText(value);
  return guardMatch(regex, text.length, () => regex.test(text));
}

function isVersion(
  value: unknown,
  version: unknown,
  operator: unknown = 'eq',
  strict?: unknown,
  type?: unknown,
): boolean {
  if (type !== undefined && type !== null && !VERSION_TYPES.includes(toText(type))) {
    fail(`Expected version_type to be one of ${VERSION_TYPES.join(', ')}, got '${toText(type)}'`);
  }
  const isStrict = strict !== undefined && truthy(strict);
  const kind = type === undefined || type === null ? (isStrict ? 'strict' : 'loose') : (toText(type) as VersionType);
  if (toText(value) === '') fail('Expected a version to compare, got an empty text');
  const order = compareVersions(toText(value), toText(version), kind);
  switch (operator) {
    case '==':
    case '=':
    case 'eq':
      return order === 0;
    case '!=':
    case '<>':
    case 'ne':
      return order !== 0;
    case '<':
    case 'lt':
      return order < 0;
    case '<=':
    case 'le':
      return order <= 0;
    case '>':
    case 'gt':
      return order > 0;
    case '>=':
    case 'ge':
      return order >= 0;
    default:
      return fail(`Expected an operator such as '>=' or 'lt' to compare versions, got '${toText(operator)}'`);
  }
}
