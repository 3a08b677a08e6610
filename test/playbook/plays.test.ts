import { expect, test } from 'vitest';
import { parsePlaybook } from '../../src/playbook/index.ts';
import { catalog } from './fake-catalog.ts';
import { blockOf, findingsOf, playOf, taskOf } from './helpers.ts';

test('a play keeps its keywords as written, each with its place', () => {
  const play = playOf(`---
- name: Web
  hosts: [web, "!web1"]
  serial: [1, "30%"]
  max_fail_percentage: "20%"
  strategy: ansible.builtin.free
  order: sorted
  gather_facts: no
  become: "yes"
  become_user: 0
  port: "2222"
  timeout: 1.5
  user: ops
  environment: {A: 1}
  tags: a, b
  vars_files: [one.yml, [two.yml, three.yml]]
  force_handlers: "{{ forced }}"
`);
  expect(play).toMatchObject({
    name: 'Web',
    hosts: { value: ['web', '!web1'], source: { file: 'site.yml', line: 3, column: 10 } },
    serial: { value: [1, '30%'] },
    maxFailPercentage: { value: '20%' },
    strategy: 'free',
    order: 'sorted',
    gatherFacts: { text: false },
    become: { value: true },
    becomeUser: { value: '0' },
    port: { value: 2222 },
    timeout: { value: 1.5 },
    remoteUser: { value: 'ops' },
    environment: { value: { A: 1 } },
    tags: ['a', 'b'],
    forceHandlers: { text: '(forced) | bool' },
    source: { line: 2, column: 3 },
  });
  expect(play.varsFiles.map(({ value }) => value)).toEqual(['one.yml', ['two.yml', 'three.yml']]);
});

test('keywords that are not written are undefined, so that the parent may decide', () => {
  const play = playOf('- hosts: all\n');
  expect(play.strategy).toBe('linear');
  expect(play.gatherFacts).toBeUndefined();
  expect(play.become).toBeUndefined();
  expect([play.preTasks, play.tasks, play.postTasks, play.handlers, play.tags, play.varsFiles]).toEqual([
    [],
    [],
    [],
    [],
    [],
    [],
  ]);
});

test('an empty list of tasks may be written as nothing', () => {
  expect(playOf('- hosts: all\n  tasks:\n  handlers:\n').tasks).toEqual([]);
});

test('sections keep their tasks apart and in order', () => {
  const play = playOf(`
- hosts: all
  pre_tasks: [{ping: , name: a}]
  tasks: [{ping: , name: b}, {ping: , name: c}]
  post_tasks: [{ping: , name: d}]
  handlers: [{ping: , name: e, listen: [x, y]}]
`);
  const names = [play.preTasks, play.tasks, play.postTasks, play.handlers].map((list) => list.map((item) => item.name));
  expect(names).toEqual([['a'], ['b', 'c'], ['d'], ['e']]);
  expect(play.handlers[0]).toMatchObject({ kind: 'task', listen: ['x', 'y'] });
});

test('vars carry the place of each value', () => {
  const { vars } = playOf('- hosts: all\n  vars:\n    a: 1\n    b: "{{ a }}"\n    c:\n      - x\n');
  expect(vars?.values).toEqual({ a: 1, b: '{{ a }}', c: ['x'] });
  expect(Object.values(vars?.positions ?? {}).map(({ line, column }) => [line, column])).toEqual([
    [3, 8],
    [4, 9],
    [6, 7],
  ]);
});

test('a task reads all its keywords', () => {
  const task = taskOf(
    '- name: Try',
    '  ansible.builtin.command: ls',
    '  register: out',
    '  until: [out.rc == 0, true]',
    '  retries: "5"',
    '  delay: 1',
    '  changed_when: false',
    '  failed_when: out.rc > 1',
    '  delegate_to: localhost',
    '  delegate_facts: true',
    '  run_once: "no"',
    '  no_log: yes',
    '  ignore_errors: "{{ lenient }}"',
    '  notify: "{{ who }}"',
  );
  expect(task).toMatchObject({
    name: 'Try',
    module: 'command',
    moduleAsWritten: 'ansible.builtin.command',
    args: { cmd: 'ls' },
    register: 'out',
    until: [{ text: 'out.rc == 0' }, { text: true }],
    retries: { value: 5 },
    delay: { value: 1 },
    changedWhen: [{ text: false }],
    failedWhen: [{ text: 'out.rc > 1' }],
    delegateTo: { value: 'localhost' },
    delegateFacts: { text: true },
    runOnce: { text: false },
    noLog: { text: true },
    ignoreErrors: { text: '(lenient) | bool' },
    notify: [{ value: '{{ who }}' }],
    source: { line: 3, column: 7 },
  });
});

