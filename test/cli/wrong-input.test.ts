import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newKeyPair } from '../../src/cli/demo/key-pair.ts';
import { startFleet } from './embedded-fleet.ts';
import { runCli, testFolder } from './run-cli.ts';

/** Runs one playbook text against one local host; answers what went wrong. */
async function runPlaybook(text: string, ...more: string[]) {
  const dir = await testFolder();
  await writeFile(join(dir, 'play.yml'), text);
  return runCli(['run', 'play.yml', '-i', 'web1,', '-c', 'local', ...more], { cwd: dir });
}

describe('playbooks', () => {
  it('unknown keyword', async () => {
    const run = await runPlaybook('- hosts: all\n  taks:\n    - ping:\n');
    expect(run).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        "fleetmend: play.yml:2:3: unknown keyword 'taks' in a play; did you mean 'tasks'?\n  2 |   taks:\n    |   ^\n",
    });
  });

  it('bad indentation', async () => {
    const run = await runPlaybook('- hosts: all\n  tasks:\n    - name: one\n       ping:\n');
    expect(run).toMatchObject({
      code: 1,
      stderr:
        'fleetmend: play.yml:4:8: bad indentation: expected 6 spaces, found 7\n  4 |        ping:\n    |        ^\n',
    });
  });

  it('unknown module and unknown argument, both at once', async () => {
    const run = await runPlaybook('- hosts: all\n  tasks:\n    - shel: ls\n    - copy: {sorce: a, dest: b}\n');
    expect(run.code).toBe(1);
    expect(run.stderr).toBe(
      "fleetmend: play.yml:3:7: unknown module 'shel'; did you mean 'shell'?\n  3 |     - shel: ls\n    |       ^\n" +
        "play.yml:4:14: module 'copy' has no argument 'sorce'; did you mean 'force'?\n  4 |     - copy: {sorce: a, dest: b}\n    |              ^\n",
    );
  });

  it('undefined variable in `when`', async () => {
    const run = await runPlaybook('- hosts: all\n  tasks:\n    - ping:\n      when: inventory_hostnam == "web1"\n');
    expect(run.code).toBe(2);
    expect(run.stdout).toContain(
      "failed: web1 => play.yml:4:13: 'inventory_hostnam' is undefined; did you mean 'inventory_hostname'?",
    );
  });

  it('--syntax-check and check read only', async () => {
    const dir = await testFolder();
    await writeFile(join(dir, 'play.yml'), '- hosts: all\n  tasks: [{ping: }]\n');
    for (const args of [
      ['run', '--syntax-check', 'play.yml'],
      ['check', 'play.yml'],
    ]) {
      expect(await runCli(args, { cwd: dir })).toEqual({ code: 0, stdout: 'play.yml: fine\n', stderr: '' });
    }
  });

  it('a playbook that is not there', async () => {
    const run = await runCli(['run', 'nosuch.yml', '-i', 'web1,']);
    expect(run.code).toBe(1);
    expect(run.stderr).toBe("fleetmend: playbook 'nosuch.yml' does not exist\n");
  });
});

