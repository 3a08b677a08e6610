/** What ansible-vault encrypts we open, and the reverse; both see the same values. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { inventoryDir } from '../inventory/inventory-dir.ts';

const PLAIN = 'token: "line, {{ not_a_variable }} ü"\nplain: 1\n';
const PLAY = `- hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [file.yml, value.yml]
  tasks:
    - copy: {content: "{{ value }}|{{ plain }}|{{ value | length }}", dest: "{{ out }}"}
`;

describe.each([
  ['default', ['--vault-password-file', 'pw']],
  ['an id', ['--vault-id', 'prod@pw']],
])('with %s', (_name, password) => {
  let dir = '';
  const at = (name: string) => join(dir, name);
  const ansible = (program: string, ...words: string[]): string => {
    const env = { ...process.env, HOME: dir, ANSIBLE_LOCALHOST_WARNING: 'False', ANSIBLE_NOCOLOR: '1' };
    const { status, stdout, stderr } = spawnSync(program, words, { cwd: dir, encoding: 'utf8', env });
    expect(`${status} ${status === 0 ? '' : stderr}`).toBe('0 ');
    return stdout;
  };
  const ours = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(words, { cwd: dir });
    expect(`${code} ${stderr}`).toBe('0 ');
    return stdout;
  };

  beforeEach(() => {
    dir = inventoryDir({ pw: 'correct horse\n', pw2: 'other\n', 'file.yml': PLAIN, 'p.yml': PLAY });
  });

  test('a file that Ansible encrypted', async () => {
    ansible('ansible-vault', 'encrypt', ...password, 'file.yml');
    expect(readFileSync(at('file.yml'), 'utf8')).toMatch(/^\$ANSIBLE_VAULT;/);
    expect(await ours('vault', 'view', ...password, 'file.yml')).toBe(PLAIN);
    await ours('vault', 'decrypt', ...password, 'file.yml');
    expect(readFileSync(at('file.yml'), 'utf8')).toBe(PLAIN);
  });

  test('a file that we encrypted and rekeyed', async () => {
    await ours('vault', 'encrypt', ...password, 'file.yml');
    await ours('vault', 'rekey', ...password, '--new-vault-password-file', 'pw2', 'file.yml');
    expect(ansible('ansible-vault', 'view', '--vault-password-file', 'pw2', 'file.yml')).toContain(
      'line, {{ not_a_variable }} ü',
    );
    ansible('ansible-vault', 'rekey', '--vault-password-file', 'pw2', '--new-vault-password-file', 'pw', 'file.yml');
    expect(await ours('vault', 'view', ...password, 'file.yml')).toBe(PLAIN);
  });

  test.each(['ours', 'theirs'])('a playbook with a file and a value of %s', async (whose) => {
    writeFileSync(at('file.yml'), 'plain: 1\n');
    const words = ['encrypt_string', ...password, '-n', 'value', 'one {{ two }}'];
    if (whose === 'ours') {
      await ours('vault', 'encrypt', ...password, 'file.yml');
      writeFileSync(at('value.yml'), await ours('vault', ...words));
    } else {
      ansible('ansible-vault', 'encrypt', ...password, 'file.yml');
      writeFileSync(at('value.yml'), ansible('ansible-vault', ...words));
    }
    ansible('ansible-playbook', '-i', 'localhost,', ...password, '-e', `out=${at('theirs')}`, 'p.yml');
    await ours('run', '-i', 'localhost,', ...password, '-e', `out=${at('ours')}`, '-q', 'p.yml');
    expect(readFileSync(at('ours'), 'utf8')).toBe('one {{ two }}|1|13');
    expect(readFileSync(at('ours'), 'utf8')).toBe(readFileSync(at('theirs'), 'utf8'));
  });

  test('inventories with encrypted values list the same', async () => {
    const value = ansible('ansible-vault', 'encrypt_string', ...password, '-n', 'v', 'hidden');
    writeFileSync(
      at('inv.yml'),
      `all:\n  hosts: {h: {plain: 1}}\n  vars:\n${value.trimEnd().replace(/^/gm, '    ')}\n`,
    );
    const theirs = ansible('ansible-inventory', '-i', 'inv.yml', '--list');
    expect(JSON.parse(await ours('inventory', '-i', 'inv.yml', '--list'))).toEqual(JSON.parse(theirs));
    writeFileSync(at('again.yml'), await ours('inventory', '-i', 'inv.yml', '--yaml'));
    const again = ansible('ansible', '-i', 'again.yml', 'h', '-c', 'local', ...password, '-m', 'debug', '-a', 'var=v');
    expect(again).toContain('"v": "hidden"');
  });
});
