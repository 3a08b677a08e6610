/**
 * Where JavaScript's groups come to something else than Python's: a group that took no part matches nothing when it is
 * referred to (Python: no match), and inside of a repetition it is forgotten at each turn (Python: the last text stays).
 */

interface Group {
  /** Number of the capture; undefined for a group that captures nothing. */
  readonly number: number | undefined;
  readonly inner: number[];
  hasAlternation: boolean;
}

export interface RegexShape {
  /** Captures that may take no part in a match. */
  readonly optional: ReadonlySet<number>;
  /** Whether a repetition may forget a capture. */
  readonly forgets: boolean;
  /** Captures that the pattern refers to by number. */
  readonly references: readonly number[];
}

/** @param source - of a JavaScript expression, with named groups as `(?<name>` */
export function shapeOf(source: string): RegexShape {
  const optional = new Set<number>();
  const references: number[] = [];
  const names = new Map<string, number>();
  const top: Group = { number: undefined, inner: [], hasAlternation: false };
  const open: Group[] = [top];
  let forgets = false;
  let count = 0;
  const tokens =
    /\\k<(\w+)>|\\([1-9]\d*)|\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\((\?(?:[:=!]|<[=!]|<(\w+)>|[a-z-]+:))?|\)|\|/g;
  for (const token of source.matchAll(tokens)) {
    const [text, named, number, kind, name] = token;
    if (named !== undefined) references.push(names.get(named) ?? 0);
    else if (number !== undefined) references.push(Number(number));
    else if (text.startsWith('(')) {
      const isCapture = kind === undefined || name !== undefined;
      if (isCapture) count++;
      if (name !== undefined) names.set(name, count);
      open.push({ number: isCapture ? count : undefined, inner: [], hasAlternation: false });
    } else if (text === '|') {
      const group = open.at(-1);
      if (group !== undefined) group.hasAlternation = true;
    } else if (text === ')' && open.length > 1) {
      const group = open.pop() ?? top;
      const after = source.slice(token.index + 1);
      if (group.hasAlternation) for (const each of group.inner) optional.add(each);
      if (/^(?:[*+]|\{)/.test(after) && group.inner.some((each) => optional.has(each))) forgets = true;
      const all = group.number === undefined ? group.inner : [group.number, ...group.inner];
      if (/^(?:[?*]|\{0)/.test(after)) for (const each of all) optional.add(each);
      open.at(-1)?.inner.push(...all);
    }
  }
  if (top.hasAlternation) for (const each of top.inner) optional.add(each);
  return { optional, forgets, references };
}
