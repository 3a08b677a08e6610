import { defineModule } from './contract.ts';
import { hostWord } from './host-word.ts';
import { type FileStat, formatMode, parseStat, STAT_FUNCTION } from './remote-stat.ts';
import { runScript } from './run-script.ts';

interface StatArgs {
  readonly path: string;
  readonly follow?: boolean;
  readonly get_checksum?: boolean;
  readonly checksum_algorithm?: string;
}

/** What the host said of the path. */
interface StatState {
  readonly path: string;
  readonly stat?: FileStat;
  readonly access: string;
  readonly checksum?: string;
  readonly linkTarget?: string;
  readonly linkSource?: string;
}

/**
 * Looks at a path.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/stat_module.html
 */
export const stat = defineModule<StatArgs, StatState>({
  spec: {
    name: 'stat',
    namespace: 'ansible.builtin',
    summary: 'Look at a path on the host',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['path'],
      properties: {
        path: { type: 'string', aliases: ['dest', 'name'], description: 'The path.' },
        follow: { type: 'boolean', default: false, description: 'Whether a link is followed.' },
        get_checksum: { type: 'boolean', default: true, description: 'Whether the checksum of a file is computed.' },
        checksum_algorithm: {
          type: 'string',
          enum: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
          default: 'sha1',
          aliases: ['checksum', 'checksum_algo'],
          description: 'How the checksum is computed.',
        },
        get_mime: {
          type: 'boolean',
          default: false,
          aliases: ['mime', 'mime_type', 'mime-type'],
          description: 'Understood, without effect: types of content are not looked at.',
        },
        get_attributes: {
          type: 'boolean',
          default: false,
          aliases: ['attr', 'attributes'],
          description: 'Understood, without effect: attributes of the file system are not looked at.',
        },
      },
    },
    returns: {
      stat: 'What is there: `exists` and, when it does, `isdir`, `isreg`, `islnk`, `mode`, `size`, `mtime`, `uid`, `pw_name`, `checksum` …',
    },
    examples: ['- stat:\n    path: /var/run/reboot-required\n  register: reboot'],
  },

  async probe(args, context) {
    const algorithm = args.get_checksum === false ? undefined : (args.checksum_algorithm ?? 'sha1');
    const { stdout } = await runScript(
      context,
      `look at ${args.path}`,
      script(args.path, args.follow === true, algorithm),
    );
    const [fixed = '', linkTarget = '', linkSource = '', path = args.path] = stdout.split(MARK);
    const [line = '', access = '', checksum = ''] = fixed.split('\n');
    const found = parseStat(line, args.path);
    return {
      path,
      access,
      ...(found === undefined ? {} : { stat: found }),
      ...(checksum === '' ? {} : { checksum }),
      ...(found?.kind === 'link' ? { linkTarget, linkSource } : {}),
    };
  },

  plan: (_args, state) => ({ changes: [], result: { stat: describe(state) } }),

  apply: async (_args, state) => ({ changed: false, result: { stat: describe(state) } }),
});

// Stands between the paths, which may hold line ends.
const MARK = '\n#fleetmend path\n';
const MARK_TEXT = MARK.replaceAll('\n', '\\n');

function script(path: string, follow: boolean, algorithm: string | undefined): string {
  const checksum =
    algorithm === undefined
      ? 'echo'
      : `if [ -f "$p" ] && ${follow ? '' : '[ ! -L "$p" ] && '}[ -r "$p" ]; then sum=$(${algorithm}sum <"$p") && echo "\${sum%% *}"; else echo; fi`;
  return `${STAT_FUNCTION}p=${hostWord(path)}
fm_stat ${follow ? '-L ' : ''}-- "$p"
access=
[ -r "$p" ] && access=r
[ -w "$p" ] && access=\${access}w
[ -x "$p" ] && access=\${access}x
echo "$access"
${checksum}
printf '${MARK_TEXT}'
[ -L "$p" ] && printf '%s' "$(readlink -- "$p")"
printf '${MARK_TEXT}'
[ -L "$p" ] && printf '%s' "$(readlink -f -- "$p")"
printf '${MARK_TEXT}%s' "$p"
`;
}

function describe(state: StatState): Readonly<Record<string, unknown>> {
  const { stat: found } = state;
  if (found === undefined) return { exists: false };
  const has = (bits: number) => (found.mode & bits) !== 0;
  return {
    exists: true,
    path: state.path,
    mode: formatMode(found.mode),
    isdir: found.kind === 'directory',
    isreg: found.kind === 'file',
    islnk: found.kind === 'link',
    ischr: found.kind === 'character',
    isblk: found.kind === 'block',
    isfifo: found.kind === 'fifo',
    issock: found.kind === 'socket',
    uid: found.uid,
    gid: found.gid,
    ...(found.user === undefined ? {} : { pw_name: found.user }),
    ...(found.group === undefined ? {} : { gr_name: found.group }),
    size: found.sizeBytes,
    inode: found.inode,
    dev: found.device,
    device_type: found.deviceType,
    nlink: found.nlink,
    blocks: found.blocks,
    block_size: found.blockSizeBytes,
    atime: found.accessedAt,
    mtime: found.modifiedAt,
    ctime: found.changedAt,
    rusr: has(0o400),
    wusr: has(0o200),
    xusr: has(0o100),
    rgrp: has(0o040),
    wgrp: has(0o020),
    xgrp: has(0o010),
    roth: has(0o004),
    woth: has(0o002),
    xoth: has(0o001),
    isuid: has(0o4000),
    isgid: has(0o2000),
    readable: state.access.includes('r'),
    writeable: state.access.includes('w'),
    executable: state.access.includes('x'),
    ...(state.linkTarget === undefined ? {} : { lnk_target: state.linkTarget, lnk_source: state.linkSource }),
    ...(state.checksum === undefined ? {} : { checksum: state.checksum }),
  };
}
