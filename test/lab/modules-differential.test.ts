import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TemplateError } from '../../src/errors.ts';
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
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/rendered' }],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/rendered' }],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/rendered', mode: '0600' }],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/a/' }],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/a' }],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/kept', mode: 'preserve' }],
  ['template', { src: 'DIR/t/other.j2', dest: 'DIR/rendered' }],
  ['template', { src: 'DIR/t/other.j2', dest: 'DIR/trimmed', trim_blocks: false, lstrip_blocks: true }],
  ['template', { src: 'DIR/t/header.j2', dest: 'DIR/header' }],
  [
    'template',
    { src: 'DIR/t/brackets.j2', dest: 'DIR/brackets', variable_start_string: '[[', variable_end_string: ']]' },
  ],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/crlf', newline_sequence: '\r\n' }],
  ['template', { src: 'DIR/t/includes.j2', dest: 'DIR/included' }],
  ['template', { src: 'DIR/t/child.j2', dest: 'DIR/child' }],
  ['template', { src: 'DIR/t/undefined.j2', dest: 'DIR/none' }],
  ['template', { src: 'DIR/t/broken.j2', dest: 'DIR/none' }],
  ['template', { src: 'DIR/t/absent.j2', dest: 'DIR/none' }],
  ['template', { src: 'DIR/t', dest: 'DIR/none' }],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/none/x' }],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/header', force: false }],
  ['template', { src: 'DIR/t/plain.j2', dest: 'DIR/header', validate: 'grep -q nothing-like-it %s' }],
  ['template', { src: 'DIR/t/types.j2', dest: 'DIR/types' }],
];

const VARS = { who: 'world', list: [1, 'a', true, null, 1.5], nested: { b: { c: [1] } }, nothing: null };

const TEMPLATES: Readonly<Record<string, string>> = {
  'plain.j2': 'hello {{ who }}\n\n',
  'other.j2': 'x\n  {% for i in list %}\n  - {{ i }}\n  {% endfor %}\nend',
  'header.j2': '#jinja2: trim_blocks: False, lstrip_blocks: True\n  {% if true %}\nyes {{ who }}\n  {% endif %}\n',
  'brackets.j2': '[[ who ]] {{ who }}\n',
  'includes.j2': '{% include "plain.j2" %}|{% import "macros.j2" as m %}{{ m.hi(who) }}\n',
  'macros.j2': '{% macro hi(name) %}hi {{ name }} ({{ who | default("unseen") }}){% endmacro %}',
  'base.j2': 'base {% block x %}x{% endblock %} {{ who }}\n',
  'child.j2': '{% extends "base.j2" %}{% block x %}child of {{ super() }}{% endblock %}',
  'undefined.j2': '{{ nope }}',
  'broken.j2': '{% if %}',
  'types.j2':
    "{{ list }} {{ nested }} {{ nothing }} {{ 'a\\nb' }} {{ ansible_managed }} {{ 1 == 1 }}{{ template_path is defined }}\n",
};

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
}, 300_000);
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
  await mkdir(join(folder, 't'));
  for (const [name, text] of Object.entries(TEMPLATES)) await writeFile(join(folder, 't', name), text, { mode: 0o640 });
}

function inFolder<T>(value: T, folder: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll('DIR', folder));
}

async function runByAnsible(folder: string): Promise<readonly Result[]> {
  const tasks = TASKS.map(([name, args]) => ({ [name]: inFolder(args, folder), ignore_errors: true }));
  const playbook = join(home, 'play.json');
  await writeFile(
    playbook,
    JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, vars: VARS, tasks }]),
  );
  const env = {
    ...process.env,
    HOME: home,
    ANSIBLE_STDOUT_CALLBACK: 'json',
    ANSIBLE_LOCALHOST_WARNING: 'false',
    ANSIBLE_PIPELINING: '1',
  };
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
  try {
    const { status, result } = await runModule(module, checked.args, { env: { HOME: home }, vars: VARS });
    return { status, data: result };
  } catch (error) {
    // The engine makes the host's failure of it.
    if (!(error instanceof TemplateError)) throw error;
    return { status: 'failed', data: { msg: error.message } };
  }
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
