/**
 * The journal of a recreation, on the host itself: a folder a recreation, readable by root only, with `network.json` and
 * `containers.json` (what `inspect` said before), and `journal`: the surgery as one line of JSON, then a line before and after each
 * step, each on disk before the step goes on. So whoever comes next knows how far it went.
 *
 *   {"version":1,"surgery":{...}}
 *   start 0
 *   done 0
 *   start 1
 *   rollback            all before it counts as not done
 *   closed done         or: rolled-back, discarded
 */

import { ModuleError } from '../../errors.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import type { Engine } from '../docker/engine.ts';
import { runScript } from '../docker/run-script.ts';
import { callMs, LINE_FUNCTION, MAX_OUTPUT_BYTES, prelude, SLACK_MS, seconds } from '../docker/script.ts';
import type { RecreateOptions } from './options.ts';
import type { Surgery } from './surgery.ts';

/** A journal that was not closed. */
export interface OpenJournal {
  /** Its folder. */
  readonly path: string;
  readonly surgery: Surgery;
  /** Steps that are done, by their index. */
  readonly done: ReadonlySet<number>;
  /** Steps that were begun, whether or not they are done. */
  readonly begun: ReadonlySet<number>;
}

/** How a journal ends. */
export type Closing = 'done' | 'rolled-back' | 'discarded';

/** The shell function `note TEXT`, which adds a line to the journal and waits until it is on the disk. */
export function noteFunction(path: string): string {
  return `journal=${shellQuote(`${path}/journal`)}
note() {
  printf '%s\\n' "$1" >>"$journal" || { line journal - 1 "cannot write $journal"; exit 0; }
  sync "$journal" 2>/dev/null || sync
}`;
}

/**
 * The newest journal of the network that was not closed.
 *
 * @throws {@link ModuleError} it cannot be read; TransportError when interrupted
 */
export async function findOpenJournal(
  context: ModuleContext,
  options: RecreateOptions,
): Promise<OpenJournal | undefined> {
  const folder = folderOf(options.journalDir, options.name);
  const script = `${LINE_FUNCTION}
open=
for folder in ${shellQuote(folder)}/*/; do
  if [ -f "\${folder}journal" ] && ! tail -n 1 "\${folder}journal" | grep -q '^closed '; then open=\${folder%/}; fi
done
[ -z "$open" ] || { line journal "$open" 0 ''; cat "$open/journal"; }
line end - "$?" ''
`;
  const end = await runScript(context, script, { timeoutMs: JOURNAL_TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES });
  if (end.cut !== undefined) throw end.cut;
  if (end.truncated || !end.lines.some(({ word, status }) => word === 'end' && status === 0)) {
    throw new ModuleError(`could not read the journals in ${folder} on ${context.host}: ${end.stderr.trim()}`);
  }
  const path = end.lines.find(({ word }) => word === 'journal')?.subject;
  return path === undefined ? undefined : parseJournal(path, end.stdout);
}

/**
 * What a journal says. A line that was cut off while it was written, and lines that are none of a journal's, count for nothing.
 *
 * @throws {@link ModuleError} its first line is no surgery
 */
export function parseJournal(path: string, text: string): OpenJournal {
  const lines = text.split('\n');
  const head = lines.find((each) => each.startsWith('{'));
  const surgery = head === undefined ? undefined : surgeryOf(head);
  if (surgery === undefined) {
    throw new ModuleError(
      `expected ${path}/journal to begin with the surgery, found something else`,
      {},
      { hint: 'containers.json and network.json beside it say how things were; `action: discard` closes the journal' },
    );
  }
  const done = new Set<number>();
  const begun = new Set<number>();
  for (const line of lines) {
    const [, word, index] = /^(start|done) (\d+)$/.exec(line) ?? [];
    if (line === 'rollback') done.clear();
    if (word === 'start') begun.add(Number(index));
    if (word === 'done') done.add(Number(index));
  }
  return { path, surgery, done, begun };
}

/**
 * Opens a journal: saves what `inspect` says of the network and of its containers, and the surgery.
 *
 * @throws {@link ModuleError} it could not be written; nothing was changed then. TransportError when interrupted
 */
export async function openJournal(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  surgery: Surgery,
): Promise<OpenJournal> {
  const stamp = new Date(context.nowMs()).toISOString().replace(/[-:]|\.\d+/g, '');
  const path = `${folderOf(options.journalDir, surgery.network.name)}/${stamp}`;
  const ids = surgery.patients.map(({ id }) => id);
  const limit = seconds(options.timeoutMs);
  const inspectContainers =
    ids.length === 0
      ? 'echo "[]"'
      : `call ${limit} ${shellQuote(engine.path)} inspect --type container ${ids.join(' ')}`;
  const script = `${prelude(options)}
umask 077
path=${shellQuote(path)}
save() {
  mkdir -p "\${path%/*}" && mkdir "$path" && cd "$path" &&
    call ${limit} ${shellQuote(engine.path)} network inspect ${surgery.network.id} >network.json &&
    ${inspectContainers} >containers.json &&
    cat >journal.new && { sync network.json containers.json journal.new 2>/dev/null || sync; } &&
    mv journal.new journal && { sync . 2>/dev/null || sync; }
}
save
line saved "$path" "$?" ''
`;
  const end = await runScript(context, script, {
    timeoutMs: 2 * callMs(options.timeoutMs) + SLACK_MS,
    stdin: new TextEncoder().encode(`${JSON.stringify({ version: 1, surgery })}\n`),
  });
  if (end.cut !== undefined) throw end.cut;
  if (!end.lines.some(({ word, status }) => word === 'saved' && status === 0)) {
    const reason = end.stderr.trim().split('\n').at(-1) ?? '';
    throw new ModuleError(
      `could not save the inspection to ${path} on ${context.host}: ${reason}; nothing was changed`,
    );
  }
  return { path, surgery, done: new Set(), begun: new Set() };
}

/** Adds a line to a journal. @throws {@link ModuleError} it could not be written; TransportError when interrupted */
export async function noteInJournal(
  context: ModuleContext,
  journal: Pick<OpenJournal, 'path'>,
  text: 'rollback' | `closed ${Closing}`,
): Promise<void> {
  const script = `${LINE_FUNCTION}\n${noteFunction(journal.path)}\nnote ${shellQuote(text)}\nline noted - 0 ''\n`;
  const end = await runScript(context, script, { timeoutMs: JOURNAL_TIMEOUT_MS });
  if (end.cut !== undefined) throw end.cut;
  if (!end.lines.some(({ word }) => word === 'noted')) {
    throw new ModuleError(`could not write ${journal.path}/journal on ${context.host}: ${end.stderr.trim()}`);
  }
}

const JOURNAL_TIMEOUT_MS = 60_000;

// A network's name may hold all but white space; a folder's may not.
function folderOf(journalDir: string, name: string): string {
  return `${journalDir}/${encodeURIComponent(name).replaceAll('.', '%2E')}`;
}

function surgeryOf(line: string): Surgery | undefined {
  try {
    const { version, surgery } = JSON.parse(line) as { version?: unknown; surgery?: Surgery };
    return version === 1 && Array.isArray(surgery?.steps) ? surgery : undefined;
  } catch {
    return undefined;
  }
}
