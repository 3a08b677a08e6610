/** `--step` at a real terminal: both programs ask about the same tasks and do the same for the same answers. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAtTerminal } from './terminal.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const task = (name: string, more = '') =>
  `{name: ${name}, command: "touch {{ scratch }}/${name.replaceAll(' ', '-')}-{{ inventory_hostname }}"${more}}`;
const PLAYBOOK = `
- hosts: a,b
  gather_facts: false
  handlers:
    - ${task('told')}
    - ${task('untold')}
  tasks:
    - ${task('first', ', notify: told')}
    - ${task('second', ', notify: untold')}
    - block:
        - {name: falls, fail: {msg: on purpose}}
        - ${task('not reached')}
      rescue:
        - ${task('saved')}
      always:
        - ${task('always')}
    - ${task('only on a', ", when: inventory_hostname == 'a'")}
    - command: touch {{ scratch }}/nameless
    - meta: noop
    - {name: left out, include_tasks: more.yml}
    - {name: more, include_tasks: more.yml}
    - ${task('once', ', run_once: true')}
    - ${task('last')}
- hosts: b
  gather_facts: false
  tasks:
    - ${task('of the second play')}
    - ${task('no longer asked')}
`;
/** Whatever is not yes is no. */
const ANSWERS = [
  ['first', 'y'],
  ['second', ''],
  ['falls', 'YES'],
  ['saved', 'n'],
  ['always', 'y'],
  ['only on a', 'y'],
  ['command', 'yes'],
  ['left out', 'never'],
  ['more', 'y'],
  ['in more', 'y'],
  ['once', 'y'],
  ['last', 'no'],
  ['told', 'y'],
  ['of the second play', 'c'],
] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-step-'));
  await writeFile(join(folder, 'play.yml'), PLAYBOOK);
  await writeFile(join(folder, 'more.yml'), `- ${task('in more')}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function stepThrough(words: readonly string[], question: (name: string) => string) {
  const scratch = await mkdtemp(join(folder, 'scratch-'));
  const terminal = startAtTerminal(
    folder,
    [...words, '-i', 'a,b', '-c', 'local', '-e', `scratch=${scratch}`, '--step', 'play.yml'],
    { ANSIBLE_NOCOLOR: '1', ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3' },
  );
  for (const [name, answer] of ANSWERS) await terminal.answer(question(name), `${answer}\r`);
  const { code, screen } = await terminal.end();
  const recap = screen
    .slice(screen.indexOf('PLAY RECAP'))
    .matchAll(/^([ab,]+) +: ok=(\d+) +changed=(\d+) .*rescued=(\d+)/gm);
  const counts = [...recap].flatMap(([, hosts = '', ...numbers]) => hosts.split(',').map((host) => [host, ...numbers]));
  return { screen, did: { code, counts, files: (await readdir(scratch)).sort() } };
}

it('asks about the same tasks as Ansible and does the same for each answer', async () => {
  const [theirs, ours] = await Promise.all([
    stepThrough(['ansible-playbook'], (name) => `: ${name} (N)o/(y)es/(c)ontinue: `),
    stepThrough(
      [process.execPath, MAIN, 'run', '--state-dir', join(folder, 'state')],
      (name) => `Run task '${name}'? (y)es, (n)o, (c)ontinue without asking: `,
    ),
  ]);
  expect(ours.did, `${theirs.screen}\n---\n${ours.screen}`).toEqual(theirs.did);
  expect(ours.did.files).toEqual([
    'always-a',
    'always-b',
    'first-a',
    'first-b',
    'in-more-a',
    'in-more-b',
    'nameless',
    'no-longer-asked-b',
    'of-the-second-play-b',
    'once-a',
    'only-on-a-a',
    'told-a',
    'told-b',
  ]);
  expect(ours.did.counts.map(([host]) => host)).toEqual(['a', 'b']);
});
