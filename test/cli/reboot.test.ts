import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type EmbeddedSshHost, startEmbeddedSshHost } from '../../src/cli/demo/embedded-ssh-host.ts';
import { newKeyPair } from '../../src/cli/demo/key-pair.ts';

import { runCli, testFolder } from './run-cli.ts';

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

interface Machine {
  readonly dir: string;
  readonly home: string;
  readonly port: number;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Runs a playbook of these tasks; the results of the first one, by the JSON report. */
  run(tasks: string, words?: readonly string[]): Promise<{ code: number | null; text: string; result: Result }>;
}

interface Result {
  readonly status: string;
  readonly failure?: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>>;
}

/** A machine whose boot id is a file, and whose SSH server the test stops and starts. */
async function startMachine(): Promise<Machine> {
  const dir = await testFolder();
  const home = join(dir, 'home');
  await mkdir(home);
  const [key, hostKey] = [newKeyPair(), newKeyPair()];
  await writeFile(join(dir, 'key'), key.private, { mode: 0o600 });
  await writeFile(join(home, 'boot_id'), 'first\n');
  let host: EmbeddedSshHost | undefined;
  let port = 0;
  const start = async (): Promise<void> => {
    host = await startEmbeddedSshHost({
      directory: home,
      port,
      environment: { PATH: process.env.PATH },
      authorizedKeys: [key.public],
      hostPrivateKey: hostKey.private,
    });
    port = host.port;
  };
  await start();
  onTestFinished(() => host?.close());
  await writeFile(join(dir, 'known_hosts'), `[127.0.0.1]:${port} ${host?.hostKey}\n`);
  await writeFile(join(dir, 'hosts'), `box ansible_host=127.0.0.1 ansible_port=${port}\n`);
  return {
    dir,
    home,
    port,
    start,
    stop: async () => host?.close(),
    run: async (tasks, words = []) => {
      await writeFile(join(dir, 'play.yml'), `- hosts: all\n  tasks:\n${tasks}`);
      const reach = ['-i', 'hosts', '--private-key', 'key', '--known-hosts', 'known_hosts'];
      const end = await runCli(['run', 'play.yml', ...reach, '--report', 'json=report.json', ...words], { cwd: dir });
      const report = JSON.parse(await readFile(join(dir, 'report.json'), 'utf8'));
      return { code: end.code, text: end.stdout + end.stderr, result: report.plays[0].tasks[0].hosts.box };
    },
  };
}

const REBOOT = `    - reboot:
        boot_time_command: cat boot_id
        reboot_command: touch rebooting; sleep 60
`;

it('reboot waits until the host was away and is back with another boot, and later tasks run there', async () => {
  const machine = await startMachine();
  const running = machine.run(`${REBOOT}    - {name: after, shell: touch after}\n`);
  await expect.poll(() => exists(join(machine.home, 'rebooting')), { timeout: 15_000 }).toBe(true);
  await machine.stop();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await writeFile(join(machine.home, 'boot_id'), 'second\n');
  await machine.start();
  const { code, text, result } = await running;
  expect(code, text).toBe(0);
  expect(result).toMatchObject({ status: 'changed', result: { changed: true, rebooted: true } });
  expect(result.result.elapsed).toBeGreaterThanOrEqual(1);
  expect(await exists(join(machine.home, 'after'))).toBe(true);
});

it('reboot fails when the host comes back without a boot, and says so', async () => {
  const machine = await startMachine();
  const { code, result } = await machine.run(`    - reboot:
        boot_time_command: cat boot_id
        reboot_command: 'true'
        reboot_timeout: 1
`);
  expect(code).toBe(2);
  expect(result).toMatchObject({
    status: 'failed',
    result: {
      rebooted: false,
      msg: "no boot within 1 s; the last attempt: the host did not boot: it still says 'first'",
    },
  });
});

it('reboot tells at once of a command that cannot do it', async () => {
  const machine = await startMachine();
  const { result } = await machine.run(`    - reboot:
        boot_time_command: cat boot_id
        reboot_command: echo Operation not permitted >&2; exit 4
`);
  expect(result).toMatchObject({
    status: 'failed',
    result: { rebooted: false, rc: 4, msg: 'the reboot command ended with 4: Operation not permitted' },
  });
});

it('reboot does nothing in check mode, and never reboots this machine', async () => {
  const machine = await startMachine();
  const { code, result } = await machine.run(REBOOT, ['--check']);
  expect(code).toBe(0);
  expect(result).toMatchObject({ status: 'changed', result: { rebooted: true, elapsed: 0 } });
  expect(await exists(join(machine.home, 'rebooting'))).toBe(false);
  const local = await machine.run(REBOOT, ['-c', 'local']);
  expect(local.result).toMatchObject({
    status: 'failed',
    result: { msg: "a host is rebooted over SSH only, not over the connection 'local'" },
  });
  expect(await exists(join(machine.dir, 'rebooting'))).toBe(false);
});

it('wait_for_connection waits for a host that cannot be reached yet', async () => {
  const machine = await startMachine();
  await machine.stop();
  const running = machine.run('    - wait_for_connection:\n        timeout: 30\n    - {shell: touch after}\n');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await machine.start();
  const { code, text, result } = await running;
  expect(code, text).toBe(0);
  expect(result).toMatchObject({ status: 'ok', result: { changed: false } });
  expect(await exists(join(machine.home, 'after'))).toBe(true);
});

it('wait_for_connection fails when its time is over', async () => {
  const machine = await startMachine();
  await machine.stop();
  const { code, result } = await machine.run('    - wait_for_connection:\n        timeout: 1\n');
  expect(code).toBe(2);
  expect(result).toMatchObject({
    status: 'failed',
    result: {
      elapsed: 1,
      msg: `no connection within 1 s; the last attempt: Connection refused by 127.0.0.1:${machine.port}`,
    },
  });
});
