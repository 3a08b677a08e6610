import { expect, test } from 'vitest';
import { runText } from './scripted-fleet.ts';

const loop = (control: string, more = '') =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n    - name: t\n      debug: {msg: "{{ item }}"}\n      loop: [1, 2, 3]\n      loop_control: ${control}\n      register: r\n${more}`;

test('break_when ends the loop behind the item for which it holds', async () => {
  const { resultOf } = await runText(loop('{break_when: [item > 1, r.msg is defined]}'), { hosts: 'web1,' });
  expect(resultOf('t', 'web1').result.results).toMatchObject([{ msg: 1 }, { msg: 2 }]);
});

test('an item for which break_when cannot be evaluated fails the task', async () => {
  const { resultOf } = await runText(loop('{break_when: nosuch}'), { hosts: 'web1,' });
  expect(resultOf('t', 'web1')).toMatchObject({ status: 'failed', failure: { code: 'TEMPLATE_UNDEFINED' } });
});

test('extended tells where in the loop an item is', async () => {
  const { resultOf } = await runText(loop('{extended: true, extended_allitems: false, index_var: i}'), {
    hosts: 'web1,',
  });
  const results = resultOf('t', 'web1').result.results as readonly Record<string, unknown>[];
  expect(results[1]).toMatchObject({
    i: 1,
    ansible_index_var: 'i',
    ansible_loop: { index: 2, index0: 1, first: false, last: false, length: 3, revindex: 2, previtem: 1, nextitem: 3 },
  });
  expect(results[0]?.ansible_loop).not.toHaveProperty('previtem');
  expect(results[0]?.ansible_loop).not.toHaveProperty('allitems');
});

test('a loop over a lookup is refused for a host where the lookup fails', async () => {
  const { resultOf } = await runText(
    '- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: t, debug: {msg: x}, with_first_found: [nothing-there.txt]}\n',
    { hosts: 'web1,' },
  );
  expect(resultOf('t', 'web1')).toMatchObject({ status: 'failed' });
});
