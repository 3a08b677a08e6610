import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAnsibleCfg } from '../../src/cli/ansible-cfg.ts';
import { loadConfig, yamlKey } from '../../src/cli/config.ts';
import { mergeSettings } from '../../src/cli/merge-settings.ts';
import { SETTINGS } from '../../src/cli/settings.ts';
import { testFolder } from './run-cli.ts';

async function place(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const cwd = await testFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(cwd, name, '..'), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return { cwd, home: join(cwd, 'home'), env };
}

describe('precedence', () => {
  it('flags beat the environment, that beats fleetmend.yml of the project, of the user, and ansible.cfg', async () => {
    const at = await place(
      {
        'fleetmend.yml': 'forks: 2\nport: 2\nuser: two\ntimeout: 2\n',
        'home/.config/fleetmend/fleetmend.yml': 'user: three\ntimeout: 3\nauth_timeout: 3\nbecome: yes\n',
        'ansible.cfg':
          '[defaults]\nremote_user=four\nforks=4\nprivate_key_file=keys/id\n[privilege_escalation]\nbecome=False\n',
      },
      { FLEETMEND_FORKS: '1', FLEETMEND_PORT: '1' },
    );
    const { settings, files } = loadConfig(at);
    expect(mergeSettings({ forks: '9' }, settings)).toEqual({
      forks: 9,
      port: 1,
      user: 'two',
      connectTimeout: 2000,
      authTimeout: 3000,
      become: true,
      privateKey: join(at.cwd, 'keys/id'),
    });
    expect(files.map((file) => file.slice(at.cwd.length + 1))).toEqual([
      'fleetmend.yml',
      'home/.config/fleetmend/fleetmend.yml',
      'ansible.cfg',
    ]);
  });

  it('our own variable beats that of Ansible', async () => {
    const { settings } = loadConfig(
      await place({}, { ANSIBLE_FORKS: '5', FLEETMEND_FORKS: '6', ANSIBLE_HOST_KEY_CHECKING: 'False' }),
    );
    expect(settings).toEqual({ forks: 6, hostKeys: 'off' });
  });

  it('paths of a file are relative to it, host lists and ~ are not touched', async () => {
    const at = await place({ 'fleetmend.yml': 'inventory: [hosts.ini, "web1,"]\nprivate_key: ~/.ssh/id\n' });
    expect(loadConfig(at).settings).toEqual({
      inventory: [join(at.cwd, 'hosts.ini'), 'web1,'],
      privateKey: '~/.ssh/id',
    });
  });
});

describe('mistakes', () => {
  it('all unknown keys of fleetmend.yml are named at once, with their places', async () => {
    const at = await place({ 'fleetmend.yml': 'fork: 2\ninventroy: x\n' });
    expect(() => loadConfig(at)).toThrow(
      `${at.cwd}/fleetmend.yml:1:1: unknown setting 'fork'; did you mean 'forks'?\n  1 | fork: 2\n    | ^\n` +
        `${at.cwd}/fleetmend.yml:2:1: unknown setting 'inventroy'; did you mean 'inventory'?\n  2 | inventroy: x\n    | ^`,
    );
  });

  it('a mistake of syntax is worded as in a playbook, and told alone', async () => {
    const at = await place({ 'fleetmend.yml': 'fork: 2\nuser: "ops\ninventory: hosts\n' });
    expect(() => loadConfig(at)).toThrow(
      new RegExp(
        `^${at.cwd}/fleetmend.yml:2:7: the quote " that opens here is never closed; [^\n]+\n  2 . user: "ops\n    .       \\^$`,
      ),
    );
  });

  it('a line that seems to hold a password is not shown', async () => {
    const at = await place({ 'fleetmend.yml': 'become_password: hunter2\n' });
    expect(() => loadConfig(at)).toThrow(/^\S+fleetmend.yml:1:1: unknown setting 'become_password'[^\n]*$/);
    expect(() => loadConfig(at)).not.toThrow(/hunter2/);
  });

  it.each([
    ['fleetmend.yml', 'forks: many\n', "1:1: expected `forks` to be a positive whole number, found 'many'"],
    [
      'ansible.cfg',
      '[defaults]\n\n  timeout = soon\n',
      "3:3: expected `timeout` in [defaults] to be a duration such as 30, '90s', '5m' or '1h30m', found 'soon'",
    ],
  ])('a value that cannot be used, in %s', async (file, text, message) => {
    const at = await place({ [file]: text });
    expect(() => loadConfig(at)).toThrow(message);
  });

  it('an ansible.cfg where everyone can write is ignored with a warning', async () => {
    const at = await place({ 'ansible.cfg': '[defaults]\nforks=3\n' });
    await chmod(at.cwd, 0o777);
    expect(loadConfig(at)).toMatchObject({
      settings: {},
      warnings: [`ansible.cfg is ignored, since everyone can write to ${at.cwd}`],
    });
  });
});

describe('ansible.cfg', () => {
  it('reads old and new names, comments and ssh_args', () => {
    const text = [
      '; a comment',
      '[defaults]',
      'hostfile = hosts ; behind a value',
      'host_key_checking: False',
      'gathering = smart',
      '[ssh_connection]',
      'ssh_args = -C -o ControlPersist=60s -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no',
    ].join('\n');
    const found = parseAnsibleCfg(text, 'ansible.cfg');
    expect(found.get('inventory')?.value).toEqual(['hosts']);
    expect(found.get('hostKeys')?.value).toBe('False');
    expect(found.get('sshArgs')?.value).toMatch(/^-C .*StrictHostKeyChecking=no$/);
  });
});

it('docs/configuration.md has a row for every setting', async () => {
  const { readFile } = await import('node:fs/promises');
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  for (const spec of Object.values(SETTINGS)) {
    const row = page.split('\n').find((line) => line.includes(`\`${spec.variable}\``));
    expect(row, spec.variable).toContain(`\`${spec.flag}\``);
    expect(row).toContain(`\`${yamlKey(spec)}\``);
  }
});
