/** Numbers as permissions: `mode: 644` without quotes is the number 644, whose bits are 01204. */

/** The argument of modules that take permissions as a number. */
export const MODE_ARGUMENTS = ['mode', 'directory_mode'] as const;

/** Usual permissions whose decimal digits look like others: 0777 is 511. */
const USUAL: ReadonlySet<number> = new Set([0o777]);

/**
 * The octal permissions that a number was most likely meant as: its digits are sensible permissions (the owner may read,
 * nobody may do more than those before, nor write without reading). Undefined: it may well be meant as it is, as 420, which YAML reads for `0644`.
 */
export function likelyOctal(value: unknown): string | undefined {
  if (typeof value !== 'number' || USUAL.has(value)) return undefined;
  const digits = /^[1-7]?([0-7]{3})$/.exec(String(value))?.[1];
  if (digits === undefined) return undefined;
  const [user = 0, group = 0, other = 0] = [...digits].map(Number);
  const isSensible =
    user >= 4 &&
    (group & ~user) === 0 &&
    (other & ~group) === 0 &&
    [group, other].every((each) => each < 2 || each > 3);
  return isSensible ? `0${value}` : undefined;
}

/** The warning about a number that was likely meant as octal, and what to write. */
export function describeLikelyOctal(argument: string, value: number, octal: string): { message: string; hint: string } {
  return {
    message: `\`${argument}: ${value}\` without quotes is a decimal number: the permissions become 0${value.toString(8)}`,
    hint: `write '${octal}' in quotes`,
  };
}
