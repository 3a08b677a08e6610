/** INI inventories; a plain list of hosts, one a line, is one too. */
import type { Position } from '../../errors.ts';
import { didYouMean } from '../../util/did-you-mean.ts';
import { SourceText } from '../../util/source-text.ts';
import { splitWords } from '../../util/split-words.ts';
import { FileFindings } from '../file-findings.ts';
import { parseHostWord } from '../host-word.ts';
import type { InventoryBuilder, MutableGroup } from '../model.ts';
import { pythonLiteralOrText } from '../python-literal.ts';

/**
 * Adds the hosts, groups and variables of an INI text. Values are Python literals where they are one. A section may
 * come before or after the groups that it names; a group must have a section of its own somewhere.
 *
 * @param file - the path for messages
 * @throws {@link DiagnosticsError} INVENTORY_INVALID with every line that cannot be read
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ini_inventory.html
 */
export function readIni(text: string, file: string, builder: InventoryBuilder): void {
  new IniReader(text, file, builder).read();
}

type SectionKind = 'hosts' | 'children' | 'vars';
const SECTION_KINDS: readonly SectionKind[] = ['hosts', 'children', 'vars'];

interface Section {
  readonly kind: SectionKind;
  readonly group: MutableGroup;
}

class IniReader {
  readonly #text: string;
  readonly #file: string;
  readonly #builder: InventoryBuilder;
  readonly #findings: FileFindings;
  // Groups that a section or another source declares; the others are only mentioned.
  readonly #declared: Set<string>;
  readonly #mentioned: { readonly name: string; readonly by: string; readonly source: Position }[] = [];
  #section: Section;

  constructor(text: string, file: string, builder: InventoryBuilder) {
    this.#text = text;
    this.#file = file;
    this.#builder = builder;
    this.#findings = new FileFindings(new SourceText(file, text));
    this.#declared = new Set(builder.groups.keys());
    this.#section = { kind: 'hosts', group: builder.ungrouped };
  }

  read(): void {
    const lines = this.#text.split(/\r?\n/);
    for (const [i, raw] of lines.entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
      const source = { file: this.#file, line: i + 1, column: raw.indexOf(line) + 1 };
      if (line.startsWith('[') && this.#readSection(line, source)) continue;
      if (this.#section.kind === 'hosts') this.#readHost(line, source);
      else if (this.#section.kind === 'children') this.#readChild(line, source);
      else this.#readGroupVar(line, source);
      if (this.#findings.isFull) break;
    }
    for (const { name, by, source } of this.#mentioned) {
      if (this.#declared.has(name)) continue;
      const hint = didYouMean(name, this.#declared) ?? `add a section [${name}]`;
      this.#findings.add(source, `${by} names the group '${name}', which has no section`, hint);
    }
    this.#findings.throwIfAny();
  }

  // False: a host line that begins with a bracket (`[::1]:22`, `[a:c].example.com`).
  #readSection(line: string, source: Position): boolean {
    const match = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:[#;].*)?$/.exec(line);
    if (match?.[1] === undefined) {
      if (!/^\[[^\]]*\]\s*$/.test(line) && line.includes(']')) return false;
      const hint = 'a section is [group], [group:children] or [group:vars], without spaces';
      this.#findings.add(source, `expected a section, found '${line}'`, hint);
      return true;
    }
    const [, name, kindText = 'hosts'] = match;
    const kind = SECTION_KINDS.find((known) => known === kindText);
    if (kind === undefined) {
      // `[1:5]` alone on a line is neither a section nor a host that anyone has.
      const hint = didYouMean(kindText, SECTION_KINDS) ?? 'it is hosts, children or vars';
      this.#findings.add(source, `section '[${name}:${kindText}]' has the unknown kind '${kindText}'`, hint);
    }
    if (kind === 'vars') this.#mentioned.push({ name, by: `section '[${name}:vars]'`, source });
    else this.#declared.add(name);
    this.#section = { kind: kind ?? 'hosts', group: this.#builder.group(name) };
    return true;
  }

  #readHost(line: string, source: Position): void {
    if (line.startsWith('---')) {
      this.#findings.add(source, "expected a host, found '---', which begins a YAML file", 'name the file .yml');
      return;
    }
    const words = splitWords(withoutComment(line));
    if (typeof words === 'string') {
      this.#findings.add(
        source,
        `expected a host and key=value words, found an ${words}`,
        'close the quote on the same line',
      );
      return;
    }
    const [first, ...rest] = words.map((word) => word.text);
    if (first === undefined) return;
    const hosts = parseHostWord(first);
    if ('problem' in hosts) {
      this.#findings.add(source, `expected a host, ${hosts.problem}`);
      return;
    }
    const vars: Record<string, unknown> = Object.create(null);
    if (hosts.port !== undefined) vars.ansible_port = hosts.port;
    for (const word of rest) {
      const equals = word.indexOf('=');
      if (equals <= 0) {
        const column = source.column + Math.max(0, line.indexOf(word, first.length));
        const hint = 'hosts stand one a line, values with spaces in quotes';
        this.#findings.add({ ...source, column }, `expected key=value after the host, found '${word}'`, hint);
        return;
      }
      vars[word.slice(0, equals)] = pythonLiteralOrText(word.slice(equals + 1));
    }
    this.#addHosts(hosts.names, vars, line, source);
  }

  #addHosts(names: readonly string[], vars: Record<string, unknown>, line: string, source: Position): void {
    if (names[0] === 'null' || names[0] === 'None') {
      const { file, line: number } = source;
      this.#builder.warn(
        `${file}:${number}: a host is named '${names[0]}': a program may have written it for a missing address`,
      );
    }
    const layer = {
      origin: this.#file,
      vars,
      isTemplate: true,
      positionOf: (name: string): Position | undefined => {
        if (!Object.hasOwn(vars, name)) return undefined;
        const at = line.split(/\s/).findIndex((word) => word.startsWith(`${name}=`));
        const column = at < 0 ? 0 : line.split(/\s/, at).join(' ').length + 1;
        return { ...source, column: source.column + column };
      },
    };
    const hasVars = Object.keys(vars).length > 0;
    for (const name of names) {
      const host = this.#builder.host(name);
      this.#builder.addMember(this.#section.group, host);
      if (hasVars) this.#builder.addHostVars(host, layer);
    }
  }

  #readChild(line: string, source: Position): void {
    const name = /^([^\s:\]#]+)\s*(?:#.*)?$/.exec(line)?.[1];
    if (name === undefined) {
      this.#findings.add(source, `expected the name of a group, found '${line}'`);
      return;
    }
    const { group } = this.#section;
    this.#mentioned.push({ name, by: `section '[${group.name}:children]'`, source });
    this.#builder.addChild(group, this.#builder.group(name), source);
  }

  #readGroupVar(line: string, source: Position): void {
    const equals = line.indexOf('=');
    const name = line.slice(0, equals).trim();
    if (equals <= 0 || name === '') {
      this.#findings.add(source, `expected key=value, found '${line}'`);
      return;
    }
    const vars: Record<string, unknown> = Object.create(null);
    vars[name] = pythonLiteralOrText(line.slice(equals + 1).trim());
    const positionOf = (asked: string) => (asked === name ? source : undefined);
    this.#builder.addGroupVars(this.#section.group, { origin: this.#file, vars, isTemplate: true, positionOf });
  }
}

// The line up to its first `#` outside quotes.
function withoutComment(line: string): string {
  if (!line.includes('#')) return line;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? '';
    if (char === '\\' && quote !== "'") i++;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '#') return line.slice(0, i);
  }
  return line;
}