describe('inventory', () => {
  const exec = async (args: readonly string[], setUp?: (dir: string) => Promise<void>) => {
    const dir = await testFolder();
    await setUp?.(dir);
    const run = await runCli(['exec', 'all', ...args, '-m', 'ping'], { cwd: dir });
    return { ...run, stderr: run.stderr.replaceAll(dir, 'DIR') };
  };

  it('a missing file', async () => {
    const run = await exec(['-i', 'nosuch.ini']);
    expect(run.code).toBe(1);
    expect(run.stderr).toBe(
      "fleetmend: inventory 'nosuch.ini' was not found; for a host of that name write 'nosuch.ini,' with a comma\n",
    );
  });

  it('none given', async () => {
    const run = await exec([]);
    expect(run).toMatchObject({
      code: 1,
      stderr:
        'fleetmend: no inventory is given\n  pass -i FILE, set `inventory` in fleetmend.yml, or FLEETMEND_INVENTORY\n',
    });
  });

  it('a regular expression of hosts that is none, known only when the play begins', async () => {
    const run = await runPlaybook('- hosts: "{{ p }}"\n  tasks:\n    - ping:\n', '-e', 'p=~web(');
    expect(run).toMatchObject({
      code: 1,
      stderr:
        "fleetmend: play.yml:1:11: pattern '~web(' cannot be used: 'web(' is no regular expression here: Unterminated group\n  ':' and ',' split patterns; use '.' for them in a regular expression\n  1 | - hosts: \"{{ p }}\"\n    |           ^\n",
    });
    // One of the command line stands in no file.
    const exec = await runCli(['exec', '~web(', '-i', 'web1,', '-c', 'local', '--', 'true']);
    expect(exec).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^fleetmend: pattern '~web\(' cannot be used: /m),
    });
  });

  it('no host matches the pattern', async () => {
    const dir = await testFolder();
    const run = await runCli(['exec', 'nosuch', '-i', 'web1,', '-m', 'ping'], { cwd: dir });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('fleetmend: no play matched a host: nothing was done\n');
    const allowed = await runCli(['exec', 'nosuch', '-i', 'web1,', '-m', 'ping', '--allow-empty'], { cwd: dir });
    expect(allowed.code).toBe(0);
  });

  const rancher = (script: string | undefined) => async (dir: string) => {
    await writeFile(join(dir, 'rancher.yml'), 'plugin: rancher\ncli: ./rancher\nversion: v1\ntimeout: 1\n');
    if (script === undefined) return;
    await writeFile(join(dir, 'rancher'), `#!/bin/sh\n${script}\n`);
    await chmod(join(dir, 'rancher'), 0o755);
  };

  it('Rancher CLI missing', async () => {
    const run = await exec(['-i', 'rancher.yml'], rancher(undefined));
    expect(run.code).toBe(1);
    expect(run.stderr).toBe(
      "fleetmend: inventory program 'DIR/rancher env ls -a --format json' could not be started: there is no such program (ENOENT); " +
        "install the Rancher CLI, or set 'cli:' in the inventory file to its path\n",
    );
  });

  it('Rancher CLI failing: its error, printed on stdout, is shown', async () => {
    const run = await exec(
      ['-i', 'rancher.yml'],
      rancher(`echo 'time="2026" level=fatal msg="Bad response statusCode [401]. Status [401 Unauthorized]."'; exit 1`),
    );
    expect(run.code).toBe(1);
    expect(run.stderr).toBe(
      "fleetmend: inventory program 'DIR/rancher env ls -a --format json' exited with status 1; check the API key\nstdout:\n" +
        '  time="2026" level=fatal msg="Bad response statusCode [401]. Status [401 Unauthorized]."\n',
    );
  });

  it('Rancher CLI empty', async () => {
    const run = await exec(['-i', 'rancher.yml'], rancher('exit 0'));
    expect(run.code).toBe(1);
    expect(run.stderr).toBe(
      "fleetmend: inventory program 'DIR/rancher env ls -a --format json' listed no environments (it exited with status 0); " +
        'an account API key sees them all\n',
    );
  });

  it('Rancher CLI hanging', async () => {
    const run = await exec(['-i', 'rancher.yml'], rancher('sleep 60'));
    expect(run.code).toBe(1);
    expect(run.stderr).toBe(
      "fleetmend: inventory program 'DIR/rancher env ls -a --format json' did not end within 1.0 s and was killed\n",
    );
  });
});

