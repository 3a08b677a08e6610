import { basename } from 'node:path';
import { ModuleError } from '../errors.ts';
import { toJsonText } from '../template/python-json.ts';
import { ATTRIBUTE_ARGS } from './attributes.ts';
import { splitLines } from './command-result.ts';
import { defineModule, type ModuleContext, type Outcome } from './contract.ts';
import { bytesOf, type CopyContent, withTexts } from './copy-content.ts';
import { type CopyArgs, type CopyItem, type CopyState, type FileStep, planCopy } from './copy-plan.ts';
import {
  attributeScript,
  type CopyNames,
  parseReading,
  parseWritten,
  probeScript,
  REFUSED_STATUS,
  writeScript,
} from './copy-scripts.ts';
import { hostWord } from './host-word.ts';
import { findLocal, isVaultFile, type LocalTree, readOpened, readTree } from './local-files.ts';
import { parseStat, statResult } from './remote-stat.ts';
import { runScript } from './run-script.ts';
import { md5, sha1 } from './shared-file.ts';

/** The state that the plan sees, and where the contents are; `contents` is by index of `items`. */
interface ProbedCopy extends CopyState {
  readonly contents: readonly CopyContent[];
}

/**
 * Puts files on the host: from the controller, from `content`, or from elsewhere on the host.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/copy_module.html
 */
export const copy = defineModule<CopyArgs, ProbedCopy>({
  spec: {
    name: 'copy',
    namespace: 'ansible.builtin',
    summary: 'Put files and directories on the host',
    checkMode: 'full',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['dest'],
      properties: {
        src: {
          type: 'string',
          description:
            'File or directory of the controller; with a slash at its end, what is in the directory is meant, not it.',
        },
        content: { description: 'Text of the file instead of `src`; data is written as JSON.' },
        dest: { type: 'string', description: 'Path on the host; a directory when it is one, or ends with a slash.' },
        backup: {
          type: 'boolean',
          default: false,
          description: 'Whether a copy of what is replaced is kept beside it.',
        },
        force: {
          type: 'boolean',
          default: true,
          aliases: ['thirsty'],
          description: 'Whether a file that is there is replaced.',
        },
        follow: {
          type: 'boolean',
          default: false,
          description: 'Whether a link on the host is followed, not replaced.',
        },
        remote_src: { type: 'boolean', default: false, description: 'Whether `src` is a file on the host.' },
        validate: {
          type: 'string',
          description: 'Command that must accept the new file, `%s`, before it is put in its place; no shell.',
        },
        directory_mode: { type: ['string', 'integer'], description: 'Permissions of directories that are made.' },
        decrypt: {
          type: 'boolean',
          default: true,
          description:
            'Whether a file of the controller that ansible-vault encrypted is sent decrypted; it has no diff then.',
        },
        checksum: { type: 'string', description: 'SHA-1 that the source must have.' },
        ...ATTRIBUTE_ARGS,
      },
    },
    returns: {
      dest: 'Path on the host.',
      src: 'Where it came from.',
      checksum: 'SHA-1 of the file.',
      md5sum: 'MD5 of a file that was written.',
      backup_file: 'Where the copy of what was there is.',
      state: 'What is there now.',
      mode: 'Permissions, octal.',
      owner: 'Name of the owner.',
      group: 'Name of the group.',
      uid: 'Number of the owner.',
      gid: 'Number of the group.',
      size: 'Size in bytes.',
    },
    examples: [
      '- copy:\n    src: app.conf\n    dest: /etc/app/app.conf\n    mode: "0640"\n    validate: app --check %s',
      '- copy:\n    content: "{{ motd }}\\n"\n    dest: /etc/motd',
    ],
  },

  async probe(args, context) {
    if ((args.src === undefined) === (args.content === undefined)) {
      const found = args.src === undefined ? 'neither' : 'both';
      throw new ModuleError(`expected 'src' or 'content', found ${found}`, {}, { code: 'INVALID_ARGUMENT' });
    }
    if (args.content !== undefined) return probeContent(args, context);
    return args.remote_src === true ? probeRemote(args, context) : probeLocal(args, context);
  },

  plan(args, state) {
    const { changes } = planCopy(args, state);
    return { changes, result: planResult(args, state, changes.length > 0) };
  },

  async apply(args, state, _plan, context) {
    const plan = planCopy(args, state);
    const first = plan.files[0];
    const script = attributeScript(plan.directories, plan.files);
    const attributes = script === '' ? undefined : await runScript(context, `change ${state.dest}`, script);
    let last: Readonly<Record<string, unknown>> | undefined;
    for (const step of plan.files.filter((each) => each.writes)) {
      const written = await write(step, args, state, context);
      if (written.failed === true) return written;
      last = written.result;
    }
    if (isTree(args, state) || first === undefined) return { result: treeResult(args, state) };
    if (last !== undefined) return { result: last };
    const stat = parseStat(attributes?.stdout.trim() ?? '-', first.item.path);
    return { result: planResult(args, { ...state, items: [{ ...first.item, stat }] }, false) };
  },
});

