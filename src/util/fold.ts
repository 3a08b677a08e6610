/** Folds host names into ranges, as clush does: `web[01-40],db1`. */

interface Run {
  readonly prefix: string;
  readonly width: number;
  readonly suffix: string;
  readonly numbers: number[];
}

/**
 * A short text for a set of host names; the last number of a name that varies is folded, zero padding kept.
 * IPv4 addresses fold on their last octet (`127.0.1.[1-5]`). Order: first appearance of each pattern. Duplicates count once.
 */
export function foldHosts(names: Iterable<string>): string {
  const runs = new Map<string, Run>();
  for (const name of new Set(names)) {
    const match = /^(.*?)(\d+)(\D*)$/.exec(name);
    const [, prefix = '', digits = '', suffix = ''] = match ?? [undefined, name];
    // A leading zero fixes the width; without one, 9 and 10 belong together.
    const width = digits.startsWith('0') || hasPadded(runs, prefix, suffix, digits.length) ? digits.length : 0;
    const key = `${prefix}\0${suffix}\0${digits === '' ? 'plain' : width}`;
    let run = runs.get(key);
    if (run === undefined) {
      run = { prefix, width, suffix, numbers: [] };
      runs.set(key, run);
    }
    if (digits !== '') run.numbers.push(Number(digits));
  }
  return [...runs.values()].map(formatRun).join(',');
}

// `web10` goes with `web01 … web09` once a padded run of the same width exists.
function hasPadded(runs: Map<string, Run>, prefix: string, suffix: string, width: number): boolean {
  return width > 1 && runs.has(`${prefix}\0${suffix}\0${width}`);
}

function formatRun(run: Run): string {
  const numbers = run.numbers.toSorted((a, b) => a - b);
  if (numbers.length === 0) return run.prefix;
  const pad = (n: number) => String(n).padStart(run.width, '0');
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    const start = numbers[i] ?? 0;
    while ((numbers[i + 1] ?? Number.NaN) === (numbers[i] ?? 0) + 1) i++;
    const end = numbers[i] ?? start;
    parts.push(start === end ? pad(start) : `${pad(start)}-${pad(end)}`);
  }
  const body = parts.join(',');
  return `${run.prefix}${numbers.length === 1 ? body : `[${body}]`}${run.suffix}`;
}
