import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Pass, runPass } from '../../src/engine/module-runner.ts';
import type { ModuleContext } from '../../src/modules/contract.ts';
import { findHolders } from '../../src/modules/docker-prune/holder.ts';
import { dockerPrune } from '../../src/modules/docker-prune.ts';
import type { Connection } from '../../src/transport/index.ts';
import { createStandIn } from '../modules/docker-prune/stand-in.ts';
import { noVarsFile, noWholeRun, runModule } from '../util/module-runner.ts';
import type { DockerEngine } from './docker-engine.ts';
import { type DockerLab, startDockerLab } from './docker-lab.ts';
import { connectTo } from './module-host.ts';
import { startServer, waitUntil } from './process.ts';

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly reason?: string;
  readonly cause?: string;
  readonly message?: string;
}

let lab: DockerLab;
let engine: DockerEngine;
let connection: Connection;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  lab = await startDockerLab();
  const [host] = lab.hosts;
  engine = host.engine;
  const to = await connectTo(lab, host);
  connection = to.connection;
  closers.push(to.close);
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await lab?.stop();
});

describe('docker_prune on a real engine, over ssh and sudo', () => {
  test('removes dead containers and leaves running, paused, exited and created ones', async () => {
    const crashed = await engine.runContainer('crashed');
    const crashedToo = await engine.exitContainer('crashed-too');
    await engine.makeDead([crashed, crashedToo]);
    const stuck = await engine.runContainer('stuck');
    const unpin = await engine.makePinned(stuck);
    await unpin();
    const running = await engine.runContainer('running');
    const paused = await engine.runContainer('paused');
    await engine.mustDocker('pause', paused);
    const exited = await engine.exitContainer('exited');
    const created = await engine.mustDocker('create', '--name', 'created', 'bb:1', '/bin/busybox', 'true');

    // The trap: what failed to be removed is dead, and the list's own filter does not find it.
    expect(await engine.stateOf(stuck)).toBe('dead');
    const filtered = await engine.mustDocker('ps', '-aq', '--no-trunc', '--filter', 'status=dead');
    expect(filtered.split('\n').toSorted()).toEqual([crashed, crashedToo].toSorted());

    const before = { dead: 3, running: 1, paused: 1, exited: 1, created: 1 };
    const after = { running: 1, paused: 1, exited: 1, created: 1 };
    const check = await prune({}, { checkMode: true });
    expect(check.status).toBe('changed');
    expect(check.data.counts).toEqual({ before, after: before });

    const real = await prune();
    expect(real.status).toBe('changed');
    expect(real.data.msg).toBe('removed 3 dead containers');
    expect(ids(real.data.removed)).toEqual([crashed, crashedToo, stuck].toSorted());
    expect(ids(check.data.would_remove)).toEqual(ids(real.data.removed));
    expect(check.changes).toEqual(real.changes);
    expect(real.data.counts).toEqual({ before, after });
    expect(await listed()).toEqual([running, paused, exited, created].toSorted());

    const again = await prune();
    expect(again.status).toBe('ok');
    expect(again.data.msg).toBe('no container to remove');
  });

  test('reports a container that cannot be removed with the reason of the engine, and removes the others', async () => {
    const pinned = await engine.runContainer('pinned');
    const doomed = await engine.exitContainer('doomed');
    await engine.makeDead([doomed]);
    const unpin = await engine.makePinned(pinned);

    const failed = await prune();
    expect(failed.status).toBe('failed');
    expect(ids(failed.data.removed)).toEqual([doomed]);
    const [failure] = entries(failed.data.failed);
    expect(failure).toMatchObject({ id: pinned, name: 'pinned', cause: 'not_permitted' });
    expect(failed.data.msg).toMatch(
      new RegExp(
        `^1 of 2 dead containers could not be removed: ${pinned.slice(0, 12)} \\(pinned\\): .*operation not permitted`,
      ),
    );
    // Short enough for a terminal to show its end, which says why.
    expect(failed.data.msg).not.toMatch(/[0-9a-f]{64}/);
    expect(failed.data.counts).toMatchObject({ before: { dead: 2 }, after: { dead: 1 } });

    await unpin();
    const freed = await prune();
    expect(freed.status).toBe('changed');
    expect(ids(freed.data.removed)).toEqual([pinned]);
    expect((await prune()).status).toBe('ok');
  });

  test('keeps what is protected, young, or managed by Kubernetes, and says why', async () => {
    const names = ['db-1', 'labelled', 'keep-label', 'k8s_app_pod', 'pod', 'young'];
    const options: Record<string, string[]> = {
      labelled: ['--label', 'tier=data, "quoted"\ttab'],
      'keep-label': ['--label', 'fleetmend.keep'],
      pod: ['--label', 'io.kubernetes.pod.name=web-0'],
    };
    const made = await Promise.all(names.map((name) => engine.exitContainer(name, ...(options[name] ?? []))));
    const protect = { names: ['db-*'], labels: ['tier=data, "quoted"\ttab'] };
    const result = await prune({ status: ['exited'], names, older_than: '1h', protect });
    expect(result.status).toBe('ok');
    const reasons = Object.fromEntries(entries(result.data.kept).map(({ name, reason }) => [name, reason]));
    expect(reasons).toEqual({
      'db-1': 'protected by name db-*',
      labelled: 'protected by label tier=data, "quoted"\ttab',
      'keep-label': 'protected by label fleetmend.keep',
      k8s_app_pod: 'managed by Kubernetes',
      pod: 'managed by Kubernetes',
      young: expect.stringMatching(/^younger than 1h: finished \d+/),
    });
    await engine.mustDocker('rm', ...made);
  });

  test('refuses to remove more than max_items and removes nothing', async () => {
    const made = [await engine.exitContainer('many-1'), await engine.exitContainer('many-2')];
    await expect(prune({ status: ['exited'], names: ['many-*'], max_items: 1 })).rejects.toThrow(
      '2 exited containers would be removed, more than `max_items: 1`; nothing was removed',
    );
    expect(await listed()).toEqual(expect.arrayContaining(made));
    const removed = await prune({ status: ['exited'], names: ['many-*'], max_items: 2, batch: 1, pause: 0 });
    expect(ids(removed.data.removed)).toEqual(made.toSorted());
  });

  test('finds who holds a container: another mount namespace, and an open folder', async () => {
    const [id, layer] = ['a'.repeat(64), 'b'.repeat(64)];
    const mounted = join(lab.folder, 'held', layer);
    const opened = join(lab.folder, 'held', id);
    await mkdir(mounted, { recursive: true });
    await mkdir(opened);
    const hold = `mount -t tmpfs none ${mounted}; echo ready; exec sleep 3600`;
    const servers = [startServer('unshare', ['-m', 'sh', '-c', hold])];
    servers.push(startServer('sh', ['-c', `cd ${opened}; echo ready; exec tail -f /dev/null`]));
    try {
      const [namespace, folder] = servers.map(({ pid }) => pid);
      const areReady = () => servers.every((server) => server.log().includes('ready'));
      await waitUntil(areReady, () => servers.map((server) => server.log()).join());
      const busy = new Map([[id, `unlinkat /data/overlay2/${layer}/merged: device or resource busy`]]);
      const holders = (await findHolders(contextOf(), busy)).get(id);
      expect(holders).toMatchObject([
        { pid: namespace, command: 'sleep' },
        { pid: folder, command: 'tail' },
      ]);
    } finally {
      for (const server of servers) await server.stop();
    }
  });

  test('needs nothing but busybox on the host', async () => {
    const tools = join(lab.folder, 'tools');
    await mkdir(tools);
    const applets = [
      'sh',
      'timeout',
      'tr',
      'date',
      'cat',
      'grep',
      'ls',
      'sed',
      'sort',
      'head',
      'tail',
      'readlink',
      'printf',
    ];
    applets.push('true', 'rm', 'sleep');
    for (const applet of applets) await symlink('/bin/busybox', join(tools, applet));
    const dead = { status: 'Dead', state: 'dead' };
    const standIn = await createStandIn(['hung', 'busy', 'gone'].map((name) => ({ ...dead, name })));
    try {
      await standIn.on('inspect hung', 'exec sleep 600');
      await standIn.on('rm busy', "fails 'device or resource busy'");
      const options = { shell: ['/bin/busybox', 'sh'], env: { PATH: `${standIn.folder}:${tools}` } };
      const { result } = await runModule(dockerPrune, { list_timeout: '2s', retries: 0 }, options);
      expect(entries(result.removed).map(({ name }) => name)).toEqual(['gone']);
      expect(result.failed).toMatchObject([{ cause: 'hung' }, { name: 'busy', cause: 'busy' }]);
    } finally {
      await standIn.remove();
    }
  });

  test('a stopped daemon is called hung, and works again when it goes on', async () => {
    await engine.signal('SIGSTOP');
    try {
      await expect(prune({ list_timeout: '2s' })).rejects.toThrow(
        'docker on node1 did not answer `ps` within 2 s; the daemon may be hung',
      );
    } finally {
      await engine.signal('SIGCONT');
    }
    expect((await prune()).status).toBe('ok');
  });

  test('says that it may not use the engine when it is not root', async () => {
    await expect(prune({}, { become: false })).rejects.toThrow(
      /^no permission to use docker on node1: .*permission denied/,
    );
  });
});

