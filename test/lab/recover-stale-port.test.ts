import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DockerEngine } from './docker-engine.ts';
import { type DockerLab, startDockerLab, type WrittenFleet } from './docker-lab.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';
import { type Ran, run } from './process.ts';
import { makePortStale } from './stale-port.ts';

const PLAYBOOK = 'playbooks/recover-stale-port.yml';
const PORT = 8443;

let lab: DockerLab;
let fleet: WrittenFleet;

beforeAll(async () => {
  lab = await startDockerLab({ hosts: 4 });
  const [healthy, ...sick] = lab.hosts;
  fleet = await lab.writeFleet({ size: 50, healthy, sick });
  await Promise.all(lab.hosts.map(({ engine }) => makeSite(engine)));
  await Promise.all(sick.map(({ engine }) => makePortStale(engine, 'proxy')));
});

afterAll(() => lab?.stop());

describe('the incident of the port that nobody has, on a fleet of 50 hosts of which 3 are sick', () => {
  test('neither a start, nor killing docker-proxy, nor a restart of the daemon helps', async () => {
    const { engine } = lab.host(2);
    expect((await engine.docker('start', 'proxy')).stderr).toContain('port is already allocated');
    const proxies = await listeners(engine);
    expect(proxies).toHaveLength(2);
    for (const pid of proxies) process.kill(pid, 'SIGTERM');
    expect((await engine.docker('start', 'proxy')).stderr).toContain('port is already allocated');
    await engine.stopDaemon();
    await engine.start();
    expect(await listeners(engine)).toHaveLength(2);
    expect((await engine.docker('start', 'proxy')).stderr).toContain('port is already allocated');
    expect((await ask(engine)).exitCode).not.toBe(0);
  });

  test('the playbook finds the three, shows the surgery, and changes nothing', async () => {
    // All healthy names are one machine here, so they are asked a few at a time.
    const args = ['-f', '8', '-e', 'recover_settle=1s', ...restartArgs(lab.host(2).engine)];
    const found = await runPlaybook(lab, PLAYBOOK, { inventory: fleet.inventory, args });
    expect(found.exitCode).toBe(0);
    const stale = Object.keys(found.report.hosts).filter((host) => statusOf(found, host) === 'stale');
    expect(stale.toSorted()).toEqual(fleet.sick.toSorted());
    expect(fleet.healthy.map((host) => statusOf(found, host))).toEqual(fleet.healthy.map(() => 'clean'));
    expect(Object.values(found.report.hosts).every(({ changed, failed }) => changed === 0 && failed === 0)).toBe(true);
    expect(found.stdout).toContain('remove network front');
    expect(found.stdout).toContain('this is the point of no return');
    expect(found.stdout).toContain('nothing was changed; to do it: -e confirm=yes');
    expect(await listeners(lab.host(2).engine)).toHaveLength(2);
  });

  test('cured: the proxy answers again, the others are as they were, pets are saved, and it stays so', async () => {
    const { engine } = lab.host(2);
    await engine.mustDocker('start', 'cms');
    const args = ['-l', 'node2', '-e', 'confirm=yes', '-e', 'recover_settle=1s', ...restartArgs(engine)];
    const pets = ['-e', JSON.stringify({ recover_pet_names: ['cms'] })];
    const cured = await runPlaybook(lab, PLAYBOOK, { args: [...args, ...pets, '-e', journalArg()] });
    expect(cured.exitCode, cured.stdout + cured.stderr).toBe(0);
    expect((await ask(engine)).stdout).toBe('served\n');
    expect(await listeners(engine)).toHaveLength(2);
    for (const name of ['cms', 'apart']) expect(await engine.stateOf(name)).toBe('running');
    expect(await addressOf(engine, 'cms')).toBe('172.42.0.9');
    expect(await engine.mustDocker('images', '--format', '{{.Repository}}')).toContain('cms');

    await engine.stopDaemon();
    await engine.start();
    await engine.mustDocker('start', 'proxy', 'cms');
    const again = await runPlaybook(lab, PLAYBOOK, { args: [...args, '-e', journalArg()] });
    expect(again.exitCode).toBe(0);
    expect(statusOf(again, 'node2')).toBe('clean');
    expect(again.report.hosts.node2).toMatchObject({ changed: 0, failed: 0 });
    expect((await ask(engine)).stdout).toBe('served\n');
  });

  test('where the engine cannot be restarted, the next run finishes what the first began', async () => {
    const { engine } = lab.host(3);
    await engine.docker('start', 'proxy');
    const args = ['-l', 'node3', '-e', 'confirm=yes', '-e', 'recover_settle=1s', '-e', journalArg()];
    const broken = ['-e', JSON.stringify({ recover_stop_command: 'false', recover_start_command: 'false' })];
    const first = await runPlaybook(lab, PLAYBOOK, { args: [...args, ...broken] });
    expect(first.exitCode).toBe(2);
    expect(await engine.stateOf('proxy')).toBe('exited');

    const refused = await runPlaybook(lab, PLAYBOOK, {
      args: [...args, ...restartArgs(engine), '-e', 'recover_networks=front'],
    });
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout + refused.stderr).toContain('`action: resume` finishes it');

    const resume = ['-e', 'recover_networks=front', '-e', 'recover_action=resume', ...restartArgs(engine)];
    const second = await runPlaybook(lab, PLAYBOOK, { args: [...args, ...resume] });
    expect(second.exitCode, second.stdout + second.stderr).toBe(0);
    expect((await ask(engine)).stdout).toBe('served\n');
  });
});

