/** Questions at a real terminal, which `script` provides. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { mustRun } from './process.ts';
import { createLabUser, startSshd } from './sshd.ts';
import { startAtTerminal, type Terminal } from './terminal.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

async function playbook(tasks: string): Promise<{ dir: string; file: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'play.yml');
  await writeFile(file, `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`);
  return { dir, file };
}

function atTerminal(dir: string, ...args: string[]): Terminal {
  return startAtTerminal(dir, [process.execPath, MAIN, ...args]);
}

it('a pause shows its question while the answer is typed, and the answer is what was typed', async () => {
  const { dir, file } = await playbook(
    '    - pause: {prompt: Really go on?}\n      register: said\n    - debug: {msg: "said <{{ said.user_input }}>"}\n',
  );
  const terminal = atTerminal(dir, 'run', file, '-i', 'here,', '-c', 'local');
  await terminal.answer('Really go on?: ', 'yess\x7f sir\r');
  const { code, screen } = await terminal.end();
  expect(code, screen).toBe(0);
  expect(screen).toContain('said <yes sir>');
});

it.each([
  ['Ctrl-C', '\x03', 'SIGINT'],
  ['Ctrl-D', '\x04', 'end of input'],
])('%s at a question interrupts the run: report written, exit 130', async (_name, key, cause) => {
  const { dir, file } = await playbook('    - pause: {prompt: Go on?}\n    - command: touch never\n');
  const report = join(dir, 'report.json');
  const terminal = atTerminal(dir, 'run', file, '-i', 'here,', '-c', 'local', '--report', `json=${report}`);
  await terminal.answer('Go on?: ', key);
  const { code, screen } = await terminal.end();
  expect(code, screen).toBe(130);
  expect(screen).not.toContain('Internal error');
  expect(JSON.parse(await readFile(report, 'utf8')).plays[0].tasks[0].hosts.here.failure).toMatchObject({
    kind: 'interrupted',
    message: `interrupted by ${cause}`,
  });
});

it('Ctrl-C at a password leaves before anything is done', async () => {
  const { dir, file } = await playbook('    - command: touch never\n');
  const terminal = atTerminal(dir, 'run', file, '-i', 'here,', '-c', 'local', '-K');
  await terminal.answer('BECOME password: ', '\x03');
  const { code, screen } = await terminal.end();
  expect(code, screen).toBe(130);
  expect(screen).not.toContain('Internal error');
  expect(screen).not.toContain('RECAP');
});

it('--step asks before each task, after the results of the one before, and leaves out what is answered with no', async () => {
  const { dir, file } = await playbook(
    '    - {name: one, command: touch one}\n    - {name: two, command: touch two}\n    - {name: three, debug: {msg: at three}}\n',
  );
  const terminal = atTerminal(dir, 'run', file, '-i', 'here,', '-c', 'local', '--step');
  await terminal.answer("Run task 'one'? (y)es, (n)o, (c)ontinue without asking: ", 'y\r');
  await terminal.answer('✔ one', '');
  await terminal.answer("Run task 'two'? (y)es, (n)o, (c)ontinue without asking: ", 'n\r');
  await terminal.answer("Run task 'three'? (y)es, (n)o, (c)ontinue without asking: ", 'c\r');
  const { code, screen } = await terminal.end();
  expect(code, screen).toBe(0);
  expect(screen).toContain('at three');
  expect(screen).not.toContain('✔ two');
});

it('the passphrase of a key is asked for once, for all hosts, when the run needs it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fleetmend-lab-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await mustRun('chmod', ['755', dir]);
  const user = await createLabUser(dir, []);
  onTestFinished(() => user.remove());
  const sshd = await startSshd(join(dir, 'sshd'), user, {}, '0.0.0.0');
  onTestFinished(() => sshd.stop());
  await mustRun('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'sesame', '-f', user.keyFile]);
  const hosts = ['127.0.7.1', '127.0.7.2', '127.0.7.3'];
  const words = ['exec', 'all', '-i', hosts.join(','), '--ssh-config', 'none', '--host-keys', 'off', '-u', user.name];
  const terminal = atTerminal(
    dir,
    ...words,
    '--port',
    String(sshd.port),
    '--private-key',
    user.keyFile,
    '--',
    'echo',
    'in',
  );
  const question = `Passphrase of the private key ${user.keyFile}: `;
  await terminal.answer(question, 'wrong\r');
  await terminal.answer(`That does not open it. ${question}`, 'sesame\r');
  const { code, screen } = await terminal.end();
  expect(code, screen).toBe(0);
  expect(screen.split('Passphrase of')).toHaveLength(3);
  expect(screen).not.toContain('sesame');
  expect(screen).toContain('3 hosts: 3 ok');
});

it('vars_prompt asks before the play, hides what is typed and takes it out of what is shown', async () => {
  const { dir, file } = await playbook('    - debug: {msg: "<{{ word }}> <{{ pass }}>"}\n');
  const questions =
    '  vars_prompt:\n    - {name: word, prompt: A word, private: no}\n    - {name: pass, confirm: yes}\n';
  await writeFile(file, (await readFile(file, 'utf8')).replace('  tasks:\n', `${questions}  tasks:\n`));
  const terminal = atTerminal(dir, 'run', file, '-i', 'here,', '-c', 'local');
  await terminal.answer('A word: ', 'open\r');
  await terminal.answer('input for pass: ', 'hunter2\r');
  await terminal.answer('confirm input for pass: ', 'hunter2\r');
  const { code, screen } = await terminal.end();
  expect(code, screen).toBe(0);
  expect(screen).toContain('<open> <[REDACTED]>');
  expect(screen).not.toContain('hunter2');
  expect(screen.indexOf('input for pass')).toBeLessThan(screen.indexOf('PLAY ['));
});
