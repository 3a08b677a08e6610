/** Shell globs on names, as Python's fnmatch has them: `*`, `?`, `[abc]`, `[!a-c]`; case counts. */

/**
 * A regular expression that matches the whole of a name. A `[` without its `]` is an ordinary character.
 *
 * @see https://docs.python.org/3/library/fnmatch.html
 */
export function globToRegExp(glob: string): RegExp {
  let source = '';
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i] ?? '';
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (char === '[') {
      const close = closingBracket(glob, i);
      if (close < 0) source += '\\[';
      else {
        source += bracketClass(glob.slice(i + 1, close));
        i = close;
      }
    } else source += char.replace(/[\\^$.|+(){}\]]/, '\\$&');
  }
  return new RegExp(`^(?:${source})$`, 's');
}

// A `]` directly behind the opening (or its `!`) belongs to the class.
function closingBracket(glob: string, open: number): number {
  const from = open + (glob[open + 1] === '!' ? 2 : 1);
  return glob.indexOf(']', glob[from] === ']' ? from + 1 : from);
}

function bracketClass(body: string): string {
  const isNegated = body.startsWith('!');
  const members = (isNegated ? body.slice(1) : body).replaceAll(/[\\^\][]/g, '\\$&');
  // A range that runs backwards (`[z-a]`) matches nothing, it is no error.
  const ranges = members.replaceAll(/([^\\])-([^\\])/g, (range, from: string, to: string) => (from > to ? '' : range));
  if (ranges === '') return isNegated ? '.' : '(?!)';
  return `[${isNegated ? '^' : ''}${ranges}]`;
}
