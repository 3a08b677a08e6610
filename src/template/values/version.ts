/** Comparison of versions as `is version` makes it: loose (Debian-like texts), strict, and semantic. */
import { fail } from '../failure.ts';

export type VersionType = 'loose' | 'strict' | 'semver' | 'semantic' | 'pep440';

/**
 * Order of two versions: negative, 0, positive.
 *
 * @throws TEMPLATE_ERROR when a text is no version of that type
 */
export function compareVersions(a: string, b: string, type: VersionType): number {
  if (type === 'semver' || type === 'semantic') return compareSemantic(a, b);
  if (type === 'strict') {
    for (const text of [a, b]) {
      if (!/^\d+\.\d+(\.\d+)?([ab]\d+)?$/.test(text)) fail(`'${text}' is no strict version (1.2, 1.2.3, 1.2a1)`);
    }
  }
  if (type === 'pep440') return comparePep(a, b);
  return compareLoose(a, b);
}

// Runs of digits and of letters, compared one by one.
function compareLoose(a: string, b: string): number {
  const left = looseParts(a);
  const right = looseParts(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? 0, right[i] ?? 0];
    if (x === y) continue;
    if (typeof x !== typeof y) fail(`Cannot compare the versions '${a}' and '${b}': '${x}' against '${y}'`);
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

function looseParts(text: string): (string | number)[] {
  return text
    .split(/(\d+|[a-z]+|\.)/)
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

const SEMANTIC = /^(\d+)\.(\d+)\.(\d+)(?:-([\da-zA-Z.-]+))?(?:\+[\da-zA-Z.-]+)?$/;

function compareSemantic(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => {
    const match = SEMANTIC.exec(text);
    return match ?? fail(`'${text}' is no semantic version (1.2.3, 1.2.3-rc.1)`);
  });
  for (let i = 1; i <= 3; i++) {
    const difference = Number(left?.[i]) - Number(right?.[i]);
    if (difference !== 0) return difference;
  }
  return comparePrerelease(left?.[4], right?.[4]);
}

function comparePrerelease(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = '', y = ''] = [left[i], right[i]];
    if (x === y) continue;
    const areNumbers = [x, y].map((part) => /^\d+$/.test(part));
    if (areNumbers[0] && areNumbers[1]) return Number(x) - Number(y);
    if (areNumbers[0] !== areNumbers[1]) return areNumbers[0] ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

const PEP_ORDER: Readonly<Record<string, number>> = { dev: -4, a: -3, b: -2, rc: -1, post: 1 };

// Release numbers, then dev < a < b < rc < the release < post. Epochs and local parts are not understood.
function comparePep(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => {
    const match = /^v?(\d+(?:\.\d+)*)(?:[.-]?(dev|a|b|rc|post)\.?(\d*))?$/i.exec(text.trim());
    if (match === null) return fail(`'${text}' is no version that PEP 440 knows`);
    const release = (match[1] ?? '').split('.').map(Number);
    return { release, kind: PEP_ORDER[match[2]?.toLowerCase() ?? ''] ?? 0, number: Number(match[3] ?? 0) };
  });
  if (left === undefined || right === undefined) return 0;
  for (let i = 0; i < Math.max(left.release.length, right.release.length); i++) {
    const difference = (left.release[i] ?? 0) - (right.release[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.kind - right.kind || left.number - right.number;
}
