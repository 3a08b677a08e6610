import { expect, test } from 'vitest';
import { DiagnosticsError } from '../../src/errors.ts';
import { lookAhead } from '../../src/playbook/index.ts';
import type { Block, Task } from '../../src/playbook/types.ts';
import { catalog } from './fake-catalog.ts';
import { playbookAmong } from './memory-files.ts';

const play = (texts: Readonly<Record<string, string>>, extraVars = {}) => {
  const [first] = playbookAmong(texts, catalog, extraVars).plays;
  if (first === undefined) throw new Error('no play');
  return first;
};

function findings(texts: Readonly<Record<string, string>>): string[] {
  try {
    play(texts);
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    return error.diagnostics.map(
      ({ source, message }) => `${source?.file}:${source?.line}:${source?.column} ${message}`,
    );
  }
  return [];
}

test('an import is a block of the tasks in the file, with its keywords', () => {
  const { tasks } = play({
    'site.yml':
      '- hosts: all\n  tasks:\n    - import_tasks: sub/a.yml\n      tags: t\n      when: x\n      vars: {v: 1}\n',
    'sub/a.yml': '- ping:\n',
  });
  const [block] = tasks as readonly Block[];
  expect(block).toMatchObject({ kind: 'block', tags: ['t'], when: [{ text: 'x' }], vars: { values: { v: 1 } } });
  expect(block?.block).toMatchObject([{ module: 'ping', source: { file: 'sub/a.yml', line: 1, column: 3 } }]);
});

test('a name counts from the file that imports, then from the playbook', () => {
  const { tasks } = play({
    'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: sub/a.yml\n',
    'sub/a.yml': '- import_tasks: b.yml\n- import_tasks: c.yml\n',
    'sub/b.yml': '- ping: {data: beside}\n',
    'b.yml': '- ping: {data: wrong}\n',
    'c.yml': '- ping: {data: playbook}\n',
  });
  const inner = (tasks[0] as Block).block as readonly Block[];
  expect(inner.map((each) => (each.block[0] as Task).args.data)).toEqual(['beside', 'playbook']);
});

test('a name may hold variables of the play, of blocks and of the command line', () => {
  const files = {
    'site.yml':
      '- hosts: all\n  vars: {a: x, b: "{{ a }}"}\n  tasks:\n    - block:\n        - import_tasks: "{{ b }}{{ c }}{{ e }}.yml"\n      vars: {c: y}\n',
    'xyz.yml': '- ping:\n',
  };
  expect(((play(files, { e: 'z' }).tasks[0] as Block).block[0] as Block).block).toHaveLength(1);
});

test('mistakes of all files are found at once, each at its place', () => {
  expect(
    findings({
      'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: a.yml\n    - pnig:\n',
      'a.yml': '- ping: {nope: 1}\n- import_tasks: b.yml\n',
      'b.yml': 'x: 1\n',
    }),
  ).toEqual([
    "site.yml:4:7 unknown module 'pnig'",
    "a.yml:1:10 module 'ping' has no argument 'nope'",
    'b.yml:1:1 expected a list of tasks, found a map',
  ]);
});

test('files that import each other in a circle are refused', () => {
  expect(
    findings({
      'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: a.yml\n',
      'a.yml': '- import_tasks: b.yml\n',
      'b.yml': '- import_tasks: a.yml\n',
    }),
  ).toEqual(['b.yml:1:17 the files import each other in a circle: a.yml -> b.yml -> a.yml']);
});

test('roles that need each other in a circle are refused', () => {
  expect(
    findings({
      'site.yml': '- hosts: all\n  roles: [a]\n',
      'roles/a/meta/main.yml': 'dependencies: [b]\n',
      'roles/b/meta/main.yml': 'dependencies:\n  - role: a\n',
    }),
  ).toEqual(["roles/b/meta/main.yml:2:11 role 'a' needs itself: roles/a -> roles/b -> roles/a"]);
});

test('a role in Python is refused', () => {
  const texts = { 'site.yml': '- hosts: all\n  roles: [a]\n', 'roles/a/library/x.py': '' };
  expect(findings(texts)).toEqual(["site.yml:2:11 role 'a' has Python code of its own in 'library/'"]);
});

test('a dynamic include reads nothing while the playbook is loaded', () => {
  const { plays, reads } = playbookAmong(
    { 'site.yml': '- hosts: all\n  tasks:\n    - include_tasks: a.yml\n', 'a.yml': '- ping:\n' },
    catalog,
  );
  expect(reads.get('a.yml')).toBeUndefined();
  const task = plays[0]?.tasks[0] as Task | undefined;
  const include = task?.include;
  if (include === undefined) throw new Error('no include');
  const { library } = include.home;
  expect(library.findTasks('a.yml', include)).toBe('a.yml');
  expect(library.readTasks('a.yml', include)).toBe(library.readTasks('a.yml', include));
  expect(reads.get('a.yml')).toBe(1);
  expect(() => library.findTasks('b.yml', include)).toThrow("file of tasks 'b.yml' does not exist");
});

test('mistakes in files that will be included are found ahead, by names that are known', () => {
  const playbook = playbookAmong(
    {
      'site.yml':
        '- hosts: all\n  tasks:\n    - include_tasks: a.yml\n    - include_tasks: "{{ x }}.yml"\n    - include_tasks: nope.yml\n    - include_role: {name: r}\n',
      'a.yml': '- include_tasks: b.yml\n- include_tasks: a.yml\n',
      'b.yml': '- pnig:\n',
      'roles/r/tasks/main.yml': '- ping: {nope: 1}\n',
    },
    catalog,
  );
  expect(
    lookAhead(playbook).findings.map(({ source, message }) => `${source?.file}:${source?.line} ${message}`),
  ).toEqual([
    "b.yml:1 unknown module 'pnig'",
    "site.yml:5 file of tasks 'nope.yml' does not exist",
    "roles/r/tasks/main.yml:1 module 'ping' has no argument 'nope'",
  ]);
});
