/** INI texts, read as Python's configparser reads them. */

export type IniSections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A text that is no INI; the message says in which line, without the name of the file. */
export class IniError extends Error {}

/**
 * Sections of an INI text: comments with `#` and `;`, values that go on in indented lines, `DEFAULT` for all sections.
 *
 * @throws {@link IniError}
 */
export function parseIni(text: string, { isCased }: { readonly isCased: boolean }): IniSections {
  const sections = new Map<string, Map<string, string>>();
  const defaults = new Map<string, string>();
  let current: Map<string, string> | undefined;
  let key: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || /^\s*[#;]/.test(line)) continue;
    const header = /^\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (header !== undefined) {
      current = header === 'DEFAULT' ? defaults : (sections.get(header) ?? new Map());
      if (current !== defaults) sections.set(header, current);
      key = undefined;
    } else if (/^\s/.test(line) && key !== undefined && current !== undefined) {
      current.set(key, `${current.get(key)}\n${line.trim()}`);
    } else {
      const [, found, value = ''] = /^\s*([^=:]+?)\s*(?:[=:]\s*(.*?))?\s*$/.exec(line) ?? [];
      if (current === undefined || found === undefined)
        throw new IniError(`Expected a section or 'key = value' in line ${index + 1}`);
      key = isCased ? found : found.toLowerCase();
      current.set(key, value);
    }
  }
  for (const values of sections.values()) {
    for (const [name, value] of defaults) if (!values.has(name)) values.set(name, value);
  }
  return sections;
}
