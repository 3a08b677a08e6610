import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findModule } from '../../src/modules/registry.ts';
import { validateArgs } from '../../src/playbook/module-args.ts';
import { runModule } from '../util/module-runner.ts';

/**
 * The same tasks, in order, on two folders that are alike: one by Ansible, one by us. `DIR` stands for the folder. Results
 * are compared key by key where both have the key, then what is in the folders.
 */
const TASKS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['command', { cmd: 'printf "a\\nb\\n\\n"' }],
  ['command', { cmd: 'echo "$HOME" ~ "x  y" \'$HOME\' $NOPE' }],
  ['command', { cmd: 'false' }],
  ['command', { cmd: 'cat', stdin: 'given' }],
  ['command', { argv: ['echo', 'a  b', '*'], chdir: 'DIR' }],
  ['command', { cmd: 'touch made', chdir: 'DIR', creates: 'made' }],
  ['command', { cmd: 'touch made', chdir: 'DIR', creates: 'made' }],
  ['command', { cmd: 'echo x', removes: 'DIR/none*' }],
  ['shell', { cmd: 'echo out; echo err >&2; exit 3' }],
  ['shell', { cmd: 'pwd; echo $0', chdir: 'DIR' }],
  ['stat', { path: 'DIR/f' }],
  ['stat', { path: 'DIR/l' }],
  ['stat', { path: 'DIR/l', follow: true }],
  ['stat', { path: 'DIR' }],
  ['stat', { path: 'DIR/none' }],
  ['stat', { path: 'DIR/f', checksum_algorithm: 'sha256' }],
  ['file', { path: 'DIR/a/b', state: 'directory', mode: '0750' }],
  ['file', { path: 'DIR/a/b', state: 'directory', mode: '0750' }],
  ['file', { path: 'DIR/a/b', mode: 'u=rwx,g=rx,o=x' }],
  ['file', { path: 'DIR/f', mode: 'a+x' }],
  ['file', { path: 'DIR/f', mode: '+w' }],
  ['file', { path: 'DIR/f', mode: 'g=u' }],
  ['file', { path: 'DIR/f', state: 'directory' }],
  ['file', { path: 'DIR/none' }],
  ['file', { path: 'DIR/t', state: 'touch', mode: '0600' }],
  ['file', { path: 'DIR/t', state: 'touch', access_time: 'preserve', modification_time: 'preserve' }],
  ['file', { path: 'DIR/link', src: 'f', state: 'link' }],
  ['file', { path: 'DIR/link', src: 'f', state: 'link' }],
  ['file', { path: 'DIR/link', src: 'none', state: 'link' }],
  ['file', { path: 'DIR/link', src: 'none', state: 'link', force: true }],
  ['file', { path: 'DIR/t', src: 'f', state: 'link' }],
  ['file', { path: 'DIR/hard', src: 'DIR/f', state: 'hard' }],
  ['file', { path: 'DIR/hard', src: 'DIR/f', state: 'hard' }],
  ['file', { path: 'DIR/l', state: 'file', mode: '0640' }],
  ['file', { path: 'DIR/tree', state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=' }],
  ['file', { path: 'DIR/tree', state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=' }],
  ['file', { path: 'DIR/tree', state: 'absent' }],
  ['file', { path: 'DIR/tree', state: 'absent' }],
  ['copy', { content: 'hi', dest: 'DIR/c' }],
  ['copy', { content: 'hi', dest: 'DIR/c' }],
  ['copy', { content: 'ho', dest: 'DIR/c', mode: '0600' }],
  ['copy', { content: 'ho', dest: 'DIR/c', mode: '0640' }],
  ['copy', { content: { b: [1, 'x', null, true], a: 1.5 }, dest: 'DIR/json' }],
  ['copy', { content: 'x', dest: 'DIR/none/c' }],
  ['copy', { content: 'x', dest: 'DIR/a' }],
  ['copy', { src: 'DIR/f', dest: 'DIR/new/' }],
  ['copy', { src: 'DIR/f', dest: 'DIR/new' }],
  ['copy', { src: 'DIR/f', dest: 'DIR/p', mode: 'preserve' }],
  ['copy', { src: 'DIR/src', dest: 'DIR/dest' }],
  ['copy', { src: 'DIR/src', dest: 'DIR/dest' }],
  ['copy', { src: 'DIR/src/', dest: 'DIR/dest2', mode: '0640', directory_mode: '0751' }],
  ['copy', { src: 'DIR/f', dest: 'DIR/r', remote_src: true }],
  ['copy', { content: 'bad', dest: 'DIR/c', validate: 'grep -q good %s' }],
  ['copy', { content: 'no', dest: 'DIR/c', force: false }],
];

/** Keys that say when or where something was, or that only one of the two has words for. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  ...[
    'start',
    'end',
    'delta',
    'diff',
    'invocation',
    'atime',
    'mtime',
    'ctime',
    'inode',
    'src',
    'exception',
    'mimetype',
  ],
  ...[
    'charset',
    'attributes',
    'attr_flags',
    'version',
    'module_stdout',
    'module_stderr',
    'blocks',
    'msg',
    'lnk_source',
  ],
]);

interface Result {
  readonly status: string;
  readonly data: Record<string, unknown>;
}

let home: string;
let folders: { readonly theirs: string; readonly ours: string };
let theirs: readonly Result[];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'fleetmend-differential-'));
  folders = { theirs: join(home, 'a'), ours: join(home, 'b') };
  for (const folder of Object.values(folders)) await fill(folder);
  theirs = await runByAnsible(folders.theirs);
});
afterAll(() => rm(home, { recursive: true }));

describe('modules beside those of Ansible', () => {
  test('come to the same results and leave the same files', async () => {
    const differences: unknown[] = [];
    for (const [index, [name, args]] of TASKS.entries()) {
      const own = await runByUs(name, args);
      const other = theirs[index];
      const task = `${name} ${JSON.stringify(args)}`;
      if (own.status !== other?.status)
        differences.push({
          task,
          status: own.status,
          theirs: other?.status,
          msg: own.data.msg,
          theirMsg: other?.data.msg,
        });
      for (const key of Object.keys(own.data)) {
        if (NOT_COMPARED.has(key) || !Object.hasOwn(other?.data ?? {}, key)) continue;
        const [a, b] = [comparable(own.data[key], folders.ours), comparable(other?.data[key], folders.theirs)];
        if (a !== b) differences.push({ task, key, ours: a, theirs: b });
      }
    }
    expect(differences).toEqual([]);
    expect(await listing(folders.ours)).toEqual(await listing(folders.theirs));
  }, 300_000);
});

async function fill(folder: string): Promise<void> {
  await mkdir(join(folder, 'src/sub/empty'), { recursive: true });
  await mkdir(join(folder, 'tree/sub'), { recursive: true });
  await writeFile(join(folder, 'f'), 'content\n', { mode: 0o640 });
  await symlink('f', join(folder, 'l'));
  await writeFile(join(folder, 'src/one'), '1', { mode: 0o600 });
  await writeFile(join(folder, 'src/sub/two'), '2');
  await symlink('one', join(folder, 'src/link'));
  await writeFile(join(folder, 'tree/x'), 'x', { mode: 0o755 });
  await writeFile(join(folder, 'tree/sub/y'), 'y', { mode: 0o600 });
}

function inFolder<T>(value: T, folder: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll('DIR', folder));
}

async function runByAnsible(folder: string): Promise<readonly Result[]> {
  const tasks = TASKS.map(([name, args]) => ({ [name]: inFolder(args, folder), ignore_errors: true }));
  const playbook = join(home, 'play.json');
  await writeFile(playbook, JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks }]));
  const env = { ...process.env, HOME: home, ANSIBLE_STDOUT_CALLBACK: 'json', ANSIBLE_LOCALHOST_WARNING: 'false' };
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile('ansible-playbook', [playbook], { env, maxBuffer: 64 * 1024 * 1024 }, (error, out) =>
      out === '' ? reject(error) : resolve(out),
    );
  });
  const run = JSON.parse(stdout.slice(stdout.indexOf('{')));
  return run.plays[0].tasks.map(({ hosts }: { hosts: { localhost: Record<string, unknown> } }) => {
    const data = hosts.localhost;
    const status =
      data.failed === true ? 'failed' : data.skipped === true ? 'skipped' : data.changed === true ? 'changed' : 'ok';
    return { status, data };
  });
}

async function runByUs(name: string, args: Readonly<Record<string, unknown>>): Promise<Result> {
  const module = findModule(name);
  if (module === undefined) throw new Error(`no module ${name}`);
  const checked = validateArgs(module.spec, inFolder(args, folders.ours));
  expect(checked.problems).toEqual([]);
  const { status, result } = await runModule(module, checked.args, { env: { HOME: home } });
  return { status, data: result };
}

function comparable(value: unknown, folder: string): string {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const kept = Object.entries(value).filter(([key]) => !NOT_COMPARED.has(key));
    return JSON.stringify(Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)))).replaceAll(folder, 'DIR');
  }
  return JSON.stringify(value).replaceAll(folder, 'DIR');
}

async function listing(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const info = await lstat(path);
      const mode = (info.mode & 0o7777).toString(8);
      if (info.isSymbolicLink()) return `${name} -> ${await readlink(path)}`;
      return info.isDirectory() ? `${name}/ ${mode}` : `${name} ${mode} ${await readFile(path, 'utf8')}`;
    }),
  );
}
