import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dockerDaemonConfig } from '../../src/modules/docker-daemon-config.ts';
import { dockerRestart } from '../../src/modules/docker-restart.ts';
import type { DockerEngine } from './docker-engine.ts';
import { type DockerLab, startDockerLab } from './docker-lab.ts';
import { type ModuleHost, openModuleHost } from './module-host.ts';
import { mustRun } from './process.ts';

let lab: DockerLab;
let host: ModuleHost;
let engine: DockerEngine;

beforeAll(async () => {
  lab = await startDockerLab({ hosts: 1 });
  engine = lab.host(1).engine;
  host = await openModuleHost(lab, lab.host(1));
});

afterAll(async () => {
  await host?.close();
  await lab?.stop();
});

beforeEach(async () => {
  const all = (await engine.mustDocker('ps', '-aq')).split('\n').filter((id) => id !== '');
  if (all.length > 0) await engine.mustDocker('rm', '-f', ...all);
});

describe('docker_restart on a real engine', () => {
  test('measures both halves and says which containers came back, as check mode foretold', async () => {
    await make('back', '--restart', 'always');
    await make('gone');
    await make('temporary', '--rm');
    const pid = await engine.daemonPid();

    const check = await restart({}, true);
    expect(check.data).toMatchObject({ would_not_come_back: expect.arrayContaining(['gone', 'temporary']) });
    expect(lines(check)).toContainEqual(expect.stringMatching(/^stop container \w+ \(back, bb:1\); comes back/));
    expect(lines(check)).toContainEqual(expect.stringMatching(/\(gone, bb:1\); does not come back: it has no restart/));
    expect(await engine.daemonPid()).toBe(pid);

    const real = await restart();
    expect(real).toMatchObject({
      status: 'changed',
      data: { back: ['back'], killed: false, running_source: 'engine' },
    });
    expect(real.data.pid_before).toBe(pid);
    expect(real.data.pid_after).toBe(await engine.daemonPid());
    expect(real.data.pid_after).not.toBe(pid);
    for (const figure of [real.data.stop_ms, real.data.start_ms]) expect(figure).toBeGreaterThan(0);
    expect(names(real.data.not_back)).toEqual(['gone', 'temporary']);
    expect(await running()).toEqual(['back']);

    await engine.mustDocker('start', 'gone');
    const started = await restart({ start_stopped: true });
    expect(started.data).toMatchObject({ started: ['gone'], not_back: [] });
    expect(await running()).toEqual(['back', 'gone']);
  });

  test('refuses while something protected runs, unless told, or unless live-restore keeps it', async () => {
    await make('db-1', '--restart', 'always');
    await make('pet', '--label', 'fleetmend.keep');
    const pid = await engine.daemonPid();
    for (const protect of [{ names: ['db-*'] }, {}]) {
      const refused = await restart({ protect });
      expect(refused).toMatchObject({ status: 'failed' });
      expect(refused.data.msg).toMatch(
        /live-restore is off, so this would stop [12] protected container.*nothing was stopped/,
      );
    }
    expect(await engine.daemonPid()).toBe(pid);

    const told = await restart({ allow_protected: true });
    expect(told).toMatchObject({ status: 'changed', data: { live_restore: false, back: ['db-1'] } });

    await liveRestore(true);
    const before = await engine.mustDocker('inspect', '--format', '{{.State.Pid}}', 'db-1');
    const kept = await restart({ protect: { names: ['db-*'] } });
    expect(kept).toMatchObject({ status: 'changed', data: { live_restore: true, not_back: [] } });
    expect(await engine.mustDocker('inspect', '--format', '{{.State.Pid}}', 'db-1')).toBe(before);
    await liveRestore(false);
  });

  test('restarts a daemon that hangs: what runs is read from processes, and it is killed only when that is asked for', async () => {
    await make('web', '--restart', 'always');
    await make('db-1');
    await engine.signal('SIGSTOP');
    const hung = { list_timeout: '2s', stop_timeout: '3s', stop_command: 'true' };
    try {
      const check = await restart(hung, true);
      expect(check.data).toMatchObject({ answered_before: false, running_source: 'processes' });
      expect(check.data.running_before).toEqual(
        expect.arrayContaining([expect.objectContaining({ name: 'web', image: 'bb:1', restart: 'always' })]),
      );
      expect((await restart({ ...hung, protect: { names: ['db-*'] } })).data.msg).toMatch(
        /1 protected container.*db-1/,
      );
      const patient = await restart(hung);
      expect(patient).toMatchObject({ status: 'failed', data: { step: 'stopping', killed: false } });
      const killed = await restart({ ...hung, stop_timeout: '30s', kill_after: '1s' });
      expect(killed).toMatchObject({ status: 'changed', data: { killed: true, back: ['web'] } });
      expect(names(killed.data.not_back)).toEqual(['db-1']);
    } finally {
      await engine.signal('SIGCONT');
    }
  });

  test('says that the daemon is down when it cannot be started, and starts it when it can', async () => {
    await make('web', '--restart', 'always');
    await engine.writeConfig({ nonsense: 1 });
    const broken = await restart();
    expect(broken).toMatchObject({ status: 'failed', data: { changed: true, step: 'start' } });
    expect(broken.data.msg).toMatch(/^the daemon is stopped and could not be started: .*nonsense/s);
    await engine.writeConfig({});
    expect(await restart({ state: 'started' })).toMatchObject({ status: 'changed', data: { stop_ms: null } });
    expect(await restart({ state: 'started' })).toMatchObject({ status: 'ok' });
    const failed = await restart({ stop_command: 'echo no such thing >&2; exit 5' });
    expect(failed.data.msg).toBe('the daemon could not be stopped: status 5: no such thing; it runs as before');
    expect(await running()).toEqual(['web']);
    expect(await restart({ state: 'stopped' })).toMatchObject({ status: 'changed', data: { killed: false } });
    expect(await restart({ state: 'stopped' })).toMatchObject({ status: 'ok' });
    await engine.start();
  });
});

