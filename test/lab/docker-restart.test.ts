import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dockerRestart } from '../../src/modules/docker-restart.ts';
import type { DockerEngine } from './docker-engine.ts';
import { type DockerLab, startDockerLab } from './docker-lab.ts';
import { type ModuleHost, openModuleHost } from './module-host.ts';

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
