import { expect, test } from 'vitest';
import { moduleCatalog } from '../../src/modules/registry.ts';
import { playbookAmong } from '../playbook/memory-files.ts';
import { type FleetOptions, runText } from './scripted-fleet.ts';

const run = (texts: Readonly<Record<string, string>>, options: FleetOptions = {}) => {
  const { reads, ...playbook } = playbookAmong(texts, moduleCatalog);
  return runText('- hosts: all\n', { playbooks: [playbook], ...options }).then((fleet) => ({ ...fleet, reads }));
};
const site = (tasks: string, more = '') => `- hosts: all\n  gather_facts: false\n${more}  tasks:\n${tasks}`;

test('a file is read once, however many hosts and items include it', async () => {
  const { reads, resultOf, result } = await run({
    'site.yml': site('    - include_tasks: a.yml\n      loop: [1, 2]\n'),
    'a.yml': '- {name: t, command: "echo {{ item }}"}\n',
  });
  expect(reads.get('a.yml')).toBe(1);
  expect(() => resultOf('t', 'web1')).toThrow("2 results of task 't'");
  expect(result.hosts.web1).toMatchObject({ ok: 4, changed: 2 });
});

test('hosts that include different files go on side by side', async () => {
  const first = Promise.withResolvers<void>();
  const { tasksOf } = await run(
    {
      'site.yml': site('    - include_tasks: "{{ inventory_hostname }}.yml"\n    - {name: after, command: b}\n'),
      'web1.yml': '- {name: one, command: one}\n',
      'web2.yml': '- {name: two, command: two}\n',
    },
    {
      hosts: 'web1,web2,',
      // Would wait for ever if web2 had to wait for web1.
      answer: async ({ script }) => {
        if (script.includes('two')) first.resolve();
        if (script.includes('one')) await first.promise;
        return {};
      },
    },
  );
  expect(tasksOf('web1')).toEqual(['include_tasks', 'one', 'after']);
  expect(tasksOf('web2')).toEqual(['include_tasks', 'two', 'after']);
});

test('a missing file fails the host, and rescue deals with it', async () => {
  const { resultOf, result } = await run({
    'site.yml': site(
      '    - block:\n        - include_tasks: nope.yml\n      rescue:\n        - {name: saved, debug: {msg: "{{ ansible_failed_task.action }}"}}\n',
    ),
  });
  expect(resultOf('include_tasks', 'web1')).toMatchObject({ rescued: true, failure: { code: 'FILE_NOT_FOUND' } });
  expect(resultOf('saved', 'web1').result.msg).toBe('include_tasks');
  expect(result.exitCode).toBe(0);
});

test('a mistake in an included file ends the run, with one result for each host', async () => {
  const started: string[] = [];
  const running = run(
    { 'site.yml': site('    - include_tasks: a.yml\n    - command: after\n'), 'a.yml': '- pnig:\n' },
    { emit: (event) => void (event.type === 'host:result' && started.push(`${event.host} ${event.status}`)) },
  );
  await expect(running).rejects.toThrow("a.yml:1:3: unknown module 'pnig'");
  expect(started).toEqual(['web1 failed', 'web2 failed', 'web3 failed']);
});

test('a file that includes itself without end is a failure of the host', async () => {
  const { result } = await run(
    { 'site.yml': site('    - include_tasks: a.yml\n'), 'a.yml': '- include_tasks: a.yml\n' },
    { hosts: 'web1,' },
  );
  expect(result.hosts.web1).toMatchObject({ failed: 1 });
});

test('a role that ran on a host is left out the next time', async () => {
  const { tasksOf } = await run({
    'site.yml': site('    - {name: end, command: x}\n', '  roles: [r, {role: r, p: 1}, r, {role: r, p: 1}]\n'),
    'roles/r/tasks/main.yml': '- {name: t, command: "echo {{ p | default(0) }}"}\n',
  });
  expect(tasksOf('web1')).toEqual(['r : t', 'r : t', 'end']);
});

test('a handler that runs twice on a host gives two results', async () => {
  const { events } = await runText(
    '- hosts: all\n  gather_facts: false\n  tasks:\n    - {command: a, notify: h}\n    - meta: flush_handlers\n    - {command: b, notify: h}\n  handlers:\n    - {name: h, command: c}\n',
    { hosts: 'web1,' },
  );
  const ids = events.flatMap((event) => (event.type === 'host:result' ? [event.taskId] : []));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(4);
});

test('end_role leaves the role, on that host only', async () => {
  const { tasksOf } = await run(
    {
      'site.yml': site('    - {name: end, command: x}\n', '  roles: [r]\n'),
      'roles/r/tasks/main.yml':
        "- {name: a, command: a}\n- block:\n    - {meta: end_role, when: inventory_hostname == 'web1'}\n    - {name: b, command: b}\n  always:\n    - {name: c, command: c}\n",
    },
    { hosts: 'web1,web2,' },
  );
  expect(tasksOf('web1')).toEqual(['r : a', 'end']);
  expect(tasksOf('web2')).toEqual(['r : a', 'r : b', 'r : c', 'end']);
});

test('a handler of a role that is included in a loop runs once', async () => {
  const { tasksOf } = await run(
    {
      'site.yml': site(
        '    - include_role: {name: r}\n      loop: [1, 2]\n    - {name: t, command: x, notify: topic}\n',
      ),
      'roles/r/tasks/main.yml': '- {name: a, command: a}\n',
      'roles/r/handlers/main.yml': '- {name: h, command: h, listen: topic}\n',
    },
    { hosts: 'web1,' },
  );
  expect(tasksOf('web1').filter((name) => name === 'r : h')).toHaveLength(1);
});

test.each([
  ['true', 'yes', 'd'],
  ['a template', '"{{ 1 == 1 }}"', 'd'],
  ['false', 'no', 'hidden'],
])('public: %s', async (_what, value, msg) => {
  const { resultOf } = await run(
    {
      'site.yml': site(
        `    - include_role: {name: r, public: ${value}}\n    - {name: t, debug: {msg: "{{ x | default('hidden') }}"}}\n`,
      ),
      'roles/r/defaults/main.yml': 'x: d\n',
    },
    { hosts: 'web1,' },
  );
  expect(resultOf('t', 'web1').result.msg).toBe(msg);
});

test('no_log of an include hides what is in it', async () => {
  const { resultOf } = await run(
    {
      'site.yml': site('    - include_tasks: a.yml\n      no_log: true\n      vars: {secret: hunter2}\n'),
      'a.yml': '- {name: t, debug: {msg: "{{ secret }}"}}\n',
    },
    { hosts: 'web1,' },
  );
  expect(resultOf('t', 'web1')).toMatchObject({ noLog: true, result: { censored: 'hidden by no_log' } });
});
