import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startEmbeddedSshHost } from '../../src/cli/demo/embedded-ssh-host.ts';
import { newKeyPair } from '../../src/cli/demo/key-pair.ts';
import { containerFile, STAND_IN_DOCKER } from '../../src/cli/demo/stand-in-docker.ts';
import { runCli, testFolder } from './run-cli.ts';

// What the commands of the set-up need of docker: ps -aq with a status filter, and rm -f of many.
const DOCKER = `#!/bin/sh
case $1 in
  ps) cd "$HOME/containers" && grep -l '^dead$' * ;;
  rm) shift 2; cd "$HOME/containers" && rm -- "$@" ;;
esac
`;

// Stands for sudo: says that it was asked, and runs the command as the same user.
const SUDO = `#!/bin/sh
echo "$@" >>"$HOME/sudo.log"
while :; do case $1 in -u | -p) shift 2 ;; -*) shift ;; *) break ;; esac; done
exec "$@"
`;

it('an ansible.cfg with a host file and the two ad-hoc commands of the old cron job work word for word', async () => {
  const dir = await testFolder();
  const key = newKeyPair();
  await writeFile(join(dir, 'aws-prd.pem'), key.private, { mode: 0o600 });
  const addresses = ['127.0.9.1', '127.0.9.2'];
  let port = 0;
  for (const address of addresses) {
    const home = join(dir, address);
    await mkdir(join(home, 'containers'), { recursive: true });
    await mkdir(join(home, 'bin'));
    for (const [name, text] of [
      ['docker', DOCKER],
      ['sudo', SUDO],
    ] as const) {
      await writeFile(join(home, 'bin', name), text);
      await chmod(join(home, 'bin', name), 0o755);
    }
    for (const [id, state] of [
      ['aa', 'dead'],
      ['bb', 'dead'],
      ['cc', 'running'],
    ] as const) {
      await writeFile(
        join(home, 'containers', id),
        containerFile({ id, name: id, image: 'i', state, finishedAt: '-' }),
      );
    }
    const host = await startEmbeddedSshHost({
      directory: home,
      address,
      port,
      environment: { PATH: `${join(home, 'bin')}:${process.env.PATH}` },
      authorizedKeys: [key.public],
    });
    onTestFinished(() => host.close());
    port = host.port;
  }
  await writeFile(join(dir, 'all_hosts_ip'), `${addresses.join('\n')}\n`);
  await writeFile(
    join(dir, 'ansible.cfg'),
    `[defaults]\nhostfile=${dir}/all_hosts_ip\nhost_key_checking = False\nremote_user = ubuntu\nremote_port = ${port}\nprivate_key_file=${dir}/aws-prd.pem\n`,
  );
  const first = await runCli(
    ['exec', 'all', '--sudo', '-m', 'shell', '-a', 'docker ps -aq --filter status=dead > ~/dead', '-vvvv'],
    { cwd: dir },
  );
  expect(first.code, first.stderr).toBe(0);
  const second = await runCli(
    ['exec', 'all', '--sudo', '-m', 'shell', '-a', 'cat ~/dead | xargs docker rm -f', '-vvvv'],
    { cwd: dir },
  );
  expect(second.code, second.stderr).toBe(0);
  for (const address of addresses) {
    expect(await readdir(join(dir, address, 'containers'))).toEqual(['cc']);
    expect(await readFile(join(dir, address, 'sudo.log'), 'utf8')).toContain('-u root');
  }
});

it('the stand-in docker of the demo says what it is', () => {
  expect(STAND_IN_DOCKER).toContain('no engine');
});
