/** The scripts of the module `copy`. */
import { ModuleError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import { splitWords } from '../util/split-words.ts';
import { attributeCommands, ownershipScript, parseOwnership } from './attributes.ts';
import type { CopyArgs, CopyState, DirectoryStep, FileStep } from './copy-plan.ts';
import { hostWord } from './host-word.ts';
import { type FileStat, parseStat, STAT_FUNCTION } from './remote-stat.ts';

/** What is sent, as the probe needs it: names below the destination. */
export interface CopyNames {
  readonly kind: 'file' | 'directory';
  /** Name that is put below `dest` when it is a directory; undefined: `dest` itself is meant. */
  readonly base?: string;
  readonly files: readonly string[];
  readonly directories: readonly string[];
}

/** What the host said. */
export interface CopyReading
  extends Pick<CopyState, 'umask' | 'uid' | 'gid' | 'dest' | 'directories' | 'missingParent'> {
  readonly files: readonly { readonly path: string; readonly stat?: FileStat; readonly sha1?: string }[];
  /** The `src` of `remote_src`. */
  readonly source?: { readonly stat: FileStat; readonly sha1: string };
}

// Stands between the lines and the paths, which may hold line ends.
const MARK = '\n#fleetmend path\n';
const MARK_TEXT = MARK.replaceAll('\n', '\\n');

/** Looks at the destination, at all that is to be there, and at a source on the host. */
export function probeScript(args: CopyArgs, names: CopyNames): string {
  const flag = args.follow === true ? '-L ' : '';
  const look = (path: string, relative: string | undefined) =>
    `see "${path}"${relative === undefined ? '' : `/${shellQuote(relative)}`}`;
  const base = names.base === undefined ? '' : shellQuote(names.base);
  const target =
    names.kind === 'file'
      ? `case $d in */) slash=yes ;; *) [ -d "$d" ] && slash=yes ;; esac
t=$d
[ $slash = yes ] && t=\${d%/}/${base || "''"}
${args.follow === true ? '[ -L "$t" ] && t=$(readlink -f -- "$t")\n' : ''}`
      : `t=\${d%/}${base === '' ? '' : `/${base}`}\n`;
  const files = names.kind === 'file' ? [look('$t', undefined)] : names.files.map((name) => look('$t', name));
  return `${STAT_FUNCTION}sum() {
  if [ -f "$1" ] && { [ -n "$2" ] || [ ! -L "$1" ]; }; then digest=$(sha1sum <"$1") || exit; echo "\${digest%% *}"; else echo; fi
}
see() { fm_stat ${flag}-- "$1"; sum "$1" ${shellQuote(flag)}; }
d=${hostWord(args.dest)}
slash=no
${target}${ownershipScript(args)}echo $slash
if [ -d "$d" ]; then echo directory; else echo; fi
if [ -d "$(dirname -- "$t")" ]; then echo parent; else echo; fi
${args.remote_src === true ? `s=${hostWord(args.src ?? '')}\nfm_stat -L -- "$s"; sum "$s" follow\n` : ''}fm_stat -L -- "$t"
${names.directories.map((name) => `fm_stat -L -- "$t"/${shellQuote(name)}\n`).join('')}${files.map((line) => `${line}\n`).join('')}printf '${MARK_TEXT}%s' "$d"
printf '${MARK_TEXT}%s' "$t"
`;
}

/**
 * Reads what {@link probeScript} printed.
 *
 * @throws {@link ModuleError} when a path cannot be looked at, or `src` of `remote_src` is no file
 */
export function parseReading(stdout: string, args: CopyArgs, names: CopyNames): CopyReading {
  const [fixed = '', dest = args.dest, target = args.dest] = stdout.split(MARK);
  const [umask = '', uid = '', gid = '', slash, isDirectory, parent, ...lines] = fixed.split('\n');
  if (names.kind === 'file' && names.base === undefined && (isDirectory === 'directory' || slash === 'yes')) {
    throw new ModuleError('can not use content with a dir as dest', { dest });
  }
  const take = (): string => lines.shift() ?? '';
  const source = args.remote_src === true ? parseSource(take(), take(), args.src ?? '') : undefined;
  const top = parseStat(take(), target);
  const below = names.directories.map((name) => ({ path: `${target}/${name}`, ...withStat(parseStat(take(), name)) }));
  const files = (names.kind === 'file' ? [target] : names.files.map((name) => `${target}/${name}`)).map((path) => {
    const stat = parseStat(take(), path);
    const sha1 = take();
    return { path, ...withStat(stat), ...(sha1 === '' ? {} : { sha1 }) };
  });
  const makesFolder = names.kind === 'file' && slash === 'yes' && isDirectory !== 'directory';
  const folder = target.slice(0, Math.max(1, target.lastIndexOf('/')));
  return {
    ...parseOwnership([umask, uid, gid]),
    dest: names.kind === 'file' ? target : dest,
    files,
    directories:
      names.kind === 'directory'
        ? [{ path: target, ...withStat(top) }, ...below]
        : makesFolder
          ? [{ path: folder }]
          : [],
    ...(names.kind === 'file' && !makesFolder && parent !== 'parent' ? { missingParent: folder } : {}),
    ...(source === undefined ? {} : { source }),
  };
}

/**
 * Makes directories and sets attributes of files that are not written; prints the stat line of the last of these files.
 * Empty text when there is nothing of this to do.
 */
export function attributeScript(directories: readonly DirectoryStep[], files: readonly FileStep[]): string {
  const parts = [
    ...directories.map(
      (step) => `p=${shellQuote(step.path)}\nmkdir -p -- "$p"\n${attributeCommands(step.changes, '"$p"', true)}`,
    ),
    ...files
      .filter((step) => !step.writes)
      .map((step) => `p=${shellQuote(step.item.path)}\n${attributeCommands(step.changes, '"$p"', true)}`),
  ];
  const last = files.findLast((step) => !step.writes);
  const look = last === undefined ? '' : `${STAT_FUNCTION}fm_stat -- ${shellQuote(last.item.path)}\n`;
  return parts.length === 0 ? '' : `set -e\n${parts.join('')}${look}`;
}

/** What {@link writeScript} exits with when `validate` refuses the file. */
export const REFUSED_STATUS = 98;

/**
 * Writes one file beside its place, checks that it came whole, validates it, and renames it into its place. The content is
 * the script's stdin, or the file `from` on the host. Prints the new stat line and, behind a mark, the backup's path.
 */
export function writeScript(step: FileStep, args: CopyArgs, from: string | undefined): string {
  const { item, mode, changes } = step;
  const kept = item.stat !== undefined && item.stat.kind !== 'link' ? item.stat : undefined;
  // A file that is replaced keeps its owners where that is allowed; those that are asked for must succeed.
  const keep = kept === undefined ? '' : `chown ${kept.uid}:${kept.gid} -- "$new" 2>/dev/null || :\n`;
  const { uid, gid } = changes;
  const backup = `b=$t.$$.$(date +%Y-%m-%d@%H:%M:%S)~\ncp -p -- "$t" "$b"\n`;
  return `set -e
${STAT_FUNCTION}t=${shellQuote(item.path)}
new=$(umask 077; mktemp -- "$(dirname -- "$t")/.fleetmend.XXXXXX")
trap 'rm -f -- "$new"' EXIT
trap 'exit 1' HUP INT PIPE TERM
cat ${from === undefined ? '' : `<${from} `}>"$new"
sum=$(sha1sum <"$new")
if [ "\${sum%% *}" != ${item.source.sha1} ]; then echo 'the file did not come whole' >&2; exit 1; fi
sync -d -- "$new" 2>/dev/null || :
${args.validate === undefined ? '' : `${validateCommand(args.validate)} || { echo "$?" >&2; exit ${REFUSED_STATUS}; }\n`}b=
${args.backup === true && kept !== undefined ? backup : ''}${keep}${attributeCommands({ uid, gid, mode }, '"$new"', true)}mv -f -- "$new" "$t"
fm_stat -- "$t"
printf '${MARK_TEXT}%s' "$b"
`;
}

/** Reads what {@link writeScript} printed. */
export function parseWritten(stdout: string, path: string): { readonly stat?: FileStat; readonly backupFile?: string } {
  const [line = '', backupFile = ''] = stdout.split(MARK);
  return { ...withStat(parseStat(line, path)), ...(backupFile === '' ? {} : { backupFile }) };
}

// `%s` stands for the new file; as in `command` there is no shell.
function validateCommand(validate: string): string {
  const words = splitWords(validate);
  if (typeof words === 'string' || !validate.includes('%s')) {
    throw new ModuleError(`validate must contain %s: ${validate}`, {}, { code: 'INVALID_ARGUMENT' });
  }
  return words
    .map(({ text }) =>
      text
        .split('%s')
        .map((part) => (part === '' ? '' : hostWord(part)))
        .join('"$new"'),
    )
    .join(' ');
}

function parseSource(line: string, sha1: string, src: string): NonNullable<CopyReading['source']> {
  const stat = parseStat(line, src);
  if (stat === undefined) throw new ModuleError(`Source ${src} not found`, { src });
  if (stat.kind !== 'file') {
    throw new ModuleError(
      `expected src to be a file on the host, found a ${stat.kind}: ${src}`,
      { src },
      { hint: 'directories are copied from the controller only' },
    );
  }
  return { stat, sha1 };
}

function withStat(stat: FileStat | undefined): { readonly stat?: FileStat } {
  return stat === undefined ? {} : { stat };
}