async function probeContent(args: CopyArgs, context: ModuleContext): Promise<ProbedCopy> {
  const text = typeof args.content === 'string' ? args.content : toJsonText(args.content);
  return probeBytes(args, context, new TextEncoder().encode(text));
}

/**
 * Reads what the host has in the place of a content that is at hand.
 *
 * @param file - its name when `dest` is a directory, without which that may be none; whether it must not be shown
 */
export async function probeBytes(
  args: CopyArgs,
  context: ModuleContext,
  bytes: Uint8Array,
  { base, isSecret = false }: { readonly base?: string; readonly isSecret?: boolean } = {},
): Promise<ProbedCopy> {
  const source = { sha1: sha1(bytes), sizeBytes: bytes.length, mode: 0o644 };
  const names: CopyNames = { kind: 'file', files: [], directories: [], ...(base === undefined ? {} : { base }) };
  return read(args, context, names, [source], [{ bytes, isSecret }]);
}

const REMOTE_SRC_HINT = 'for a file that is on the host already, use remote_src';

async function probeLocal(args: CopyArgs, context: ModuleContext): Promise<ProbedCopy> {
  const src = args.src ?? '';
  const tree = await readTree(await findLocal(src, context.searchPaths, REMOTE_SRC_HINT));
  const sources: CopyItem['source'][] = [];
  const contents: CopyContent[] = [];
  for (const file of tree.files) {
    const { localPath } = file;
    const isSecret = args.decrypt !== false && (await isVaultFile(localPath));
    if (isSecret) {
      const { content: bytes } = await readOpened(localPath, context.openVaultFile);
      sources.push({ sha1: sha1(bytes), sizeBytes: bytes.length, mode: file.mode });
      contents.push({ bytes, isSecret });
    } else {
      sources.push(file);
      contents.push({ localPath });
    }
  }
  return read(args, context, namesOf(tree, src), sources, contents);
}

function namesOf(tree: LocalTree, src: string): CopyNames {
  const base = basename(tree.path);
  if (tree.kind === 'file') return { kind: 'file', base, files: [], directories: [] };
  const files = tree.files.map((each) => each.relative);
  return { kind: 'directory', ...(src.endsWith('/') ? {} : { base }), files, directories: tree.directories };
}

async function probeRemote(args: CopyArgs, context: ModuleContext): Promise<ProbedCopy> {
  const src = args.src ?? '';
  return read(
    args,
    context,
    { kind: 'file', base: basename(src), files: [], directories: [] },
    [],
    [{ remotePath: src }],
  );
}

