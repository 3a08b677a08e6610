/** What a plain (unquoted) YAML scalar means to an Ansible user: YAML 1.1 as PyYAML reads it. */

const INT = /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*(?::[0-5]?[0-9])*)$/;
const FLOAT = /^(?:[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/;
const SEXAGESIMAL_WITH_EXPONENT = /:.*[eE]/;
const WORDS = new Map<string, unknown>([
  ['', null],
  ['~', null],
  ...spellings(['null'], null),
  ...spellings(['yes', 'true', 'on'], true),
  ...spellings(['no', 'false', 'off'], false),
  ...spellings(['.inf', '+.inf'], Number.POSITIVE_INFINITY),
  ...spellings(['-.inf'], Number.NEGATIVE_INFINITY),
]);
for (const nan of ['.nan', '.NaN', '.NAN']) WORDS.set(nan, Number.NaN);

/**
 * The value of a plain scalar: null, boolean, number, bigint (beyond 2^53) or the text itself. `yes`, `on` and their
 * kin are booleans (`y` and `n` are not), `0644` is octal, `1:30` is base 60, `1e3` and `0o17` are text, dates stay text.
 *
 * @param makeFloat - builds the value of a float that is a whole number (`1.0`), for callers who keep it apart from an int
 * @see https://yaml.org/type/ (the YAML 1.1 types), in the forms that PyYAML's resolver accepts
 */
export function resolvePlainScalar(text: string, makeFloat: (value: number) => unknown = (value) => value): unknown {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  // Only a digit, a sign or a dot can begin a number.
  if (!((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46)) return text;
  if (INT.test(text)) return parseInteger(text.replaceAll('_', ''));
  if (FLOAT.test(text) && !SEXAGESIMAL_WITH_EXPONENT.test(text)) {
    const value = parseFloating(text.replaceAll('_', ''));
    return Number.isInteger(value) ? makeFloat(value) : value;
  }
  return text;
}

function parseInteger(text: string): unknown {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  let value: bigint;
  if (digits.includes(':')) value = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  else if (/^0[0-7]/.test(digits)) value = BigInt(`0o${digits.slice(1)}`);
  else value = BigInt(/^0[bx]$/.test(digits) ? 0 : digits);
  if (negative) value = -value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function parseFloating(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const parts = text.replace(/^[-+]/, '').split(':');
  return sign * parts.reduce((sum, part) => sum * 60 + Number(part === '.' ? 0 : part), 0);
}

// YAML 1.1 knows each word in lower case, capitalised and in upper case, but not in mixed case.
function spellings(words: readonly string[], value: unknown): [string, unknown][] {
  return words.flatMap((word): [string, unknown][] => {
    const capitalised = word.replace(/[a-z]/, (letter) => letter.toUpperCase());
    return [
      [word, value],
      [capitalised, value],
      [word.toUpperCase(), value],
    ];
  });
}
