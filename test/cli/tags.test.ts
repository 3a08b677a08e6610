/** Tags on the command line that nothing has. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

const FILES = {
  'site.yml': `- hosts: all
  connection: local
  gather_facts: false
  tags: [whole]
  tasks:
    - {name: one, debug: {msg: hello}, tags: [deploy, prod]}
    - block:
        - {name: two, debug: {msg: hello}}
      tags: config
    - {include_tasks: more.yml, tags: [included]}
    - {name: three, debug: {msg: hello}, tags: [never, debugging]}
`,
  'more.yml': '- {name: four, debug: {msg: hello}, tags: [inner]}\n',
  'open.yml': `- hosts: all
  connection: local
  gather_facts: false
  tasks:
    - {include_tasks: "{{ file }}.yml", tags: [included], vars: {file: more}}
`,
};

/** Runs a playbook. @returns the exit code, what was warned of, and the names of the tasks that ran */
async function runWith(playbook: keyof typeof FILES, ...args: string[]) {
  const cwd = await testFolder();
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(cwd, name), text);
  const { code, stdout, stderr } = await runCli(['run', playbook, '-i', 'web1,', '--state-dir', cwd, ...args], { cwd });
  const ran = [...stdout.matchAll(/^TASK \[(.*?)\]/gm)].map(([, name]) => name);
  return { code, warnings: stderr.replaceAll('fleetmend: warning: ', ''), ran };
}

test.each([
  {
    args: ['--tags', 'deplyo'],
    warnings: "no task has the tag 'deplyo' of --tags; did you mean 'deploy'?\nno task is chosen by --tags deplyo\n",
    ran: [],
  },
  {
    args: ['--tags', 'deploy,zzz'],
    warnings:
      "no task has the tag 'zzz' of --tags; there are config, debugging, deploy, included, inner, never, prod, whole\n",
    ran: ['one'],
  },
  {
    args: ['--tags', 'deploy', '--skip-tags', 'prdo'],
    warnings: "no task has the tag 'prdo' of --skip-tags; did you mean 'prod'?\n",
    ran: ['one'],
  },
  {
    args: ['--tags', 'deploy', '--skip-tags', 'prod'],
    warnings: 'no task is chosen by --tags deploy and --skip-tags prod\n',
    ran: [],
  },
  { args: ['--tags', 'debugging'], warnings: '', ran: ['three'] },
  { args: ['--tags', 'config', '--skip-tags', 'inner,always'], warnings: '', ran: ['two'] },
])('$args', async ({ args, warnings, ran }) => {
  // As with Ansible a run without tasks goes well.
  expect(await runWith('site.yml', ...args)).toEqual({ code: 0, warnings, ran });
});

test('includes that are not known yet are said to be', async () => {
  expect(await runWith('open.yml', '--tags', 'included,inner')).toEqual({
    code: 0,
    warnings:
      "no task has the tag 'inner' of --tags, as far as is known before included files are read; there are included\n",
    ran: ['include_tasks', 'four'],
  });
});

test('a list of tasks is warned of as the run would be', async () => {
  const { code, warnings } = await runWith('site.yml', '--list-tasks', '--tags', 'whoel');
  expect({ code, warnings }).toEqual({
    code: 0,
    warnings: "no task has the tag 'whoel' of --tags; did you mean 'whole'?\nno task is chosen by --tags whoel\n",
  });
});
