/** Quoting for POSIX `sh`. The only way that a value may enter a script of ours. */

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word for `sh`, whatever bytes it holds (NUL excepted: `sh` has no way to carry it). */
export function shellQuote(word: string): string {
  if (SAFE.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A whole command line from words. */
export function shellJoin(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}
