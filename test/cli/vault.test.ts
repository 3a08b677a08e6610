import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = await testFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  return cwd;
}

const read = (cwd: string, name: string) => readFile(join(cwd, name), 'utf8');

describe('fleetmend vault', () => {
  it('encrypts in place, shows, rekeys and decrypts again, with the bits of the file kept', async () => {
    const cwd = await folder({ pw: 'one\n', new: 'two\n', 'a.yml': 'x: 1\n' });
    await chmod(join(cwd, 'a.yml'), 0o640);
    const vault = (...words: string[]) => runCli(['vault', ...words], { cwd });
    expect(await vault('encrypt', '--vault-password-file', 'pw', 'a.yml')).toMatchObject({ code: 0, stderr: '' });
    expect(await read(cwd, 'a.yml')).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n[0-9a-f]{80}\n/);
    expect((await stat(join(cwd, 'a.yml'))).mode & 0o777).toBe(0o640);
    expect((await vault('view', '--vault-password-file', 'pw', 'a.yml')).stdout).toBe('x: 1\n');
    const rekey = await vault('rekey', '--vault-password-file', 'pw', '--new-vault-id', 'dev@new', 'a.yml');
    expect(rekey).toMatchObject({ code: 0, stderr: '' });
    expect(await read(cwd, 'a.yml')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/);
    const wrong = await vault('decrypt', '--vault-password-file', 'pw', 'a.yml');
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain(
      "'a.yml' does not open with the vault passwords given (it names the vault id 'dev')",
    );
    expect((await vault('decrypt', '--vault-id', 'dev@new', 'a.yml')).code).toBe(0);
    expect(await read(cwd, 'a.yml')).toBe('x: 1\n');
  });

  it('changes no file when one of them cannot be changed', async () => {
    const cwd = await folder({ pw: 'one', a: 'a\n', b: '$ANSIBLE_VAULT;1.1;AES256\n6161\n' });
    const result = await runCli(['vault', 'encrypt', '--vault-password-file', 'pw', 'a', 'b'], { cwd });
    expect(result).toMatchObject({ code: 1 });
    expect(result.stderr).toContain("'b' is already encrypted");
    expect(await read(cwd, 'a')).toBe('a\n');
  });

  it('edits in a private file that is gone afterwards', async () => {
    const cwd = await folder({ pw: 'one', 'a.yml': 'x: 1\n' });
    const script = '#!/bin/sh\nstat -c "%a $1" "$1" >seen\necho "y: 2" >>"$1"\n';
    await writeFile(join(cwd, 'editor'), script, { mode: 0o755 });
    const env = { EDITOR: join(cwd, 'editor') };
    const vault = (...words: string[]) => runCli(['vault', ...words, '--vault-password-file', 'pw'], { cwd, env });
    await vault('encrypt', 'a.yml');
    expect(await vault('edit', 'a.yml')).toMatchObject({ code: 0, stderr: '' });
    expect((await vault('view', 'a.yml')).stdout).toBe('x: 1\ny: 2\n');
    const [mode, path = ''] = (await read(cwd, 'seen')).trim().split(' ');
    expect(mode).toBe('600');
    await expect(stat(path)).rejects.toThrow('ENOENT');
    expect(await vault('create', 'new.yml')).toMatchObject({ code: 0, stderr: '' });
    expect((await vault('view', 'new.yml')).stdout).toBe('y: 2\n');
    expect((await vault('create', 'new.yml')).stderr).toContain("'new.yml' exists already");
  });

  it('asks which of several ids encrypts', async () => {
    const cwd = await folder({ a: '1', b: '2' });
    const ids = ['--vault-id', 'one@a', '--vault-id', 'two@b'];
    const unsure = await runCli(['vault', 'encrypt_string', ...ids, 'x'], { cwd });
    expect(unsure).toMatchObject({ code: 1 });
    expect(unsure.stderr).toContain('several vault ids are given (one, two): which one is to encrypt?');
    const sure = await runCli(['vault', 'encrypt_string', ...ids, '--encrypt-vault-id', 'two', '-n', 'v', 'x'], {
      cwd,
    });
    expect(sure.stdout).toMatch(/^v: !vault \|\n {10}\$ANSIBLE_VAULT;1\.2;AES256;two\n {10}[0-9a-f]{80}\n/);
  });

  it('takes the password from a program, which is told the id when its name ends with -client', async () => {
    const cwd = await folder({ a: 'text' });
    await writeFile(join(cwd, 'pw-client.sh'), '#!/bin/sh\necho "pw of $2"\n', { mode: 0o755 });
    await runCli(['vault', 'encrypt', '--vault-id', 'dev@pw-client.sh', 'a'], { cwd });
    await writeFile(join(cwd, 'plain'), 'pw of dev\n');
    expect((await runCli(['vault', 'view', '--vault-password-file', 'plain', 'a'], { cwd })).stdout).toBe('text');
  });

  it('says what a program that gives no password said', async () => {
    const cwd = await folder({ a: 'text' });
    await writeFile(join(cwd, 'pw'), '#!/bin/sh\necho locked >&2; exit 3\n', { mode: 0o755 });
    const { code, stderr } = await runCli(['vault', 'encrypt', '--vault-password-file', 'pw', 'a'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain("the program 'pw', which is to print the vault password, ended with status 3: locked");
  });

  it('works on standard input and output', async () => {
    const cwd = await folder({ pw: 'one' });
    const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
    const vault = async (input: string, ...words: string[]): Promise<string> => {
      const child = spawn(process.execPath, [main, 'vault', ...words, '--vault-password-file', 'pw'], { cwd });
      child.stdin.end(input);
      let text = '';
      for await (const chunk of child.stdout) text += String(chunk);
      return text;
    };
    const sealed = await vault('over the pipe\n', 'encrypt');
    expect(sealed).toMatch(/^\$ANSIBLE_VAULT;/);
    expect(await vault(sealed, 'decrypt')).toBe('over the pipe\n');
    expect(await vault('v', 'encrypt_string', '--stdin-name', 'n')).toMatch(/^n: !vault \|\n/);
  });
});

describe('encrypted variables in a run', () => {
  const play = (vars: string) =>
    `- hosts: localhost\n  connection: local\n  gather_facts: false\n${vars}  tasks:\n    - command: echo "{{ token }} {{ plain }}"\n      register: r\n    - debug: {msg: "{{ r.stdout | length }} chars, {{ token }}"}\n`;

  async function sealed(cwd: string): Promise<string> {
    const words = ['vault', 'encrypt_string', '--vault-password-file', 'pw', '-n', 'token', 'hush-{{ hush }}'];
    return (await runCli(words, { cwd })).stdout;
  }

  it('opens values and files when they are read, never templates what was in them, and shows none', async () => {
    const cwd = await folder({ pw: 'one', 'vars.yml': 'plain: open\n' });
    const value = await sealed(cwd);
    await runCli(['vault', 'encrypt', '--vault-password-file', 'pw', 'vars.yml'], { cwd });
    const vars = `  vars_files: [vars.yml]\n  vars:\n${value.replace(/^/gm, '    ').trimEnd()}\n`;
    await writeFile(join(cwd, 'p.yml'), play(vars));
    const args = ['run', '-i', 'localhost,', 'p.yml', '--vault-password-file', 'pw', '-v', '--report', 'json=r.json'];
    const { code, stdout, stderr } = await runCli(args, { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('20 chars, [REDACTED]');
    expect(`${stdout}${await read(cwd, 'r.json')}`).not.toContain('hush');
  });

  it('opens playbooks, tasks and roles that are encrypted whole', async () => {
    const tasks = '- debug: {msg: "from {{ where }}"}\n';
    const cwd = await folder({
      pw: 'one',
      'p.yml':
        '- hosts: localhost\n  connection: local\n  gather_facts: false\n  roles: [r]\n  tasks:\n    - include_tasks: t.yml\n',
      't.yml': tasks,
    });
    await mkdir(join(cwd, 'roles/r/tasks'), { recursive: true });
    await mkdir(join(cwd, 'roles/r/defaults'));
    await writeFile(join(cwd, 'roles/r/tasks/main.yml'), tasks);
    await writeFile(join(cwd, 'roles/r/defaults/main.yml'), 'where: the role\n');
    const files = ['p.yml', 't.yml', 'roles/r/tasks/main.yml', 'roles/r/defaults/main.yml'];
    await runCli(['vault', 'encrypt', '--vault-password-file', 'pw', ...files], { cwd });
    const args = ['-i', 'localhost,', '-e', 'where=outside', '--vault-password-file', 'pw'];
    const { code, stdout, stderr } = await runCli(['run', 'p.yml', ...args], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/from outside/g)).toHaveLength(2);
    const locked = await runCli(['check', 'p.yml'], { cwd });
    expect(locked).toMatchObject({ code: 1 });
    expect(locked.stderr).toContain("'p.yml' is encrypted with ansible-vault, and no vault password is given");
  });

  it('fails the task that reads a value, with its place, when there is no password', async () => {
    const cwd = await folder({ pw: 'one' });
    await writeFile(join(cwd, 'v.yml'), await sealed(cwd));
    await writeFile(join(cwd, 'p.yml'), play('  vars_files: [v.yml]\n  vars: {plain: x}\n'));
    const { code, stdout } = await runCli(['run', '-i', 'localhost,', 'p.yml'], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/v\.yml:2:\d+: the value is encrypted with ansible-vault, and no vault password is given/);
  });

  it('shows no line of a decrypted file that is no YAML', async () => {
    const cwd = await folder({
      pw: 'one',
      'group_vars_all.yml': 'token: [hush\n',
      inv: 'localhost ansible_connection=local\n',
    });
    await runCli(['vault', 'encrypt', '--vault-password-file', 'pw', 'group_vars_all.yml'], { cwd });
    const { code, stderr, stdout } = await runCli(
      ['exec', '-i', 'inv', 'all', '-e', '@group_vars_all.yml', '--vault-password-file', 'pw', '--', 'true'],
      { cwd },
    );
    expect(code).toBe(1);
    expect(stderr).toContain('group_vars_all.yml:1');
    expect(`${stdout}${stderr}`).not.toContain('hush');
  });

  it('shows nothing of an encrypted file that it sends, neither its old text nor its new one', async () => {
    const cwd = await folder({
      pw: 'one',
      's.txt': 'hush one\n',
      't.j2': 'hush {{ 1 + 1 }}\n',
      'sent.txt': 'hush old\n',
      'sent.j2': 'hush old\n',
    });
    await runCli(['vault', 'encrypt', '--vault-password-file', 'pw', 's.txt', 't.j2'], { cwd });
    const tasks =
      '[{copy: {src: s.txt, dest: "{{ playbook_dir }}/sent.txt"}}, {template: {src: t.j2, dest: "{{ playbook_dir }}/sent.j2"}}]';
    await writeFile(join(cwd, 'p.yml'), `- {hosts: localhost, gather_facts: false, tasks: ${tasks}}\n`);
    const run = (...words: string[]) =>
      runCli(['run', '-i', 'localhost,', '-c', 'local', '--report', 'json=r.json', ...words, 'p.yml'], { cwd });
    for (const words of [['--check'], []]) {
      const end = await run('--vault-password-file', 'pw', '--diff', '-vv', ...words);
      expect(end).toMatchObject({ code: 0, stderr: '' });
      expect(end.stdout).toContain('update ');
      expect(`${end.stdout}${await read(cwd, 'r.json')}`).not.toContain('hush');
    }
    expect(await read(cwd, 'sent.txt')).toBe('hush one\n');
    expect(await read(cwd, 'sent.j2')).toBe('hush 2\n');
    const locked = await run();
    expect(locked.code).toBe(2);
    expect(locked.stdout).toContain("/s.txt' is encrypted with ansible-vault, and no vault password is given");
  });
});
