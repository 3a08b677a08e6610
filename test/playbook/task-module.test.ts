import { describe, expect, test } from 'vitest';
import { taskFindings, taskOf } from './helpers.ts';

test.each([
  [['- command: ls -l chdir=/tmp'], { cmd: 'ls -l', chdir: '/tmp' }],
  [['- command:', '    cmd: ls', '    chdir: /tmp'], { cmd: 'ls', chdir: '/tmp' }],
  [['- command: ls', '  args: {chdir: /tmp, creates: /x}'], { cmd: 'ls', chdir: '/tmp', creates: '/x' }],
  [['- command: ls chdir=/a', '  args: {chdir: /b}'], { cmd: 'ls', chdir: '/a' }],
  [['- command: "{{ cmd }}"'], { cmd: '{{ cmd }}' }],
  [['- shell: |', '    cd /tmp', '    ls {{ x }}'], { cmd: 'cd /tmp\nls {{ x }}\n' }],
  [['- copy: src=a dest="b c" mode=0644'], { src: 'a', dest: 'b c', mode: '0644' }],
  [['- copy: {src: a, dest: b, mode: 0644}'], { src: 'a', dest: 'b', mode: 420 }],
  [['- file: name=/x'], { path: '/x' }],
  [['- ping:'], {}],
  [['- set_fact: a=1 b="{{ c }}"'], { a: '1', b: '{{ c }}' }],
  [['- set_fact: {a: 1, constructor: 2}'], { a: 1, constructor: 2 }],
  [['- action: command ls -l chdir=/tmp'], { cmd: 'ls -l', chdir: '/tmp' }],
  [['- action: {module: copy, src: a, dest: b}'], { src: 'a', dest: 'b' }],
  [['- ansible.legacy.command: ls'], { cmd: 'ls' }],
  [['- meta: flush_handlers'], { action: 'flush_handlers' }],
])('%j', (lines, args) => {
  expect(taskOf(...lines).args).toEqual(args);
});

test('each argument knows its place', () => {
  const map = taskOf('- copy:', '    src: "a"', '    dest: b').argPositions;
  expect([map.src?.line, map.src?.column, map.dest?.line, map.dest?.column]).toEqual([4, 15, 5, 15]);
  const text = taskOf('- copy: src=a dest=b').argPositions;
  expect([text.src?.column, text.dest?.column]).toEqual([13, 19]);
});

test('local_action runs on the controller unless the task says where', () => {
  expect(taskOf('- local_action: command ls')).toMatchObject({ module: 'command', delegateTo: { value: 'localhost' } });
  expect(taskOf('- local_action: ping', '  delegate_to: web1').delegateTo?.value).toBe('web1');
});

describe('a template that stands for all arguments', () => {
  test('is kept apart, and nothing is called missing', () => {
    const task = taskOf('- copy: "{{ copy_args }}"');
    expect(task).toMatchObject({
      args: {},
      argsTemplate: { value: '{{ copy_args }}', source: { line: 3, column: 14 } },
    });
  });

  test('may come from args, beside free text', () => {
    const task = taskOf('- command: ls', '  args: "{{ more }}"');
    expect(task).toMatchObject({ args: { cmd: 'ls' }, argsTemplate: { value: '{{ more }}' } });
  });
});

test('arguments that hold templates are not judged before the run', () => {
  expect(taskOf('- file: {path: "{{ p }}", state: "{{ s }}", follow: "{{ f }}"}').module).toBe('file');
});

test('a word that is near a keyword and a module is taken for the nearer', () => {
  expect(taskFindings('- command: ls', '  registr: x')[0]).toContain(
    "unknown keyword 'registr' in a task; did you mean 'register'?",
  );
  expect(taskFindings('- comand: ls')[0]).toContain("unknown module 'comand'; did you mean 'command'?");
});
