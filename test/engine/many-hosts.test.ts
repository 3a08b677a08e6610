import { expect, test } from 'vitest';
import { moduleCatalog } from '../../src/modules/registry.ts';
import { playbookAmong } from '../playbook/memory-files.ts';
import { runText } from './scripted-fleet.ts';

test('2,000 hosts that include a file with their own items share its tasks', async () => {
  const { reads, ...playbook } = playbookAmong(
    {
      'site.yml':
        '- hosts: all\n  gather_facts: false\n  tasks:\n    - include_tasks: a.yml\n      loop: "{{ [inventory_hostname, 2, 3] }}"\n      vars: {v: "{{ item }}"}\n',
      'a.yml': '- {name: t, debug: {msg: "{{ v }}"}}\n- {name: u, debug: {msg: "{{ item }}"}}\n',
    },
    moduleCatalog,
  );
  const { events, result } = await runText('- hosts: all\n', {
    playbooks: [playbook],
    hosts: `${Array.from({ length: 2000 }, (_, i) => `h${i}`).join(',')},`,
    forks: 50,
  });
  // One task for each item and line of the file, whatever the number of hosts.
  expect(events.filter((event) => event.type === 'task:start')).toHaveLength(1 + 3 * 2);
  expect(reads.get('a.yml')).toBe(1);
  expect(result.hosts.h1999).toMatchObject({ ok: 9, failed: 0 });
});
