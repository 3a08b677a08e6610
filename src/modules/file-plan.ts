/** What the module `file` has to do: a pure function from arguments and state to operations. */
import { ModuleError } from '../errors.ts';
import type { Change } from '../event.ts';
import {
  type AttributeArgs,
  type AttributeChanges,
  attributeChanges,
  describeAttributes,
  type Ownership,
} from './attributes.ts';
import { type FileKind, type FileStat, formatMode, stateOf, statResult } from './remote-stat.ts';

export interface FileArgs extends AttributeArgs {
  readonly path: string;
  readonly state?: 'file' | 'directory' | 'touch' | 'absent' | 'link' | 'hard';
  readonly src?: string;
  readonly recurse?: boolean;
  readonly force?: boolean;
  readonly follow?: boolean;
  readonly access_time?: 'preserve' | 'now';
  readonly modification_time?: 'preserve' | 'now';
}

/** What the host said. */
export interface FileState extends Ownership {
  /** The path with `~` and variables expanded, and links followed where the task means their target. */
  readonly path: string;
  /** What is there, a link not followed; undefined: nothing. */
  readonly stat?: FileStat;
  /** Where the link at the path points. */
  readonly linkTarget?: string;
  /** How many directories at the end of the path are missing, itself included. */
  readonly missing?: number;
  /** Whether the directory at the path is empty. */
  readonly isEmpty?: boolean;
  /** What `src` of a link leads to: undefined when there is nothing. */
  readonly source?: Pick<FileStat, 'inode' | 'device'>;
  /** All that is below the directory, counted by kind, permissions and owners; for `recurse`. */
  readonly below?: readonly TreeCount[];
}

export interface TreeCount {
  readonly kind: FileKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly count: number;
}

/** A step on the host, in order. */
export type FileOperation =
  | { readonly do: 'remove'; readonly recursive: boolean }
  | { readonly do: 'make directory'; readonly missing: number }
  | { readonly do: 'make file' }
  | { readonly do: 'set times'; readonly access: boolean; readonly modification: boolean }
  | { readonly do: 'link' | 'hard link'; readonly src: string }
  | { readonly do: 'set attributes'; readonly changes: AttributeChanges; readonly newDirectories: number }
  | { readonly do: 'set attributes below'; readonly of: TreeCount; readonly changes: AttributeChanges };

export interface FilePlan {
  readonly operations: readonly FileOperation[];
  readonly changes: readonly Change[];
}

/**
 * The steps from what is there to what is asked for.
 *
 * @throws {@link ModuleError} where Ansible refuses: a file in the way of a directory, nothing to set attributes of …
 */
export function planFile(args: FileArgs, state: FileState): FilePlan {
  if (args.recurse === true && wantedState(args, state) !== 'directory') {
    throw refuse(state, "recurse option requires state to be 'directory'");
  }
  switch (wantedState(args, state)) {
    case 'absent':
      return planAbsent(state);
    case 'directory':
      return planDirectory(args, state);
    case 'touch':
      return planTouch(args, state);
    case 'link':
      return planLink(args, state, 'link');
    case 'hard':
      return planLink(args, state, 'hard link');
    case 'file':
      return planAttributes(args, state);
  }
}

/** The state that is asked for; without one, that of what is there, or a directory for `recurse`. */
export function wantedState(args: FileArgs, state: FileState): NonNullable<FileArgs['state']> {
  if (args.state !== undefined) return args.state;
  if (args.recurse === true) return 'directory';
  if (state.stat?.kind === 'directory') return 'directory';
  return state.stat?.kind === 'link' ? 'link' : 'file';
}

function planAbsent(state: FileState): FilePlan {
  if (state.stat === undefined) return NOTHING;
  const recursive = state.stat.kind === 'directory';
  const line = `remove ${recursive ? 'directory' : state.stat.kind === 'link' ? 'link' : 'file'} ${state.path}`;
  return {
    operations: [{ do: 'remove', recursive }],
    changes: [withDiff(state, line, `state: ${stateOf(state.stat)}`, 'state: absent')],
  };
}