describe('keys', () => {
  it('an unreadable key', async () => {
    const dir = await testFolder();
    const fleet = await startFleet(dir, { web1: 'normal' });
    const run = await runCli(['exec', 'all', ...fleet.args, '--private-key', join(dir, 'nosuch'), '-m', 'ping'], {
      cwd: dir,
    });
    expect(run.code).toBe(4);
    expect(run.stderr).toContain(
      `web1: unreachable: Could not read the private key '${join(dir, 'nosuch')}': there is no such file\n`,
    );
  });

  it('an encrypted key without passphrase', async () => {
    const dir = await testFolder();
    const fleet = await startFleet(dir, { web1: 'normal' });
    const key = newKeyPair('ed25519', {
      cipher: 'aes256-ctr',
      passphrase: 'open sesame',
      rounds: 4,
    });
    await writeFile(join(dir, 'locked'), key.private, { mode: 0o600 });
    const run = await runCli(['exec', 'all', ...fleet.args, '--private-key', join(dir, 'locked'), '-m', 'ping'], {
      cwd: dir,
    });
    expect(run.code).toBe(4);
    expect(run.stderr).toContain(
      `web1: unreachable: The private key '${join(dir, 'locked')}' is encrypted and no passphrase was given\n`,
    );
    expect(run.stdout).toContain(
      '\nhint: load it into an agent (ssh-add), or give --passphrase-command or --ask-passphrase\n',
    );
  });
});

describe('become', () => {
  it('no sudo rights', async () => {
    const dir = await testFolder();
    const fleet = await startFleet(dir, { web1: 'normal' });
    await writeFile(join(dir, 'sudo'), "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n");
    await chmod(join(dir, 'sudo'), 0o755);
    const run = await runCli(
      ['exec', 'all', ...fleet.args, '-b', '-e', `ansible_become_exe=${join(dir, 'sudo')}`, '-m', 'ping'],
      {
        cwd: dir,
      },
    );
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(
      'web1: failed: sudo on web1 asks for a password; use -K, ansible_become_password, or NOPASSWD in sudoers\n',
    );
  });
});

describe('the command line', () => {
  it('a become method that does not exist', async () => {
    const run = await runCli(['exec', 'all', '-i', 'web1,', '-b', '--become-method', 'pbrun', '-a', 'id']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("expected the become method to be one of 'sudo', 'su', 'doas', found 'pbrun'");
  });

  it('an unknown option suggests the near one', async () => {
    const run = await runCli(['run', 'play.yml', '--fork', '3']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("error: unknown option '--fork'\n(Did you mean --forks?)");
  });

  it.each([
    [['--forks', '0'], "expected `--forks` to be a positive whole number, found '0'"],
    [
      ['--command-timeout', 'soon'],
      "expected `--command-timeout` to be a duration such as 30, '90s', '5m' or '1h30m', found 'soon'",
    ],
    [['--report', 'jsn=x'], "did you mean 'json'?"],
    [['--report', 'json', '--report', 'junit'], 'Only one report can go to standard output'],
    [['--report', 'json=nosuch/dir.json'], 'directory'],
    [['--lock-wait', 'ever'], "expected `--lock-wait` to be 'skip', 'none' or a duration such as 5m, found 'ever'"],
    [['-e', 'novalue'], "expected `-e` to be key=value words, a JSON map or @FILE, found 'novalue'"],
  ])('%j', async (args, message) => {
    const run = await runPlaybook('- hosts: all\n  tasks: [{ping: }]\n', ...args);
    expect(run.code).toBe(1);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain(message);
  });
});

it('a password given in a file is in no output, at any verbosity, and in no report', async () => {
  const dir = await testFolder();
  const fleet = await startFleet(dir, { web1: 'normal' });
  await writeFile(join(dir, 'secret'), 'correct horse battery\n');
  await writeFile(
    join(dir, 'play.yml'),
    '- hosts: all\n  vars: {ansible_become_password: hunter22}\n  tasks:\n    - {name: "{{ ansible_become_password }}", shell: "echo {{ ansible_become_password }} correct horse battery"}\n',
  );
  const run = await runCli(
    ['run', 'play.yml', ...fleet.args, '--connection-password-file', 'secret', '-vvvv', '--report', 'json'],
    { cwd: dir },
  );
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout + run.stderr).not.toMatch(/correct horse battery/);
  expect(run.stdout).toContain('[REDACTED]');
});
