/** Tasks that change the run itself: `add_host`, `group_by`, `set_stats`, `meta: refresh_inventory`. */
import { expect, it } from 'vitest';
import { loadInventory, selectHosts } from '../../src/inventory/index.ts';
import { runText } from './scripted-fleet.ts';

const statsOf = (run: Awaited<ReturnType<typeof runText>>) => {
  const end = run.events.find((event) => event.type === 'run:end');
  return end?.type === 'run:end' ? end.customStats : undefined;
};

it('a host that was added is dialled with its variables, in a later play and by delegation', async () => {
  const run = await runText(`
- hosts: web1
  tasks:
    - add_host: {name: "fresh1:2222", groups: new, ansible_user: admin}
    - {name: d, shell: x, delegate_to: fresh1}
- hosts: new
  tasks:
    - {name: t, shell: "echo {{ ansible_user }} {{ ansible_ssh_port }}"}
`);
  expect(run.connects).toEqual(['fresh1']);
  expect(run.resultOf('d', 'web1').delegatedTo).toBe('fresh1');
  expect(run.commands.at(-1)?.script).toContain('echo admin 2222');
  expect(Object.keys(run.result.hosts)).toEqual(['web1', 'fresh1']);
});

it.each(['web[1:3]', ''])("add_host refuses '%s', which is no name of a host", async (name) => {
  const run = await runText(`- hosts: web1\n  tasks:\n    - {name: t, add_host: {name: "${name}"}}\n`);
  expect(run.resultOf('t', 'web1')).toMatchObject({ status: 'failed', failure: { code: 'INVALID_ARGUMENT' } });
});

it('group_by works on every host, also in check mode', async () => {
  const text = `
- hosts: all
  tasks:
    - group_by: {key: "g {{ inventory_hostname[-1] }}"}
- hosts: g-2
  tasks:
    - {name: t, debug: {msg: "{{ group_names }}"}}
`;
  const run = await runText(text, { checkMode: true });
  expect(run.resultOf('t', 'web2').result.msg).toEqual(['g-2']);
  expect(run.tasksOf('web1')).toEqual(['group_by']);
});

it('set_stats sums, joins and merges values of the run, and keeps those of a host apart', async () => {
  const run = await runText(`
- hosts: all
  tasks:
    - set_stats: {data: {n: 2, list: ["{{ inventory_hostname }}"], text: x, map: {a: 1, "{{ inventory_hostname }}": 1}}}
    - set_stats: {data: {own: "{{ inventory_hostname }}"}, per_host: true}
    - set_stats: {data: {last: 1}, aggregate: false}
    - set_stats: {data: {n: text}}
    - {set_stats: {data: {hidden: secret}}, no_log: true}
`);
  expect(statsOf(run)).toEqual({
    run: {
      n: 6,
      list: expect.arrayContaining(['web1', 'web2', 'web3']),
      text: 'xxx',
      map: { a: 1, web1: 1, web2: 1, web3: 1 },
      last: 1,
    },
    hosts: { web1: { own: 'web1' }, web2: { own: 'web2' }, web3: { own: 'web3' } },
  });
});

it('a run without set_stats has none', async () => {
  expect(statsOf(await runText('- hosts: all\n  tasks: [{debug: {msg: x}}]\n'))).toBeUndefined();
});

it('meta: refresh_inventory reads the sources again: later plays see new hosts, tasks their new variables', async () => {
  const inventory = await loadInventory(['a,b,'], { cwd: '/', env: {} });
  let reads = 0;
  const run = await runText(
    `
- hosts: all
  tasks:
    - set_fact: {kept: "of {{ inventory_hostname }}"}
    - meta: refresh_inventory
    - {name: first, debug: {msg: "{{ groups.all }} {{ kept }}"}}
- hosts: all
  tasks:
    - {name: second, debug: {msg: "{{ kept | default('new') }}"}}
`,
    {
      inventory,
      selectHosts: (pattern) => selectHosts(inventory, pattern),
      refreshInventory: async () => {
        reads++;
        inventory.replaceWith(await loadInventory(['b,c,'], { cwd: '/', env: {} }));
      },
    },
  );
  expect(reads).toBe(1);
  // The play goes on with the hosts that it began with.
  expect(run.resultOf('first', 'a').result.msg).toBe("['b', 'c'] of a");
  expect(run.tasksOf('a')).not.toContain('second');
  expect(run.resultOf('second', 'b').result.msg).toBe('of b');
  expect(run.resultOf('second', 'c').result.msg).toBe('new');
});

it('an inventory that cannot be read again ends the run', async () => {
  const refreshInventory = async () => {
    throw new Error('the program failed');
  };
  const run = runText('- hosts: all\n  tasks: [{meta: refresh_inventory}, {shell: x}]\n', { refreshInventory });
  await expect(run).rejects.toThrow('the program failed');
});