test('blocks nest, with rescue and always', () => {
  const block = blockOf(
    '- name: Outer',
    '  when: a',
    '  become: true',
    '  block:',
    '    - block: [{ping: }]',
    '      tags: inner',
    '  rescue: [{debug: {msg: failed}}]',
    '  always: [{meta: clear_host_errors}]',
  );
  expect(block).toMatchObject({
    name: 'Outer',
    when: [{ text: 'a' }],
    become: { value: true },
    block: [{ kind: 'block', tags: ['inner'], block: [{ module: 'ping' }] }],
    rescue: [{ module: 'debug', args: { msg: 'failed' } }],
    always: [{ module: 'meta', args: { action: 'clear_host_errors' } }],
  });
});

test.each([
  ['loop: [1, 2]', { items: { value: [1, 2] }, loopVar: 'item' }],
  ['loop: "{{ hosts }}"', { items: { value: '{{ hosts }}' } }],
  ['with_list: [[1]]', { lookup: 'list', items: { value: [[1]] } }],
  ['with_items: [[1], 2]', { lookup: 'items', items: { value: [[1], 2] } }],
  ['with_items: one', { lookup: 'items', items: { value: 'one' } }],
])('%s is a loop', (line, loop) => {
  expect(taskOf('- ping:', `  ${line}`).loop).toMatchObject(loop);
});

test('loop_control names the variables, the label and the pause', () => {
  const { loop } = taskOf(
    '- ping:',
    '  loop: [1]',
    '  loop_control: {loop_var: one, index_var: i, label: "{{ one.name }}", pause: 0.5}',
  );
  expect(loop).toMatchObject({
    loopVar: 'one',
    indexVar: 'i',
    label: { value: '{{ one.name }}' },
    pauseSeconds: { value: 0.5 },
  });
});

test('a notified handler may be in a block of handlers', () => {
  const text = '- hosts: all\n  tasks: [{ping: , notify: r}]\n  handlers: [{block: [{name: r, ping: }]}]\n';
  expect(playOf(text).handlers[0]?.kind).toBe('block');
});

test('a handler whose name is a template may be any: notify is not judged', () => {
  const text = '- hosts: all\n  tasks: [{ping: , notify: r}]\n  handlers: [{name: "{{ x }}", ping: }]\n';
  expect(playOf(text).tasks).toHaveLength(1);
});

test('all findings of a file come at once, in the order of their places', () => {
  const findings = findingsOf('- hosts: all\n  tasks:\n    - pong:\n    - ping:\n      whne: x\n- hots: all\n');
  expect(findings.map(({ code, source }) => [code, source?.line, source?.column])).toEqual([
    ['UNKNOWN_MODULE', 3, 7],
    ['UNKNOWN_KEYWORD', 5, 7],
    ['UNKNOWN_KEYWORD', 6, 3],
  ]);
});

test('a key that means something to JavaScript is an ordinary key', () => {
  const { vars } = playOf('- hosts: all\n  vars: {constructor: 1, __proto__: {polluted: 1}}\n');
  expect(Object.keys(vars?.values ?? {})).toEqual(['constructor', '__proto__']);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(findingsOf('- hosts: all\n  constructor: 1\n')[0]?.code).toBe('UNKNOWN_KEYWORD');
});

test('ten thousand tasks make ten thousand tasks', () => {
  const tasks = Array.from(
    { length: 10_000 },
    (_, i) => `    - name: Task ${i}\n      command: echo "{{ item }}"\n      loop: [a]\n`,
  );
  const [play] = parsePlaybook(`- hosts: all\n  tasks:\n${tasks.join('')}`, 'site.yml', catalog).plays;
  expect(play?.tasks).toHaveLength(10_000);
  expect(play?.tasks.at(-1)?.source.line).toBe(3 + 3 * 9_999);
});
