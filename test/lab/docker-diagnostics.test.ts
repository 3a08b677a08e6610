import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DockerEngine } from './docker-engine.ts';
import { type DockerLab, startDockerLab } from './docker-lab.ts';
import { runPlaybook } from './playbook-run.ts';
import { mustRun, waitUntil } from './process.ts';

const COLLECT = 'playbooks/collect-docker-diagnostics.yml';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SECRET = 'correct-horse-battery';
const CONFIG = '{"labels": ["rack=7"]}\n';

let lab: DockerLab;
let engine: DockerEngine;

beforeAll(async () => {
  lab = await startDockerLab({ hosts: 1 });
  engine = lab.host(1).engine;
  await writeFile(engine.configFile, CONFIG);
  await chmod(engine.configFile, 0o640);
});

afterAll(() => lab?.stop());

test('check mode says what it would do and does none of it', async () => {
  const log = await readFile(engine.logFile, 'utf8');
  const { exitCode, stdout } = await collect(['--check'], 'checked/');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`set debug in ${engine.configFile} for 10 s and put it back`);
  expect(await readFile(engine.logFile, 'utf8')).toBe(log);
  await expect(stat(join(lab.folder, 'checked'))).rejects.toThrow('ENOENT');
});

test('stacks, debug messages and all else are fetched; the host is as it was, and no secret is in them', async () => {
  const id = await engine.runContainer('pet', '--env', `DB_PASSWORD=${SECRET}`);
  const pid = await engine.daemonPid();
  const before = await hostState();

  const collecting = collect(['-e', 'diagnostics_debug_for=4s'], 'all/');
  await waitUntil(isDebugOn, () => 'debug was not switched on');
  // A request that the daemon logs with its body.
  await engine.mustDocker('create', '--name', 'late', '--env', `TOKEN=${SECRET}`, 'bb:1', '/bin/busybox', 'true');
  const { exitCode, result } = await collecting;

  expect(exitCode).toBe(0);
  expect(result('node1', 'docker_diagnostics').result).toMatchObject({ debug: ['on', 'off'], daemon: { pid } });
  const folder = await unpack('all');
  expect(await readFile(join(folder, 'dockerd-stacks.txt'), 'utf8')).toContain('daemon.(*Daemon).setupDumpStackTrap');
  expect(await readFile(join(folder, 'containerd-stacks.txt'), 'utf8')).toMatch(/goroutine \d+ \[/);
  const log = await readFile(join(folder, 'log-log'), 'utf8');
  expect(log).toContain('level=debug msg="form data: [redacted]"');
  expect(await readFile(join(folder, 'containers.txt'), 'utf8')).toContain(`${id}\tpet\t`);
  expect(await readFile(join(folder, 'mounts.txt'), 'utf8')).toContain(`as pid ${pid} sees it`);
  for (const file of await readdir(folder))
    expect(await readFile(join(folder, file), 'utf8'), file).not.toContain(SECRET);

  expect(await hostState()).toEqual(before);
  expect(await isDebugOn()).toBe(false);
  expect(await engine.daemonPid()).toBe(pid);
  expect(await engine.stateOf(id)).toBe('running');
});

test('a package that would be too large is cut where it is longest', async () => {
  // Text that does not pack.
  const noise = Array.from({ length: 40_000 }, () => Math.random().toString(36).slice(2));
  const file = join(lab.folder, 'noise.log');
  await writeFile(file, noise.join('\n'));
  await appendFile(file, '\nthe end\n');
  const variables = { diagnostics_log_files: [file], diagnostics_max_size: '150KB' };
  const { result } = await collect(['-e', JSON.stringify(variables)], 'cut/', { diagnostics_debug_for: 0 });
  const { size_bytes: sizeBytes, shortened } = result('node1', 'docker_diagnostics').result;
  expect(sizeBytes).toBeLessThanOrEqual(150_000);
  expect(shortened).toMatchObject({ 'log-noise.log': expect.any(Number) as number });
  expect(await readFile(join(await unpack('cut'), 'log-noise.log'), 'utf8')).toMatch(/the end\n$/);
});

test.each([
  ['', false],
  [', also when the daemon reads it late', true],
])('an interrupt while debug is on puts daemon.json back and leaves nothing%s', async (_when, isLate) => {
  const before = await hostState();
  const variables = { diagnostics_debug_for: '50s', diagnostics_dest: join(lab.folder, 'broken/') };
  const words = ['src/cli/main.ts', 'run', COLLECT, '-i', lab.inventory, '-e', JSON.stringify(variables)];
  const run = spawn(process.execPath, words, { cwd: ROOT, stdio: 'ignore' });
  const ended = once(run, 'exit');
  await waitUntil(isDebugOn, () => 'debug was not switched on');
  if (isLate) await engine.signal('SIGSTOP');
  run.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  if (isLate) {
    await setTimeout(3000);
    await engine.signal('SIGCONT');
  }
  await waitUntil(
    async () => !(await isDebugOn()),
    () => 'debug is still on',
  );
  await expect.poll(hostState, { timeout: 30_000 }).toEqual(before);
  expect(await isDebugOn()).toBe(false);
});

async function collect(args: readonly string[], dest: string, variables: Readonly<Record<string, unknown>> = {}) {
  const all = { diagnostics_log_files: [engine.logFile], ...variables, diagnostics_dest: join(lab.folder, dest) };
  return await runPlaybook(lab, COLLECT, { args: ['-e', JSON.stringify(all), ...args] });
}

async function unpack(dest: string): Promise<string> {
  const [run = ''] = await readdir(join(lab.folder, dest));
  const folder = join(lab.folder, `${dest}-unpacked`);
  await mkdir(folder);
  await mustRun('tar', ['-C', folder, '-xzf', join(lab.folder, dest, run, 'node1.tgz')]);
  return join(folder, 'node1');
}

async function isDebugOn(): Promise<boolean> {
  return (await engine.mustDocker('info', '--format', '{{.Debug}}')) === 'true';
}

// What collecting may not leave changed.
async function hostState(): Promise<unknown> {
  const { mode, uid, gid } = await stat(engine.configFile);
  return {
    config: await readFile(engine.configFile, 'utf8'),
    owner: [mode, uid, gid],
    beside: await readdir(join(engine.configFile, '..')),
    dumps: (await readdir(engine.execRoot)).filter((name) => name.startsWith('goroutine')),
    packages: (await readdir('/tmp')).filter((name) => /^fleetmend-diagnostics/.test(name) && isOurs(name)),
  };
}

// Other tests collect on this machine too, from hosts of other names.
function isOurs(name: string): boolean {
  return existsSync(join('/tmp', name, 'node1'));
}