describe('docker_daemon_config on a real engine', () => {
  beforeEach(async () => {
    await engine.writeConfig({});
    await restart({ allow_protected: true });
  });

  test('reloads by SIGHUP what can be reloaded, and reads it back; the file keeps the rest, its mode and a backup', async () => {
    const before = '{\n    "labels": ["rack=1"],\n    "max-concurrent-downloads": 2\n}\n';
    await writeFile(engine.configFile, before, { mode: 0o640 });
    await mustRun('chmod', ['640', engine.configFile]);
    await mustRun('chown', ['0:1', engine.configFile]);
    const pid = await engine.daemonPid();
    const settings = { debug: true, 'max-concurrent-uploads': 7, 'max-concurrent-downloads': null };

    const check = await configure({ settings }, true);
    expect(check.status).toBe('changed');
    expect(lines(check).at(-1)).toMatch(/^reload the daemon \(SIGHUP\) for debug/);
    expect(await readFile(engine.configFile, 'utf8')).toBe(before);

    const real = await configure({ settings });
    expect(real).toMatchObject({
      status: 'changed',
      data: { reloaded: true, restart_needed: false, taken: ['debug', 'max-concurrent-uploads'], refused: [] },
    });
    expect(real.data.not_said).toEqual(['max-concurrent-downloads']);
    expect(await engine.mustDocker('info', '--format', '{{.Debug}} {{.Labels}}')).toBe('true [rack=1]');
    expect(await readFile(engine.configFile, 'utf8')).toBe(
      '{\n    "labels": [\n        "rack=1"\n    ],\n    "debug": true,\n    "max-concurrent-uploads": 7\n}\n',
    );
    const { mode, gid } = await stat(engine.configFile);
    expect([mode & 0o777, gid]).toEqual([0o640, 1]);
    expect(await readFile(String(real.data.backup_file), 'utf8')).toBe(before);
    expect(await configure({ settings })).toMatchObject({ status: 'ok' });
    expect(await engine.daemonPid()).toBe(pid);
  });

  test('says that a restart is needed, until it may restart; a file that keeps the daemon down is put back', async () => {
    const settings = { 'log-driver': 'local', debug: true };
    const written = await configure({ settings });
    expect(written).toMatchObject({ data: { reloaded: true, restart_needed: true, restart_keys: ['log-driver'] } });
    expect(await configure({ settings })).toMatchObject({ status: 'ok', data: { restart_needed: true } });
    const restarted = await configure({ settings, restart: true });
    expect(restarted).toMatchObject({ status: 'changed', data: { restart_needed: false, taken: ['log-driver'] } });
    expect(await engine.mustDocker('info', '--format', '{{.LoggingDriver}}')).toBe('local');

    const before = await readFile(engine.configFile, 'utf8');
    const broken = await configure({ settings: { 'storage-driver': 'nosuch' }, restart: true });
    expect(broken).toMatchObject({ status: 'failed', data: { changed: true } });
    expect(broken.data.msg).toMatch(
      /driver not supported.*the file was put back as it was, and the daemon runs with it$/s,
    );
    expect(await readFile(engine.configFile, 'utf8')).toBe(before);
    expect(await engine.mustDocker('info', '--format', '{{.LoggingDriver}}')).toBe('local');
  });

  test('loses no file that it cannot read, and writes none that the daemon refuses', async () => {
    await writeFile(engine.configFile, '{\n  "debug": tru\n}\n');
    const broken = await configure({ settings: { debug: true } });
    expect(broken.data.msg).toMatch(
      /expected \S+ to be a JSON object, found \S+daemon\.json:2:12: 'tru'; it was left as it is/,
    );
    expect(await readFile(engine.configFile, 'utf8')).toBe('{\n  "debug": tru\n}\n');

    await engine.writeConfig({});
    const twice = await configure({ settings: { pidfile: '/run/x.pid' } });
    expect(twice.data.msg).toMatch(/^pidfile would be both in \S+ and on the command line of the daemon/);
    expect((await configure({ settings: { 'log-drivr': 'x' } })).data.msg).toMatch(/did you mean 'log-driver'/);

    const refused = await configure({ settings: { nonsense: 1, debug: true }, allow_unknown: true, timeout: '2s' });
    expect(refused).toMatchObject({ status: 'failed', data: { changed: false } });
    expect(refused.data.msg).toMatch(/did not reload .* put back as it was/);
    expect(await engine.readConfig()).toEqual({});
    expect(await engine.mustDocker('info', '--format', '{{.Debug}}')).toBe('false');
  });
});

