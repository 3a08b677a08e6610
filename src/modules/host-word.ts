/** Words whose `~` and `$NAME` are expanded on the host, as Ansible expands them in paths and in words of `command`. */
import { shellQuote } from '../util/shell-quote.ts';

/** `$NAME` and `${NAME}`; other uses of `$` are ordinary text. */
const VARIABLE = /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g;

/** A leading `~` or `~user`, up to the first slash. */
const TILDE = /^~[A-Za-z0-9_.-]*(?=\/|$)/;

/**
 * `sh` text for one word. A leading `~` or `~user` becomes that home, variables become their values when they are set,
 * and all else stays as it is: nothing is split, nothing but the named variables is expanded.
 */
export function hostWord(word: string): string {
  const tilde = TILDE.exec(word)?.[0] ?? '';
  return tilde + quoteWithVariables(word.slice(tilde.length), tilde === '');
}

/**
 * As {@link hostWord}, with `*`, `?` and `[…]` left to the shell's globbing; for a `for … in` list. A pattern that
 * matches nothing stays itself.
 */
export function hostGlob(pattern: string): string {
  const tilde = TILDE.exec(pattern)?.[0] ?? '';
  const parts = pattern.slice(tilde.length).split(/(\[!?|[*?\]])/);
  return tilde + parts.map((part, i) => (i % 2 === 1 ? part : quoteWithVariables(part, false))).join('');
}

/** Whether the host expands something in the word, so that its real text is only known there. */
export function isExpanded(word: string): boolean {
  return TILDE.test(word) || word.search(VARIABLE) >= 0;
}

function quoteWithVariables(text: string, quoteEmpty: boolean): string {
  let quoted = '';
  let last = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const name = match[1] ?? match[2];
    if (match.index > last) quoted += shellQuote(text.slice(last, match.index));
    // An unset variable stays as written.
    quoted += match[1] === undefined ? `"\${${name}-\\\${${name}\\}}"` : `"\${${name}-\\$${name}}"`;
    last = match.index + match[0].length;
  }
  if (last < text.length || (text === '' && quoteEmpty)) quoted += shellQuote(text.slice(last));
  return quoted;
}
