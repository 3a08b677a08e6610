import { ModuleError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import { ATTRIBUTE_ARGS, attributeCommands, ownershipScript, parseOwnership } from './attributes.ts';
import { defineModule } from './contract.ts';
import {
  type FileArgs,
  type FileOperation,
  type FileState,
  planFile,
  type TreeCount,
  wantedState,
} from './file-plan.ts';
import { hostWord } from './host-word.ts';
import { type FileKind, parseStat, STAT_FUNCTION, statResult } from './remote-stat.ts';
import { runScript } from './run-script.ts';

/**
 * Makes, removes and links files and directories, and sets their attributes.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/file_module.html
 */
export const file = defineModule<FileArgs, FileState>({
  spec: {
    name: 'file',
    namespace: 'ansible.builtin',
    summary: 'Make, remove or link files and directories, set their attributes',
    checkMode: 'full',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['path'],
      properties: {
        path: { type: 'string', aliases: ['dest', 'name'], description: 'The path.' },
        state: {
          type: 'string',
          enum: ['absent', 'directory', 'file', 'hard', 'link', 'touch'],
          description:
            'What is to be there: nothing, a directory with its parents, the file that is there already, a hard or symbolic link to `src`, or a file whose times are set to now. Default: what is there, or a directory for `recurse`.',
        },
        src: { type: 'string', description: 'What a link points to.' },
        recurse: { type: 'boolean', default: false, description: 'Whether all below a directory gets the attributes.' },
        force: {
          type: 'boolean',
          default: false,
          description: 'Whether a link may replace a file or an empty directory, and may point to nothing.',
        },
        follow: { type: 'boolean', default: true, description: 'Whether a link at the path is followed.' },
        access_time: {
          type: 'string',
          enum: ['preserve', 'now'],
          description: 'Time of last access, for `touch`; default `now`.',
        },
        modification_time: {
          type: 'string',
          enum: ['preserve', 'now'],
          description: 'Time of last change, for `touch`; default `now`.',
        },
        ...ATTRIBUTE_ARGS,
      },
    },
    returns: {
      path: 'The path; `dest` for `touch`, `link` and `hard`.',
      state: 'What is there now.',
      src: 'What the link points to.',
      mode: 'Permissions, octal.',
      owner: 'Name of the owner.',
      group: 'Name of the group.',
      uid: 'Number of the owner.',
      gid: 'Number of the group.',
      size: 'Size in bytes.',
    },
    examples: [
      '- file:\n    path: /srv/app/releases\n    state: directory\n    owner: app\n    mode: "0755"',
      '- file: path=/tmp/stale.lock state=absent',
    ],
  },

  async probe(args, context) {
    if (args.state === 'absent' && /^\/+$/.test(args.path))
      throw new ModuleError('refusing to remove /', { path: args.path });
    const { stdout } = await runScript(context, `look at ${args.path}`, probeScript(args));
    return parseState(stdout, args);
  },

  plan(args, state) {
    const { changes } = planFile(args, state);
    return { changes, result: planResult(args, state, changes.length > 0) };
  },

  async apply(args, state, _plan, context) {
    const { operations } = planFile(args, state);
    const commands = operations.map((each) => commandsOf(each, state, args)).join('');
    const script = `set -e\n${STAT_FUNCTION}p=${shellQuote(state.path)}\n${commands}fm_stat -- "$p"\n`;
    const { stdout } = await runScript(context, `change ${state.path}`, script);
    const stat = parseStat(stdout, state.path);
    return { result: resultOf(args, state, stat === undefined ? { state: 'absent' } : statResult(stat)) };
  },
});

// Stands between paths, which may hold line ends, and the rest.
const MARK = '\n#fleetmend path\n';
const MARK_TEXT = MARK.replaceAll('\n', '\\n');

const NO_FOLLOW: ReadonlySet<string> = new Set(['absent', 'link', 'hard']);

function probeScript(args: FileArgs): string {
  const follow = args.follow !== false && !NO_FOLLOW.has(args.state ?? '');
  // A relative target of a link starts at the link's folder.
  const src =
    args.src === undefined
      ? ''
      : `s=${hostWord(args.src)}\n${args.state === 'link' ? 'case $s in /*) ;; *) s=$(dirname -- "$p")/$s ;; esac\n' : ''}`;
  return `${STAT_FUNCTION}p=${hostWord(args.path)}
${follow ? 'if [ -L "$p" ]; then p=$(readlink -f -- "$p") || exit; fi\n' : ''}${src}${ownershipScript(args)}fm_stat -- "$p"
${args.src === undefined ? 'echo -' : `fm_stat ${args.state === 'link' ? '-L ' : ''}-- "$s"`}
n=0; q=$p
while [ ! -e "$q" ] && [ ! -L "$q" ]; do
  n=$((n + 1))
  next=$(dirname -- "$q")
  [ "$next" = "$q" ] && break
  q=$next
done
echo $n
if [ -d "$p" ] && [ ! -L "$p" ] && [ -z "$(ls -A -- "$p" 2>/dev/null | head -n 1)" ]; then echo empty; else echo; fi
${args.recurse === true ? `[ -d "$p" ] && find "$p" ! -path "$p" -exec stat -c '%f %u %g' -- {} + | sort | uniq -c` : ''}
printf '${MARK_TEXT}'
[ -L "$p" ] && printf '%s' "$(readlink -- "$p")"
printf '${MARK_TEXT}%s' "$p"
`;
}

