/**
 * What a gatherer is. fact: a thing discovered on a host, under Ansible's key without the `ansible_` prefix. gatherer: the
 * part of the one script that looks, and a pure function that reads what it printed. Gatherers only read; every external
 * command is optional, and one that can hang runs under `bounded`.
 */

export type Facts = Record<string, unknown>;

/** Groups of facts, Ansible's names: `min` is always gathered unless `!min` is asked for. */
export type FactGroup = 'min' | 'hardware' | 'network' | 'virtual';

export interface Gatherer {
  /** Ansible's name for it in `gather_subset`, such as `distribution`. */
  readonly name: string;
  readonly group: FactGroup;
  /** POSIX `sh` text, run in a subshell with the functions of {@link PRELUDE}; prints sections. */
  readonly script: string;
  parse(sections: Sections): Facts;
}

/** What a gatherer's script printed, by section; a section that was not printed is empty text. */
export interface Sections {
  text(name: string): string;
  /** Lines that are not empty. */
  lines(name: string): string[];
  /** First line without surrounding blanks; undefined when there is none. */
  line(name: string): string | undefined;
}

/**
 * Functions for the scripts: `section NAME` begins a section, `show NAME FILE` prints a readable file as one, `have CMD`
 * asks for a command, `bounded CMD…` runs one for `$bound` seconds at most, and not at all when nothing can bound it.
 */
export const PRELUDE = `section() { printf '\\n#fleetmend %s\\n' "$1"; }
show() { if [ -r "$2" ]; then section "$1"; cat "$2" 2>/dev/null; fi; }
have() { command -v "$1" >/dev/null 2>&1; }
if timeout 5 true 2>/dev/null; then bounded() { timeout "$bound" "$@"; }
elif timeout -t 5 true 2>/dev/null; then bounded() { timeout -t "$bound" "$@"; }
else bounded() { return 124; }
fi
`;

/** Reads the sections out of what a script printed. */
export function parseSections(output: string): Sections {
  const sections = new Map<string, string>();
  // The text before the first mark is nobody's.
  const parts = output.split(/^#fleetmend (\S+)\n/m);
  for (let i = 1; i + 1 < parts.length; i += 2) {
    const name = parts[i] ?? '';
    // Every mark has a line end before it that belongs to it.
    sections.set(name, (sections.get(name) ?? '') + (parts[i + 1] ?? '').replace(/\n$/, ''));
  }
  const text = (name: string) => sections.get(name) ?? '';
  const lines = (name: string) =>
    text(name)
      .split('\n')
      .filter((line) => line !== '');
  return { text, lines, line: (name) => lines(name)[0]?.trim() };
}

/** `KEY=value` lines as in os-release: quotes removed, comments left out. */
export function parseAssignments(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (match?.[1] === undefined) continue;
    const value = (match[2] ?? '').trim();
    const quoted = /^"(.*)"$|^'(.*)'$/.exec(value);
    values.set(match[1], (quoted?.[1] ?? quoted?.[2] ?? value).replace(/\\(["'$`\\])/g, '$1'));
  }
  return values;
}
