/** Typical mistakes of people who write playbooks: the exact words that they see, before the run and in it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MISTAKES } from './mistake-cases.ts';
import { type CliEnd, runCli, testFolder } from './run-cli.ts';

it('each mistake of a file is told whole: expected, found, place, what to do', async () => {
  const cwd = await testFolder();
  await mkdir(join(cwd, 'roles', 'nginx', 'tasks'), { recursive: true });
  const files = MISTAKES.map(({ playbook }, index) => ({ name: `case-${index}.yml`, playbook }));
  for (const { name, playbook } of files) await writeFile(join(cwd, name), playbook);
  const end = await runCli(['check', ...files.map(({ name }) => name)], { cwd });
  expect(end).toMatchObject({ code: 1, stdout: '' });
  const said = end.stderr.replace(/^fleetmend: /, '').replaceAll(cwd, 'HOME');
  const parts = said.split(/^(?=case-)/m);
  // Several findings of one file are one part.
  const seen = MISTAKES.map(({ mistake }, index) => {
    const own = parts.filter((part) => part.startsWith(`case-${index}.yml:`));
    return { mistake, seen: own.join('').replaceAll(`case-${index}.yml`, 'FILE').trimEnd() };
  });
  expect(seen).toEqual(MISTAKES.map(({ mistake, seen: expected }) => ({ mistake, seen: expected })));
});

it('mistakes of files that would be included are told with those of the playbooks', async () => {
  const cwd = await testFolder();
  const files = {
    'site.yml': `- import_playbook: fine.yml
- hosts: all
  roles: [webserver]
  tasks:
    - include_tasks: setup.yml
    - include_tasks: steps.yml
    - include_role: {name: logging}
`,
    'steps.yml': '- comand: ls\n- include_tasks: deeper.yml\n',
    'fine.yml': '- hosts: all\n  handlers:\n    - block:\n        - include_tasks: gone.yml\n',
    'other.yml': '- hosts: all\n  tasks:\n    - include_tasks: lost.yml\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  const seen = `fleetmend: site.yml:3:11: role 'webserver' does not exist; looked in 'roles', 'shared', '.'
  3 |   roles: [webserver]
    |           ^
site.yml:5:22: file of tasks 'setup.yml' does not exist; looked for 'setup.yml'
  5 |     - include_tasks: setup.yml
    |                      ^
site.yml:7:28: role 'logging' does not exist; looked in 'roles', 'shared', '.'
  7 |     - include_role: {name: logging}
    |                            ^
fine.yml:4:26: file of tasks 'gone.yml' does not exist; looked for 'gone.yml'
  4 |         - include_tasks: gone.yml
    |                          ^
steps.yml:1:3: unknown module 'comand'; did you mean 'command'?
  1 | - comand: ls
    |   ^
steps.yml:2:18: file of tasks 'deeper.yml' does not exist; looked for 'deeper.yml'
  2 | - include_tasks: deeper.yml
    |                  ^
other.yml:3:22: file of tasks 'lost.yml' does not exist; looked for 'lost.yml'
  3 |     - include_tasks: lost.yml
    |                      ^
`;
  for (const words of [['check'], ['run', '-i', 'web1,']]) {
    const end = await runCli([...words, '--roles-path', 'shared', 'site.yml', 'other.yml'], { cwd });
    expect(end).toEqual({ code: 1, stdout: '', stderr: seen });
  }
});

async function runPlay(playbook: string, args: readonly string[] = []): Promise<CliEnd> {
  const cwd = await testFolder();
  await writeFile(join(cwd, 'site.yml'), playbook);
  return await runCli(['run', '--state-dir', cwd, '-i', 'web1,', '-c', 'local', ...args, 'site.yml'], { cwd });
}

/** The only task of a play, whose first line is the fifth, and what is seen of it. */
const IN_THE_RUN = [
  {
    mistake: 'braces in a condition, of what is undefined',
    task: 'command: ls\n      when: "{{ enabeld }}"',
    place: '6:17',
    seen: `'enabeld' is undefined; did you mean 'enabled'?\n    6 |       when: "{{ enabeld }}"\n      |                 ^`,
  },
  {
    mistake: 'with_items of an undefined variable',
    task: 'debug: {msg: "{{ item }}"}\n      with_items: "{{ packges }}"',
    place: '6:23',
    seen: `'packges' is undefined; did you mean 'packages'?\n    6 |       with_items: "{{ packges }}"\n      |                       ^`,
  },
  {
    mistake: 'a loop over a map',
    task: 'debug: {msg: "{{ item }}"}\n      loop: "{{ ports }}"',
    place: '6:14',
    seen: `expected \`loop\` to be a list, found '{'http': 80}'\n    hint: for a map, put \`| dict2items\` behind it: each item then has \`key\` and \`value\``,
  },
  {
    mistake: 'a loop over a text',
    task: 'debug: {msg: "{{ item }}"}\n      loop: "{{ enabled }}"',
    place: '6:14',
    seen: `expected \`loop\` to be a list, found 'yes'\n    hint: write a list, also for a single value: \`loop: ["{{ … }}"]\`; \`split\` makes one of a text`,
  },
  {
    mistake: 'a text plus a number',
    task: 'debug: {msg: "{{ enabled + 1 }}"}',
    place: '5:32',
    seen: `Cannot apply '+' to str and int; join texts with '~', or make both numbers with '| int'\n    5 |     - debug: {msg: "{{ enabled + 1 }}"}\n      |                                ^`,
  },
  {
    mistake: 'a file of tasks that is not there',
    task: 'include_tasks:\n        nosuch.yml',
    place: '6:9',
    seen: `file of tasks 'nosuch.yml' does not exist\n    hint: looked for 'nosuch.yml'`,
  },
];

