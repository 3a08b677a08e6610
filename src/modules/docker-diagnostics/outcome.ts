/** What came of collecting, from the lines of the script; pure. */

import type { ScriptLine } from '../docker/script.ts';

/** A source, and what came of it. */
export interface Item {
  /** Name in the package. */
  readonly file: string;
  readonly ok: boolean;
  /** Why it is not there. */
  readonly note?: string;
}

export interface Collected {
  readonly items: readonly Item[];
  /** What was done about debug messages: `on`, `off`, or why not. */
  readonly debug: readonly string[];
  /** daemon.json was changed and is not as it was: where the old one is. */
  readonly unrestored?: string;
  /** Files that were shortened, with the bytes that are left of each. */
  readonly shortened: Readonly<Record<string, number>>;
  /** Why there is no package. */
  readonly failure?: string;
  /** Folder on the host with the package. */
  readonly folder?: string;
}

/** Reads the lines. */
export function parseCollected(lines: readonly ScriptLine[]): Collected {
  const ofWord = (word: string) => lines.filter((line) => line.word === word);
  const debug = ofWord('debug');
  const failure = ofWord('nowhere').map(() => 'no folder for temporary files can be written');
  const untarred = ofWord('tar').map(({ text }) => `the files could not be packed: ${text}`);
  return {
    items: ofWord('item').map(({ subject, status, text }) =>
      status === 0 ? { file: subject, ok: true } : { file: subject, ok: false, note: text },
    ),
    debug: debug.filter(({ status }) => status !== 2).map(({ text }) => text),
    unrestored: debug.find(({ status }) => status === 2)?.text,
    shortened: Object.fromEntries(ofWord('cut').map(({ subject, status }) => [subject, status])),
    failure: failure[0] ?? untarred[0],
    folder: ofWord('package')[0]?.subject,
  };
}

/** One line for people. */
export function messageOf(dest: string, sizeBytes: number, { items }: Collected): string {
  const missing = items.filter(({ ok }) => !ok);
  const stacks = missing.find(({ file }) => file === 'dockerd-stacks.txt');
  const without = stacks === undefined ? '' : `, without a stack dump: ${stacks.note}`;
  return `${dest}: ${items.length - missing.length} files, ${Math.ceil(sizeBytes / 1000)} kB${without}`;
}
