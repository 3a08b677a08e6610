/** What a path on a host is: the shell function that asks and the parser of its answer. */
import { ModuleError } from '../errors.ts';

export type FileKind = 'file' | 'directory' | 'link' | 'character' | 'block' | 'fifo' | 'socket';

export interface FileStat {
  readonly kind: FileKind;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Name of the owner; undefined when the host knows none. */
  readonly user?: string;
  readonly group?: string;
  readonly sizeBytes: number;
  readonly nlink: number;
  readonly inode: number;
  readonly device: number;
  readonly deviceType: number;
  readonly blocks: number;
  readonly blockSizeBytes: number;
  /** Seconds since the epoch, with a fraction where the host gives one. */
  readonly accessedAt: number;
  readonly modifiedAt: number;
  readonly changedAt: number;
}

/**
 * `fm_stat -- PATH` and `fm_stat -L -- PATH` print one line: `+` and the fields, `-` when there is nothing, `!` and why it cannot
 * be looked at. Fields are apart by tabs, since names of users may hold blanks. Needs `LC_ALL=C`.
 */
export const STAT_FUNCTION = `fm_format='${'%f %u %g %s %h %i %d %t %T %b %o %X %Y %Z %x %y %z %U %G'.replace(/%(\w) ?/g, '%$1\t')}'
fm_stat() {
  if fm_out=$(stat -c "$fm_format" "$@" 2>&1); then printf '+%s\\n' "$fm_out"; return; fi
  case $fm_out in
    *'No such file or directory'*|*'Not a directory'*) echo - ;;
    *) printf '!%s\\n' "$fm_out" | tr '\\n' ' '; echo ;;
  esac
}
`;

/**
 * The answer of `fm_stat`; undefined when there is nothing at the path.
 *
 * @throws {@link ModuleError} when the host could not look
 */
export function parseStat(line: string, path: string): FileStat | undefined {
  if (line.startsWith('-')) return undefined;
  if (!line.startsWith('+')) {
    throw new ModuleError(
      `could not look at ${path}: ${line
        .slice(1)
        .trim()
        .replace(/^stat: /, '')}`,
      { path },
    );
  }
  const fields = line.slice(1).split('\t');
  const [rawMode = '', uid, gid, size, nlink, inode, device, major, minor, blocks, blockSize, ...rest] = fields;
  const [atime, mtime, ctime, atimeText, mtimeText, ctimeText, user, group] = rest;
  const bits = Number.parseInt(rawMode, 16);
  return {
    kind: KINDS[bits >> 12] ?? 'file',
    mode: bits & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    ...(user === undefined || user === 'UNKNOWN' ? {} : { user }),
    ...(group === undefined || group === 'UNKNOWN' ? {} : { group }),
    sizeBytes: Number(size),
    nlink: Number(nlink),
    inode: Number(inode),
    device: Number(device),
    deviceType: Number.parseInt(major ?? '0', 16) * 256 + Number.parseInt(minor ?? '0', 16),
    blocks: Number(blocks),
    blockSizeBytes: Number(blockSize),
    accessedAt: withFraction(atime, atimeText),
    modifiedAt: withFraction(mtime, mtimeText),
    changedAt: withFraction(ctime, ctimeText),
  };
}

/** Keys that every module which makes a path returns: owner, group, mode, size, uid, gid, state. */
export function statResult(stat: FileStat): Readonly<Record<string, unknown>> {
  return {
    state: stateOf(stat),
    mode: formatMode(stat.mode),
    owner: stat.user ?? String(stat.uid),
    group: stat.group ?? String(stat.gid),
    uid: stat.uid,
    gid: stat.gid,
    size: stat.sizeBytes,
  };
}

/** Ansible's word for what is there; a file with several names is `hard`. */
export function stateOf(stat: FileStat | undefined): string {
  if (stat === undefined) return 'absent';
  if (stat.kind === 'link' || stat.kind === 'directory') return stat.kind;
  return stat.kind === 'file' && stat.nlink > 1 ? 'hard' : 'file';
}

/** `0644`, `4755`: at least four digits. */
export function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

// By the upper bits of st_mode.
const KINDS: Readonly<Record<number, FileKind>> = {
  1: 'fifo',
  2: 'character',
  4: 'directory',
  6: 'block',
  8: 'file',
  10: 'link',
  12: 'socket',
};

function withFraction(seconds: string | undefined, text: string | undefined): number {
  const fraction = /:\d\d(\.\d+)/.exec(text ?? '')?.[1] ?? '';
  return Number(`${seconds}${fraction}`);
}
