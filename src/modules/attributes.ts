/** `mode`, `owner` and `group` of a path: arguments, lookup on the host, comparison, and the commands that set them. */
import { ModuleError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import type { ArgSchema } from './contract.ts';
import { resolveMode } from './mode.ts';
import { type FileStat, formatMode } from './remote-stat.ts';

export interface AttributeArgs {
  readonly mode?: string | number;
  readonly owner?: string;
  readonly group?: string;
}

export const ATTRIBUTE_ARGS = {
  mode: {
    type: ['string', 'integer'],
    description: "Permissions, octal (`'0644'`, quoted) or symbolic (`u=rw,go=r`); left alone when it is not given.",
  },
  owner: { type: 'string', description: 'Name or number of the user that is to own it.' },
  group: { type: 'string', description: 'Name or number of the group that is to own it.' },
} as const satisfies Readonly<Record<string, ArgSchema>>;

/** What the host says of `owner`, `group` and its umask. */
export interface Ownership {
  readonly umask: number;
  /** The number of `owner`; null when the host knows no such user; undefined when none was asked for. */
  readonly uid?: number | null;
  readonly gid?: number | null;
}

/** Prints three lines for {@link parseOwnership}. */
export function ownershipScript(args: AttributeArgs): string {
  return `umask
${idOf(args.owner, `id -u -- ${quoteName(args.owner)}`)}
${idOf(args.group, `{ { getent group ${quoteName(args.group)} || grep -F -- ${shellQuote(`${args.group}:`)} /etc/group; } | while IFS=: read -r name _ id _; do [ "$name" = ${quoteName(args.group)} ] && echo "$id"; done | head -n 1 | grep .; }`)}
`;
}

/** Reads the three lines of {@link ownershipScript}. */
export function parseOwnership(lines: readonly string[]): Ownership {
  const [umask = '022', uid = '', gid = ''] = lines;
  return { umask: Number.parseInt(umask, 8), ...parseId('uid', uid), ...parseId('gid', gid) };
}

/** Attributes that have to change: undefined ones stay. */
export interface AttributeChanges {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * What differs between a path and what is asked for.
 *
 * @param stat - as it is, or as it will be made
 * @throws {@link ModuleError} for a mode that cannot be read, a user or group that the host does not know
 */
export function attributeChanges(
  args: AttributeArgs,
  ownership: Ownership,
  stat: Pick<FileStat, 'mode' | 'uid' | 'gid' | 'kind'>,
): AttributeChanges {
  if (ownership.uid === null) throw new ModuleError(`chown failed: failed to look up user ${args.owner}`);
  if (ownership.gid === null) throw new ModuleError(`chgrp failed: failed to look up group ${args.group}`);
  const changes: { mode?: number; uid?: number; gid?: number } = {};
  // A link has no permissions of its own.
  if (args.mode !== undefined && stat.kind !== 'link') {
    const current = { mode: stat.mode, isDirectory: stat.kind === 'directory' };
    const mode = resolveMode(args.mode, current, ownership.umask);
    if (mode !== stat.mode) changes.mode = mode;
  }
  if (ownership.uid !== undefined && ownership.uid !== stat.uid) changes.uid = ownership.uid;
  if (ownership.gid !== undefined && ownership.gid !== stat.gid) changes.gid = ownership.gid;
  return changes;
}

/** The change in words: `mode 0600 -> 0644, owner root -> app`; empty when there is none. */
export function describeAttributes(changes: AttributeChanges, args: AttributeArgs, stat: FileStat): string {
  const parts: string[] = [];
  if (changes.mode !== undefined) parts.push(`mode ${formatMode(stat.mode)} -> ${formatMode(changes.mode)}`);
  if (changes.uid !== undefined) parts.push(`owner ${stat.user ?? stat.uid} -> ${args.owner}`);
  if (changes.gid !== undefined) parts.push(`group ${stat.group ?? stat.gid} -> ${args.group}`);
  return parts.join(', ');
}

/**
 * Commands that set them. Owners come first: giving a file away clears its setuid bit.
 *
 * @param quotedPath - `sh` text of the path
 * @param follow - whether a link's target is meant; a link itself has no mode
 */
export function attributeCommands(changes: AttributeChanges, quotedPath: string, follow: boolean): string {
  const flags = follow ? '' : '-h ';
  const lines: string[] = [];
  if (changes.uid !== undefined) lines.push(`chown ${flags}${changes.uid} -- ${quotedPath}`);
  if (changes.gid !== undefined) lines.push(`chgrp ${flags}${changes.gid} -- ${quotedPath}`);
  // Five digits: with fewer, chmod keeps the setgid bit of a directory.
  if (changes.mode !== undefined) lines.push(`chmod ${changes.mode.toString(8).padStart(5, '0')} -- ${quotedPath}`);
  return lines.map((line) => `${line}\n`).join('');
}

function idOf(name: string | undefined, lookup: string): string {
  if (name === undefined) return 'echo';
  return /^\d+$/.test(name) ? `echo ${name}` : `${lookup} 2>/dev/null || echo unknown`;
}

function quoteName(name: string | undefined): string {
  return shellQuote(name ?? '');
}

function parseId(key: 'uid' | 'gid', text: string): { readonly uid?: number | null; readonly gid?: number | null } {
  const trimmed = text.trim();
  if (trimmed === '') return {};
  return { [key]: /^\d+$/.test(trimmed) ? Number(trimmed) : null };
}