async function read(
  args: CopyArgs,
  context: ModuleContext,
  names: CopyNames,
  sources: readonly CopyItem['source'][],
  contents: readonly CopyContent[],
): Promise<ProbedCopy> {
  if (args.checksum !== undefined && sources[0] !== undefined && sources[0].sha1 !== args.checksum) {
    throw new ModuleError('Copied file does not match the expected checksum. Transfer failed.', {
      checksum: sources[0].sha1,
      expected_checksum: args.checksum,
    });
  }
  const { stdout } = await runScript(context, `look at ${args.dest}`, probeScript(args, names));
  const { files, source, ...reading } = parseReading(stdout, args, names);
  const remote =
    source === undefined ? [] : [{ sha1: source.sha1, sizeBytes: source.stat.sizeBytes, mode: source.stat.mode }];
  const all = [...sources, ...remote];
  const items: CopyItem[] = [];
  for (const [index, file] of files.entries()) {
    const known = all[index];
    const content = contents[index];
    if (known === undefined || content === undefined) continue;
    const item = { ...file, source: { sha1: known.sha1, sizeBytes: known.sizeBytes, mode: known.mode } };
    items.push(context.diffMode && item.sha1 !== known.sha1 ? await withTexts(item, content, context) : item);
  }
  return { ...reading, items, contents };
}

async function write(step: FileStep, args: CopyArgs, state: ProbedCopy, context: ModuleContext): Promise<Outcome> {
  const content = state.contents[step.index] ?? { bytes: new Uint8Array() };
  const isRemote = 'remotePath' in content;
  const bytes = isRemote ? undefined : await bytesOf(content);
  const script = writeScript(step, args, isRemote ? hostWord(content.remotePath) : undefined);
  const { path, source } = step.item;
  const exec = await context.run(`LC_ALL=C; export LC_ALL\n${script}`, bytes === undefined ? {} : { stdin: bytes });
  if (exec.exitCode === REFUSED_STATUS) {
    const lines = splitLines(exec.stderr);
    const stderr = lines.slice(0, -1).join('\n');
    const status = { exit_status: Number(lines.at(-1)), checksum: source.sha1 };
    const output = {
      stdout: exec.stdout,
      stdout_lines: splitLines(exec.stdout),
      stderr,
      stderr_lines: splitLines(stderr),
    };
    return { changed: false, failed: true, result: { msg: 'failed to validate', ...status, ...output } };
  }
  if (exec.exitCode !== 0) {
    const reason = exec.stderr.trim().split('\n')[0] || `exit status ${exec.exitCode}`;
    const result = { rc: exec.exitCode, stderr: exec.stderr };
    throw new ModuleError(`could not write ${path}: ${reason}`, result, { code: 'TRANSFER_FAILED' });
  }
  const { stat, backupFile } = parseWritten(exec.stdout, path);
  return {
    result: {
      dest: path,
      src: args.src,
      checksum: source.sha1,
      ...(bytes === undefined ? {} : { md5sum: md5(bytes) }),
      ...(stat === undefined ? {} : statResult(stat)),
      ...(backupFile === undefined ? {} : { backup_file: backupFile }),
    },
  };
}

function isTree(args: CopyArgs, state: CopyState): boolean {
  return args.src !== undefined && (state.items.length !== 1 || state.items[0]?.path !== state.dest);
}

function planResult(args: CopyArgs, state: CopyState, isChange: boolean): Readonly<Record<string, unknown>> {
  const item = state.items[0];
  if (item === undefined || isTree(args, state)) return treeResult(args, state);
  const base = { dest: state.dest, ...(args.src === undefined ? {} : { src: args.src }), checksum: item.source.sha1 };
  return isChange || item.stat === undefined ? base : { ...base, path: item.path, ...statResult(item.stat) };
}

// As in Ansible, the destination of a tree ends with a slash.
function treeResult(args: CopyArgs, state: CopyState): Readonly<Record<string, unknown>> {
  return { dest: state.dest.endsWith('/') ? state.dest : `${state.dest}/`, src: args.src };
}