function planDirectory(args: FileArgs, state: FileState): FilePlan {
  if (state.stat !== undefined && state.stat.kind !== 'directory') {
    throw refuse(state, `${state.path} already exists as a ${stateOf(state.stat)}`);
  }
  if (state.stat === undefined) {
    const made = newStat('directory', 0o777, state);
    const missing = state.missing ?? 1;
    const changes = attributeChanges(args, state, made);
    return {
      operations: [{ do: 'make directory', missing }, ...attributes(changes, missing)],
      changes: [
        withDiff(
          state,
          `create directory ${state.path}${madeWith(args, changes, made)}`,
          'state: absent',
          'state: directory',
        ),
      ],
    };
  }
  const own = planAttributes(args, state);
  if (args.recurse !== true) return own;
  const below = (state.below ?? []).flatMap((count) => planBelow(args, state, count));
  return {
    operations: [...own.operations, ...below.flatMap((plan) => plan.operations)],
    changes: [...own.changes, ...below.flatMap((plan) => plan.changes)],
  };
}

function planTouch(args: FileArgs, state: FileState): FilePlan {
  const access = args.access_time !== 'preserve';
  const modification = args.modification_time !== 'preserve';
  if (state.stat === undefined) {
    const made = newStat('file', 0o666, state);
    const changes = attributeChanges(args, state, made);
    return {
      operations: [{ do: 'make file' }, ...attributes(changes, 0)],
      changes: [
        withDiff(state, `create file ${state.path}${madeWith(args, changes, made)}`, 'state: absent', 'state: touch'),
      ],
    };
  }
  const own = planAttributes(args, state);
  if (!access && !modification) return own;
  return {
    operations: [{ do: 'set times', access, modification }, ...own.operations],
    changes: [{ line: `touch ${state.path}` }, ...own.changes],
  };
}

function planAttributes(args: FileArgs, state: FileState): FilePlan {
  const { stat } = state;
  if (stat === undefined) throw refuse(state, `file (${state.path}) is absent, cannot continue`);
  if (args.state === 'file' && stat.kind === 'directory') {
    throw refuse(state, `file (${state.path}) is directory, cannot continue`);
  }
  const changes = attributeChanges(args, state, stat);
  if (Object.keys(changes).length === 0) return NOTHING;
  const before = {
    ...(changes.mode === undefined ? {} : { mode: formatMode(stat.mode) }),
    ...idText(changes, stat.uid, stat.gid),
  };
  const after = {
    ...(changes.mode === undefined ? {} : { mode: formatMode(changes.mode) }),
    ...idText(changes, changes.uid, changes.gid),
  };
  const line = `set of ${state.path}: ${describeAttributes(changes, args, stat)}`;
  return { operations: attributes(changes, 0), changes: [withDiff(state, line, lines(before), lines(after))] };
}

// Links below the directory keep their permissions, which are their targets'.
function planBelow(args: FileArgs, state: FileState, of: TreeCount): FilePlan[] {
  const changes = attributeChanges(args, state, of);
  if (Object.keys(changes).length === 0) return [];
  const noun =
    of.kind === 'directory' ? (of.count === 1 ? 'directory' : 'directories') : of.count === 1 ? 'file' : 'files';
  const parts = [
    ...(changes.mode === undefined ? [] : [`mode ${formatMode(of.mode)} -> ${formatMode(changes.mode)}`]),
    ...(changes.uid === undefined ? [] : [`owner ${of.uid} -> ${args.owner}`]),
    ...(changes.gid === undefined ? [] : [`group ${of.gid} -> ${args.group}`]),
  ];
  const line = `set of ${of.count} ${noun} below ${state.path}: ${parts.join(', ')}`;
  return [{ operations: [{ do: 'set attributes below', of, changes }], changes: [{ line }] }];
}