function prune(
  args: Record<string, unknown> = {},
  options: { checkMode?: boolean; become?: boolean } = {},
): Promise<Pass> {
  return runPass({
    runId: 'run-1',
    host: 'node1',
    module: dockerPrune,
    args,
    checkMode: options.checkMode ?? false,
    diffMode: false,
    verbosity: 0,
    searchPaths: [],
    templatePaths: [],
    render: (text) => text,
    varsPaths: [],
    readVarsFile: noVarsFile,
    wholeRun: noWholeRun,
    commandTimeoutMs: 300_000,
    signal: new AbortController().signal,
    become: options.become === false ? undefined : { method: 'sudo', user: 'root' },
    environment: {},
    connection,
    moreFollow: false,
    evaluate: () => undefined,
    holds: () => false,
    openVaultFile: (content) => content,
    placeOf: () => ({}),
    nowMs: Date.now,
  });
}

// As much of the engine's context as finding holders needs.
function contextOf(): ModuleContext {
  const { signal } = new AbortController();
  const become = { method: 'sudo' as const, user: 'root' };
  return {
    runId: 'run-1',
    host: 'node1',
    checkMode: false,
    diffMode: false,
    verbosity: 0,
    searchPaths: [],
    templatePaths: [],
    render: (text) => text,
    varsPaths: [],
    readVarsFile: noVarsFile,
    wholeRun: noWholeRun,
    timeoutMs: 60_000,
    signal,
    become,
    environment: {},
    connection,
    run: (script, options) => connection.exec({ script, become, signal, timeoutMs: 60_000, ...options }),
    evaluate: () => undefined,
    holds: () => false,
    openVaultFile: (content) => content,
    placeOf: () => ({}),
    prompt: () => Promise.reject(new Error('nobody is there')),
    reconnect: () => Promise.resolve(),
    sleep: () => Promise.resolve(),
    nowMs: Date.now,
  };
}

function entries(value: unknown): readonly Entry[] {
  return value as readonly Entry[];
}

function ids(value: unknown): string[] {
  return entries(value)
    .map(({ id }) => id)
    .toSorted();
}

async function listed(): Promise<string[]> {
  return (await engine.mustDocker('ps', '-aq', '--no-trunc')).split('\n').toSorted();
}