function parseState(stdout: string, args: FileArgs): FileState {
  const [fixed = '', linkTarget = '', path = args.path] = stdout.split(MARK);
  const [umask = '', uid = '', gid = '', statLine = '', sourceLine = '', missing = '', empty = '', ...below] =
    fixed.split('\n');
  const stat = parseStat(statLine, path);
  const source = parseStat(sourceLine, args.src ?? '');
  return {
    ...parseOwnership([umask, uid, gid]),
    path,
    ...(stat === undefined ? { missing: Number(missing) } : { stat }),
    ...(stat?.kind === 'link' ? { linkTarget } : {}),
    ...(stat?.kind === 'directory' ? { isEmpty: empty === 'empty' } : {}),
    ...(source === undefined ? {} : { source: { inode: source.inode, device: source.device } }),
    ...(args.recurse === true ? { below: below.filter((line) => line.trim() !== '').map(parseCount) } : {}),
  };
}

function parseCount(line: string): TreeCount {
  const [count = '0', bits = '0', uid = '0', gid = '0'] = line.trim().split(/\s+/);
  const stat = parseStat(`+${[bits, uid, gid].join('\t')}`, '');
  const kind: FileKind = stat?.kind ?? 'file';
  return { kind, mode: stat?.mode ?? 0, uid: Number(uid), gid: Number(gid), count: Number(count) };
}

function commandsOf(operation: FileOperation, state: FileState, args: FileArgs): string {
  switch (operation.do) {
    case 'remove':
      return operation.recursive
        ? `rm -rf -- "$p"\n`
        : `if [ -d "$p" ] && [ ! -L "$p" ]; then rmdir -- "$p"; else rm -f -- "$p"; fi\n`;
    case 'make directory':
      return `mkdir -p -- "$p"\n`;
    case 'make file':
      return `touch -- "$p"\n`;
    case 'set times': {
      const flags = `${operation.access ? 'a' : ''}${operation.modification ? 'm' : ''}`;
      return `touch -c ${flags === 'am' ? '' : `-${flags} `}-- "$p"\n`;
    }
    case 'link':
      return `ln -sfn -- ${linkSource(operation.src, args)} "$p"\n`;
    case 'hard link':
      return `ln -f -- ${linkSource(operation.src, args)} "$p"\n`;
    case 'set attributes': {
      const follow = wantedState(args, state) !== 'link';
      if (operation.newDirectories <= 1) return attributeCommands(operation.changes, '"$p"', follow);
      // Every directory that was made gets them, from the last one up.
      const body = attributeCommands(operation.changes, '"$q"', true);
      return `q=$p; n=${operation.newDirectories}\nwhile [ $n -gt 0 ]; do\n${body}q=$(dirname -- "$q"); n=$((n - 1))\ndone\n`;
    }
    case 'set attributes below':
      return commandsBelow(operation);
  }
}

const FIND_TYPE: Readonly<Record<FileKind, string>> = {
  file: 'f',
  directory: 'd',
  link: 'l',
  character: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
};

// Depth first: a directory that is closed by its new mode has been walked by then.
function commandsBelow({ of, changes }: Extract<FileOperation, { do: 'set attributes below' }>): string {
  const mode = of.kind === 'link' ? '' : ` -perm ${of.mode.toString(8).padStart(4, '0')}`;
  const select = `find "$p" -depth ! -path "$p" -type ${FIND_TYPE[of.kind]}${mode} -user ${of.uid} -group ${of.gid}`;
  const body = attributeCommands(changes, '"$f"', of.kind !== 'link').replaceAll('\n', ' || exit; ');
  return `${select} -exec sh -c ${shellQuote(`for f; do ${body}done`)} sh {} +\n`;
}

function linkSource(src: string, args: FileArgs): string {
  return args.src === undefined ? shellQuote(src) : hostWord(src);
}

function planResult(args: FileArgs, state: FileState, isChange: boolean): Readonly<Record<string, unknown>> {
  const wanted = wantedState(args, state);
  if (wanted === 'absent') return { path: state.path, state: 'absent' };
  if (isChange && state.stat === undefined) return resultOf(args, state, {});
  return resultOf(args, state, state.stat === undefined ? {} : statResult(state.stat));
}

function resultOf(
  args: FileArgs,
  state: FileState,
  found: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const wanted = wantedState(args, state);
  const isLink = wanted === 'link' || wanted === 'hard';
  return {
    [isLink || wanted === 'touch' ? 'dest' : 'path']: state.path,
    ...(isLink ? { src: args.src ?? state.linkTarget } : {}),
    ...found,
  };
}