function planLink(args: FileArgs, state: FileState, kind: 'link' | 'hard link'): FilePlan {
  const { stat } = state;
  const word = kind === 'link' ? 'symlink' : 'hard link';
  const src = args.src ?? (kind === 'link' ? state.linkTarget : undefined);
  if (src === undefined) {
    if (stat !== undefined && kind === 'hard link') return planAttributes(args, state);
    throw refuse(state, 'src is required for creating new links');
  }
  if (args.src !== undefined && state.source === undefined && (args.force !== true || kind === 'hard link')) {
    const way = kind === 'link' ? ', use "force=yes" if you really want to create the link' : '';
    throw refuse(state, `src file does not exist${way}: ${src}`, { src });
  }
  const isThere = kind === 'link' ? state.linkTarget === src : isSameFile(stat, state.source);
  if (isThere) return planAttributes(args, state);
  const operations: FileOperation[] = [];
  const replaceable = stat === undefined || stat.kind === 'link';
  if (!replaceable) {
    if (args.force !== true)
      throw refuse(state, `refusing to convert from ${stateOf(stat)} to ${word} for ${state.path}`);
    if (stat.kind === 'directory' && state.isEmpty !== true) {
      throw refuse(state, `the directory ${state.path} is not empty, refusing to convert it`);
    }
    operations.push({ do: 'remove', recursive: false });
  }
  operations.push({ do: kind, src });
  const ownership = { ...args, mode: undefined };
  const made = { ...newStat('link', 0o777, state), uid: stat?.uid ?? -1, gid: stat?.gid ?? -1 };
  const changes = attributeChanges(ownership, state, made);
  operations.push(...attributes(changes, 0));
  const verb = stat === undefined ? 'create' : 'replace';
  const line = `${verb} ${kind} ${state.path} -> ${src}`;
  return {
    operations,
    changes: [
      withDiff(
        state,
        line,
        `state: ${stateOf(stat)}${state.linkTarget === undefined ? '' : `\nsrc: ${state.linkTarget}`}`,
        `state: ${kind === 'link' ? 'link' : 'hard'}\nsrc: ${src}`,
      ),
    ],
  };
}

const NOTHING: FilePlan = { operations: [], changes: [] };

// What a new file is made with, before its attributes are set; who owns it is not known, so that is always set.
function newStat(kind: FileKind, mode: number, state: Ownership): Pick<FileStat, 'kind' | 'mode' | 'uid' | 'gid'> {
  return { kind, mode: mode & ~state.umask, uid: -1, gid: -1 };
}

function attributes(changes: AttributeChanges, newDirectories: number): FileOperation[] {
  return Object.keys(changes).length === 0 ? [] : [{ do: 'set attributes', changes, newDirectories }];
}

function madeWith(args: FileArgs, changes: AttributeChanges, made: Pick<FileStat, 'mode'>): string {
  const parts = [
    ...(args.mode === undefined ? [] : [`mode ${formatMode(changes.mode ?? made.mode)}`]),
    ...(changes.uid === undefined ? [] : [`owner ${args.owner}`]),
    ...(changes.gid === undefined ? [] : [`group ${args.group}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function isSameFile(stat: FileStat | undefined, source: FileState['source']): boolean {
  return stat !== undefined && source !== undefined && stat.inode === source.inode && stat.device === source.device;
}

function idText(
  changes: AttributeChanges,
  uid: number | undefined,
  gid: number | undefined,
): Readonly<Record<string, unknown>> {
  return { ...(changes.uid === undefined ? {} : { owner: uid }), ...(changes.gid === undefined ? {} : { group: gid }) };
}

function lines(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join('\n');
}

function withDiff(state: FileState, line: string, before: string, after: string): Change {
  return { line, diff: { before: `${before}\n`, after: `${after}\n`, path: state.path } };
}

function refuse(state: FileState, msg: string, extra: Readonly<Record<string, unknown>> = {}): ModuleError {
  const found = state.stat === undefined ? { state: 'absent' } : statResult(state.stat);
  return new ModuleError(msg, { path: state.path, ...found, ...extra });
}