// As in the incident: a proxy with the public port, a site behind it, and a container that has nothing to do with them.
async function makeSite(engine: DockerEngine): Promise<void> {
  await engine.mustDocker('network', 'create', '--subnet', '172.42.0.0/24', 'front');
  const serve = 'echo served >/index.html && exec /bin/busybox httpd -f -p 443 -h /';
  const proxy = ['--name', 'proxy', '--network', 'front', '-p', `${PORT}:443`, '--stop-signal', 'KILL'];
  await engine.mustDocker(
    'run',
    '-d',
    ...proxy,
    'bb:1',
    '/bin/busybox',
    'sh',
    '-c',
    serve.replace('echo', '/bin/busybox echo'),
  );
  await engine.runContainer('cms', '--network', 'front', '--ip', '172.42.0.9', '--network-alias', 'web');
  await engine.mustDocker('kill', 'cms');
  await engine.mustDocker('network', 'create', 'back');
  await engine.runContainer('apart', '--network', 'back', '--restart', 'always');
}

function restartArgs({ commands }: DockerEngine): string[] {
  return ['-e', JSON.stringify({ recover_stop_command: commands.stop, recover_start_command: commands.start })];
}

function journalArg(): string {
  return `recover_journal_dir=${lab.folder}/journal`;
}

function statusOf(ran: PlaybookRun, host: string): unknown {
  return ran.result(host, 'docker_stale_ports').result.status;
}

function addressOf(engine: DockerEngine, name: string): Promise<string> {
  return engine.mustDocker('inspect', '--format', '{{.NetworkSettings.Networks.front.IPAddress}}', name);
}

// Processes that listen on the port.
async function listeners(engine: DockerEngine): Promise<number[]> {
  const { stdout } = await inNetwork(engine, 'ss', '-ltnpH', 'sport', '=', `:${PORT}`);
  return [...stdout.matchAll(/"docker-proxy",pid=(\d+)/g)].map(([, pid]) => Number(pid));
}

// A request from outside, through docker-proxy.
function ask(engine: DockerEngine): Promise<Ran> {
  return inNetwork(engine, 'curl', '-sS', '-m', '5', `http://127.0.0.1:${PORT}/index.html`);
}

function inNetwork(engine: DockerEngine, ...words: string[]): Promise<Ran> {
  return run('nsenter', ['-t', String(engine.networkPid), '-n', ...words]);
}