function configure(args: Record<string, unknown>, checkMode = false) {
  const commands = { stop_command: engine.commands.stop, start_command: engine.commands.start };
  return host.run(dockerDaemonConfig, { restart_with: commands, ...args }, { checkMode });
}

function restart(args: Record<string, unknown> = {}, checkMode = false) {
  const commands = { stop_command: engine.commands.stop, start_command: engine.commands.start };
  return host.run(dockerRestart, { ...commands, ...args }, { checkMode });
}

async function liveRestore(isOn: boolean): Promise<void> {
  await engine.writeConfig({ 'live-restore': isOn });
  await engine.signal('SIGHUP');
  await expect.poll(() => engine.mustDocker('info', '--format', '{{.LiveRestoreEnabled}}')).toBe(String(isOn));
}

// Ends at once when it is told to.
function make(name: string, ...options: string[]): Promise<string> {
  return engine.runContainer(name, '--stop-signal', 'KILL', ...options);
}

async function running(): Promise<string[]> {
  return (await engine.mustDocker('ps', '--format', '{{.Names}}')).split('\n').toSorted();
}

function lines(pass: { readonly changes: readonly { readonly line: string }[] }): string[] {
  return pass.changes.map(({ line }) => line);
}

function names(entries: unknown): string[] {
  return (entries as { readonly name: string }[]).map(({ name }) => name).toSorted();
}
