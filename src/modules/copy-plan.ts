/** What the module `copy` has to do: a pure function from arguments and state to steps. */
import { ModuleError } from '../errors.ts';
import type { Change } from '../event.ts';
import {
  type AttributeArgs,
  type AttributeChanges,
  attributeChanges,
  describeAttributes,
  type Ownership,
} from './attributes.ts';
import { type FileStat, formatMode } from './remote-stat.ts';

export interface CopyArgs extends AttributeArgs {
  readonly src?: string;
  readonly content?: unknown;
  readonly dest: string;
  readonly backup?: boolean;
  readonly force?: boolean;
  readonly follow?: boolean;
  readonly remote_src?: boolean;
  readonly validate?: string;
  readonly directory_mode?: string | number;
  readonly checksum?: string;
  readonly decrypt?: boolean;
}

/** One file that is to be on the host. */
export interface CopyItem {
  /** Path on the host. */
  readonly path: string;
  readonly source: { readonly sha1: string; readonly sizeBytes: number; readonly mode: number; readonly text?: string };
  /** What is at the path; undefined: nothing. */
  readonly stat?: FileStat;
  readonly sha1?: string;
  /** Text that is there, for the diff. */
  readonly text?: string;
}

export interface CopyState extends Ownership {
  readonly dest: string;
  readonly items: readonly CopyItem[];
  /** Directories that are to be on the host, and what is there. */
  readonly directories: readonly { readonly path: string; readonly stat?: FileStat }[];
  /** The folder of the one file is missing and is not to be made. */
  readonly missingParent?: string;
}

export interface FileStep {
  readonly item: CopyItem;
  readonly index: number;
  readonly writes: boolean;
  /** What it is made with when it is written. */
  readonly mode: number;
  readonly changes: AttributeChanges;
}

export interface DirectoryStep {
  readonly path: string;
  readonly changes: AttributeChanges;
}

export interface CopyPlan {
  readonly directories: readonly DirectoryStep[];
  readonly files: readonly FileStep[];
  readonly changes: readonly Change[];
}

/**
 * Steps for what is missing or different.
 *
 * @throws {@link ModuleError} where Ansible refuses: the folder is missing, a directory is in the way
 */
export function planCopy(args: CopyArgs, state: CopyState): CopyPlan {
  if (state.missingParent !== undefined) {
    throw new ModuleError(`Destination directory ${state.missingParent} does not exist`, {
      dest: state.dest,
      checksum: state.items[0]?.source.sha1,
    });
  }
  const changes: Change[] = [];
  const directories: DirectoryStep[] = [];
  for (const { path, stat } of state.directories) {
    if (stat !== undefined && stat.kind !== 'directory') {
      throw new ModuleError(`expected a directory at ${path}, found a ${stat.kind}`, { dest: path });
    }
    if (stat !== undefined) continue;
    const step = {
      path,
      changes: attributeChanges({ ...args, mode: args.directory_mode }, state, newStat('directory', state)),
    };
    directories.push(step);
    changes.push({ line: `create directory ${path}${madeWith(step.changes)}` });
  }
  const files: FileStep[] = [];
  for (const [index, item] of state.items.entries()) {
    const step = planItem(args, state, item, index);
    if (step === undefined) continue;
    files.push(step);
    changes.push(describeStep(args, step));
  }
  return { directories, files, changes };
}

function planItem(args: CopyArgs, state: CopyState, item: CopyItem, index: number): FileStep | undefined {
  const { stat } = item;
  if (stat !== undefined && args.force === false) return undefined;
  if (stat?.kind === 'directory') {
    throw new ModuleError(`expected a file at ${item.path}, found a directory`, { dest: item.path });
  }
  const wanted = args.mode === 'preserve' ? { ...args, mode: item.source.mode } : args;
  // A link that is not followed gives way to the file.
  const kept = stat !== undefined && stat.kind !== 'link' ? stat : undefined;
  const writes = kept === undefined || item.sha1 !== item.source.sha1;
  const base = kept ?? newStat('file', state);
  const changes = attributeChanges(wanted, state, base);
  if (!writes && Object.keys(changes).length === 0) return undefined;
  return { item, index, writes, mode: changes.mode ?? base.mode, changes };
}

function describeStep(args: CopyArgs, { item, writes, changes, mode }: FileStep): Change {
  const { path, source, stat } = item;
  const attributes = stat === undefined ? '' : describeAttributes(changes, args, stat);
  if (!writes) return { line: `set of ${path}: ${attributes}`, diff: attributeDiff(item, changes) };
  const line =
    stat === undefined
      ? `create ${path} (${source.sizeBytes} bytes, mode ${formatMode(mode)})`
      : `update ${path} (${stat.sizeBytes} -> ${source.sizeBytes} bytes)${attributes === '' ? '' : `, ${attributes}`}`;
  if (source.text === undefined || (stat !== undefined && item.text === undefined)) return { line };
  return { line, diff: { before: item.text ?? '', after: source.text, path } };
}

function attributeDiff({ path, stat }: CopyItem, changes: AttributeChanges): NonNullable<Change['diff']> {
  const lines = (mode: number | undefined, uid: number | undefined, gid: number | undefined) =>
    [
      ...(changes.mode === undefined ? [] : [`mode: ${formatMode(mode ?? 0)}\n`]),
      ...(changes.uid === undefined ? [] : [`owner: ${uid}\n`]),
      ...(changes.gid === undefined ? [] : [`group: ${gid}\n`]),
    ].join('');
  return {
    before: lines(stat?.mode, stat?.uid, stat?.gid),
    after: lines(changes.mode, changes.uid, changes.gid),
    path,
  };
}

function newStat(kind: 'file' | 'directory', state: Ownership): Pick<FileStat, 'kind' | 'mode' | 'uid' | 'gid'> {
  const mode = (kind === 'file' ? 0o666 : 0o777) & ~state.umask;
  return { kind, mode, uid: -1, gid: -1 };
}

function madeWith(changes: AttributeChanges): string {
  return changes.mode === undefined ? '' : ` (mode ${formatMode(changes.mode)})`;
}
