/** Splits the arguments of a keyword into words. */

/**
 * The words of a line as ssh reads them: quotes of both kinds group, a backslash takes a quote, a backslash or (outside
 * of quotes) a space as it is, and `#` at the start of a word begins a comment.
 *
 * @returns undefined when a quote is not closed
 */
export function splitArguments(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    if (at >= text.length || text[at] === '#') return words;
    let word = '';
    let quote = '';
    for (; at < text.length; at++) {
      const char = text.charAt(at);
      const next = text.charAt(at + 1);
      if (char === '\\' && (/["'\\]/.test(next) || (quote === '' && next === ' '))) {
        word += next;
        at++;
      } else if (quote === '' && (char === ' ' || char === '\t')) {
        break;
      } else if (quote === '' && (char === '"' || char === "'")) {
        quote = char;
      } else if (char === quote) {
        quote = '';
      } else {
        word += char;
      }
    }
    if (quote !== '') return undefined;
    words.push(word);
  }
}