describe('what shows itself only in the run', () => {
  it.each(IN_THE_RUN)('$mistake', async ({ task, place, seen }) => {
    const vars = "{enabled: 'yes', packages: [a], ports: {http: 80}}";
    const end = await runPlay(`- hosts: all\n  gather_facts: false\n  vars: ${vars}\n  tasks:\n    - ${task}\n`);
    expect(end.code).toBe(2);
    expect(end.stdout).toContain(`\nfailed: web1 => site.yml:${place}: ${seen}\n\nPLAY RECAP`);
  });

  it('become_user without become: warned of, once for all hosts', async () => {
    const playbook = (more: string) =>
      `- hosts: all\n  gather_facts: false\n  tasks:\n    - command: id -un\n      become_user: nobody\n${more}`;
    const { code, stdout } = await runPlay(playbook(''), ['-i', 'web2,']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "[WARNING]: site.yml:5:20: become_user does nothing without 'become: true': task 'command' runs as the login user\n",
    );
    expect(stdout.match(/WARNING/g)).toHaveLength(1);
    const { stdout: told } = await runPlay(playbook('      become: false\n'));
    expect(told).not.toContain('WARNING');
    const { stdout: byVariable } = await runPlay(playbook('      vars: {ansible_become: false}\n'));
    expect(byVariable).not.toContain('WARNING');
  });
});

describe('what is wrong with the command line or beside the playbook', () => {
  const PLAY = '- hosts: webservers\n  gather_facts: false\n  tasks:\n    - {name: one, command: ls}\n';

  it('a pattern that matches no host', async () => {
    const end = await runPlay(PLAY);
    expect(end.code).toBe(1);
    expect(end.stderr).toBe(
      "fleetmend: warning: no host or group is named 'webservers'\nfleetmend: no play matched a host: nothing was done\n" +
        '  look at `fleetmend inventory --graph`, or pass --allow-empty when that is fine\n',
    );
  });

  it.each([
    [
      ['--limit', 'wbe1'],
      "fleetmend: warning: no host or group is named 'wbe1'; did you mean 'web1'?\n" +
        "fleetmend: no play matched a host within --limit 'wbe1': nothing was done\n" +
        '  look at `fleetmend inventory --graph`, or pass --allow-empty when that is fine\n',
    ],
    [
      ['--start-at-task', 'two'],
      "fleetmend: no task is named 'two': nothing was done\n" +
        '  see the names with --list-tasks; tasks of include_tasks and include_role are not known before they run\n',
    ],
    [['-e', '{a: '], 'fleetmend: `-e` is not a map in JSON or YAML: Flow map must end with a } at line 1, column 4\n'],
    [
      ['-i', 'nosuch.ini'],
      "fleetmend: inventory 'nosuch.ini' was not found; for a host of that name write 'nosuch.ini,' with a comma\n",
    ],
    [['nosuch.yml'], "fleetmend: playbook 'nosuch.yml' does not exist\n"],
  ])('%s', async (args, seen) => {
    const end = await runPlay(PLAY.replace('webservers', 'all'), args);
    expect(end.code).toBe(1);
    expect(end.stderr).toBe(seen);
  });

  it('a wrong vault password, and none', async () => {
    const cwd = await testFolder();
    await writeFile(join(cwd, 'right'), 'right\n');
    await writeFile(join(cwd, 'wrong'), 'wrong\n');
    await writeFile(join(cwd, 'vars.yml'), 'password: hunter2\n');
    await writeFile(join(cwd, 'site.yml'), '- hosts: all\n  vars_files: [vars.yml]\n  tasks: []\n');
    await runCli(['vault', 'encrypt', '--vault-password-file', 'right', 'vars.yml'], { cwd });
    const seen = async (...args: string[]) => {
      const end = await runCli(['run', '--state-dir', cwd, '-i', 'web1,', ...args, 'site.yml'], { cwd });
      return end.stderr.replace(`${cwd}/`, '');
    };
    const hint = '  give it with --vault-password-file, --vault-id or --ask-vault-pass\n';
    expect(await seen('--vault-password-file', 'wrong')).toBe(
      `fleetmend: 'vars.yml' does not open with the vault passwords given: tried default; a password is wrong, or the text was changed\n${hint}`,
    );
    expect(await seen()).toBe(
      `fleetmend: 'vars.yml' is encrypted with ansible-vault, and no vault password is given\n${hint}`,
    );
  });
});
