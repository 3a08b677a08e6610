/** Lookups of values in files: `csvfile` and `ini`. */

import { readFileSync } from 'node:fs';
import { IniError, type IniSections, parseIni } from '../../util/ini-text.ts';
import { fail } from '../failure.ts';
import { isMatch } from '../regex-guard.ts';
import type { Lookup, Scope } from '../types.ts';
import { type FileSearch, findIn } from './search.ts';
import { flagOption, readTerm, type Term, textOption } from './term.ts';

const CSV_OPTIONS = ['file', 'delimiter', 'col', 'keycol', 'default', 'encoding'];
const INI_OPTIONS = [
  'file',
  'section',
  'type',
  're',
  'encoding',
  'default',
  'case_sensitive',
  'allow_no_value',
  'allow_none',
];

export function tableLookups(search: FileSearch): readonly (readonly [string, Lookup])[] {
  return [
    [
      'csvfile',
      (terms, options, scope) =>
        terms.flatMap((term) => findInCsv(readTerm('csvfile', term, options, CSV_OPTIONS), search, scope)),
    ],
    [
      'ini',
      (terms, options, scope) =>
        terms.flatMap((term) => findInIni(readTerm('ini', term, options, INI_OPTIONS), search, scope)),
    ],
  ];
}

function readFile(lookup: string, name: string, search: FileSearch, scope: Scope): string {
  const roots = search.rootsOf('files', scope);
  const path = findIn(roots, name);
  if (path === undefined) fail(`The lookup '${lookup}' found no '${name}'`, `it looked in ${roots.join(', ')}`);
  return readFileSync(path, 'utf8');
}

function findInCsv(term: Term, search: FileSearch, scope: Scope): unknown[] {
  const name = textOption(term, 'file', 'ansible.csv');
  const delimiter = textOption(term, 'delimiter', 'TAB').replace(/^(?:TAB|\\t|t)$/, '\t');
  if ([...delimiter].length !== 1) fail(`Expected the delimiter of csvfile to be one character, got '${delimiter}'`);
  const [key, column] = [columnOf(term, 'keycol', '0'), columnOf(term, 'col', '1')];
  for (const row of parseCsv(readFile('csvfile', name, search, scope), delimiter)) {
    if (row[key] !== term.text) continue;
    return [row[column] ?? fail(`The row '${term.text}' of ${name} has ${row.length} columns, col asks for ${column}`)];
  }
  const fallback = term.options.default;
  return fallback === undefined || fallback === null ? [] : [fallback];
}

function columnOf(term: Term, option: string, fallback: string): number {
  const text = textOption(term, option, fallback);
  return /^\d+$/.test(text) ? Number(text) : fail(`Expected ${option} of csvfile to be a number, got '${text}'`);
}

/** Rows of a CSV text: fields in double quotes may hold the delimiter, line ends, and quotes written twice. */
export function parseCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let isQuoted = false;
  const endField = (): void => {
    row.push(field);
    field = '';
  };
  const endRow = (): void => {
    if (row.length > 0 || field !== '') {
      endField();
      rows.push(row);
    }
    row = [];
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (isQuoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') field += text[++at];
      else isQuoted = false;
    } else if (char === '"' && field === '') isQuoted = true;
    else if (char === delimiter) endField();
    else if (char === '\n' || char === '\r') endRow();
    else field += char;
  }
  endRow();
  return rows;
}

function findInIni(term: Term, search: FileSearch, scope: Scope): unknown[] {
  const name = textOption(term, 'file', 'ansible.ini');
  const text = readFile('ini', name, search, scope);
  const isCased = flagOption(term, 'case_sensitive', false);
  const isProperties = textOption(term, 'type', 'ini') === 'properties';
  const sections = sectionsOf(isProperties ? `[java_properties]\n${text}` : text, name, isCased);
  const section = isProperties ? 'java_properties' : textOption(term, 'section', 'global');
  const values = sections.get(section);
  if (values === undefined)
    fail(`There is no section '${section}' in ${name}`, `it has ${[...sections.keys()].join(', ')}`);
  if (flagOption(term, 're', false)) {
    return [...values].filter(([key]) => isMatch(term.text, key)).map(([, value]) => value);
  }
  const found = values.get(isCased ? term.text : term.text.toLowerCase());
  return [found ?? textOption(term, 'default', '')];
}

function sectionsOf(text: string, name: string, isCased: boolean): IniSections {
  try {
    return parseIni(text, { isCased });
  } catch (error) {
    if (error instanceof IniError) fail(`${error.message} of ${name}`);
    throw error;
  }
}
