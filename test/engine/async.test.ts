import { expect, it } from 'vitest';
import { moduleCatalog } from '../../src/modules/registry.ts';
import { parsePlaybook } from '../../src/playbook/index.ts';
import { runText } from './scripted-fleet.ts';

const one = (tasks: string) => `- hosts: web1\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`;

it('a module that is more than one script on the host is refused before the run', () => {
  const load = () => parsePlaybook(one('- copy: {content: x, dest: /tmp/x}\n  async: 10\n'), 'play.yml', moduleCatalog);
  expect(load).toThrow("play.yml:4:14: module 'copy' cannot run with 'async'");
});

it('async: 0 is no job, whatever the module', async () => {
  const run = await runText(one('- {name: t, debug: {msg: x}, async: 0, poll: 0}\n- {shell: uptime, async: 0}'));
  expect(run.resultOf('t', 'web1').status).toBe('ok');
  expect(run.commands[0]?.script).not.toContain('fleetmend-async');
});

it('check mode starts no job', async () => {
  const run = await runText(one('- {name: t, shell: "rm -rf /", async: 10, poll: 0}'), { checkMode: true });
  expect(run.resultOf('t', 'web1').status).toBe('skipped');
  expect(run.commands).toEqual([]);
});

it('the deadline may hold variables', async () => {
  const run = await runText(one('- {name: t, shell: uptime, async: "{{ limit }}", poll: 0, vars: {limit: 77}}'), {
    answer: () => ({ stdout: '/home/ops/.fleetmend-async/j1' }),
  });
  expect(run.commands[0]?.script).toMatch(/sh "\$d\/run" "\$d" 77 /);
  expect(run.resultOf('t', 'web1').result.results_file).toBe('/home/ops/.fleetmend-async/j1/status');
});
