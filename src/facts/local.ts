/** Facts that the host's own administrators give: files and programs `*.fact` in a folder. */
import { IniError, parseIni } from '../util/ini-text.ts';
import type { Facts, Gatherer } from './gatherer.ts';

/** Where they are when nothing else is said. */
export const FACT_PATH = '/etc/ansible/facts.d';

/**
 * Prints for each file its path, the exit status of a program or `-`, the text with `|` before each line, and what a program
 * that failed said with `!`. As in Ansible a file is a program when its owner may execute it.
 */
export const local: Gatherer = {
  name: 'local',
  group: 'min',
  script: `section local_facts
for f in "$fact_path"/*.fact; do
  [ -f "$f" ] || continue
  printf 'file %s\\n' "$f"
  case $(ls -ldL -- "$f" 2>/dev/null) in
  ???[xs]*)
    { err=$( { out=$("$f" </dev/null 3>&-); printf 'status %s\\n' "$?" >&3; printf '%s\\n' "$out" | sed 's/^/|/' >&3; } 2>&1)
      printf '%s\\n' "$err" | sed 's/^/!/'; } 3>&1 ;;
  *) printf 'status -\\n'; printf '%s\\n' "$(cat "$f" 2>/dev/null)" | sed 's/^/|/' ;;
  esac
done
`,
  parse(sections) {
    const facts: Facts = {};
    for (const part of `\n${sections.text('local_facts')}`.split(/\nfile /).slice(1)) {
      const [path = '', status = '', ...lines] = part.split('\n');
      const textOf = (mark: string) =>
        lines
          .filter((line) => line.startsWith(mark))
          .map((line) => line.slice(1))
          .join('\n');
      const failed = !['status -', 'status 0'].includes(status);
      facts[path.slice(path.lastIndexOf('/') + 1).replace('.fact', '')] = failed
        ? `${FAILED} (${path}), rc: ${status.replace('status ', '')}, err: ${textOf('!').trim()}`
        : contentOf(textOf('|'), path);
    }
    return { local: facts };
  },
};

const FAILED = 'Failure executing fact script';
const UNREADABLE = 'error loading facts as JSON or ini - please check content';

/** What is wrong with local facts, for warnings: it stands in the place of the fact, as in Ansible. */
export function localFactProblems(facts: Facts): string[] {
  const values = Object.values((facts.local as Facts | undefined) ?? {});
  return values.filter(
    (value): value is string => typeof value === 'string' && /^(?:Failure exec|error load)/.test(value),
  );
}

// JSON, else INI.
function contentOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      const sections = parseIni(text, { isCased: false });
      return Object.fromEntries([...sections].map(([name, values]) => [name, Object.fromEntries(values)]));
    } catch (error) {
      if (!(error instanceof IniError)) throw error;
      return `${UNREADABLE}: ${path}`;
    }
  }
}
