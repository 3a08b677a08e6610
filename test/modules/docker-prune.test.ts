import { afterEach, describe, expect, test } from 'vitest';
import { runPass } from '../../src/engine/module-runner.ts';
import { ModuleError, TransportError } from '../../src/errors.ts';
import { dockerPrune } from '../../src/modules/docker-prune.ts';
import { createLocalTransport } from '../../src/transport/index.ts';
import { type ModuleRun, noVarsFile, noWholeRun, runModule } from '../util/module-runner.ts';
import { createStandIn, idOf, type StandIn, type StandInContainer } from './docker-prune/stand-in.ts';

let engine: StandIn;

afterEach(() => engine.remove());

const DEAD = { status: 'Dead', state: 'dead', finishedAt: '2026-11-02T10:00:00.5Z' };
const RUNNING = { name: 'web', status: 'Up 3 hours', state: 'running' };

describe('selecting', () => {
  test('looks at containers that ps calls removing, and leaves a removal that is really in progress', async () => {
    await start([
      { ...DEAD, name: 'stuck', status: 'Removal In Progress' },
      { name: 'going', status: 'Removal In Progress', state: 'removing' },
      RUNNING,
    ]);
    const { status, result } = await prune();
    expect(status).toBe('changed');
    expect(names(result.removed)).toEqual(['stuck']);
    expect(result.kept).toEqual([{ id: idOf('going'), name: 'going', reason: 'its removal is in progress' }]);
    expect(result.counts).toEqual({ before: { dead: 1, removing: 1, running: 1 }, after: { removing: 1, running: 1 } });
  });

  test('never inspects what cannot be selected', async () => {
    await start([RUNNING, { ...DEAD, name: 'old' }]);
    await prune({}, { checkMode: true });
    expect(await engine.calls()).toEqual(['ps', `inspect ${idOf('old')}`]);
  });

  test('removes nothing in check mode and names what the run then removes', async () => {
    await start([
      { ...DEAD, name: 'a' },
      { ...DEAD, name: 'b' },
    ]);
    const check = await prune({}, { checkMode: true });
    const real = await prune();
    expect(check.result.would_remove).toEqual(real.result.removed);
    expect(check.changes).toEqual(real.changes);
    expect(check.result.msg).toBe('would remove 2 dead containers');
    expect((await prune()).status).toBe('ok');
  });

  test('finds podman behind the name docker, and its interrupted removals', async () => {
    await start(
      [
        { ...DEAD, name: 'half', status: 'removing', state: 'removing' },
        { ...RUNNING, status: 'running' },
      ],
      'podman version 4.3.1',
    );
    const { result } = await prune();
    expect(names(result.removed)).toEqual(['half']);
    expect(result.engine).toEqual({ name: 'podman', version: '4.3.1' });
  });
});

describe('removing', () => {
  test('calls rm with the full ID, without force and without volumes', async () => {
    await start([{ ...DEAD, name: 'a' }]);
    await prune();
    const calls = await engine.calls();
    expect(calls.filter((call) => call.startsWith('rm'))).toEqual([`rm ${idOf('a')}`]);
  });

  test('tries a busy container again and succeeds when it is free', async () => {
    await start([{ ...DEAD, name: 'busy' }]);
    await engine.on('rm busy', `if [ -f freed ]; then forget; else : > freed; fails '${BUSY}'; fi`);
    const { status, result } = await prune();
    expect(status).toBe('changed');
    expect(names(result.removed)).toEqual(['busy']);
  });

  test('gives up on a container that stays busy after the retries and removes the others', async () => {
    await start([
      { ...DEAD, name: 'busy' },
      { ...DEAD, name: 'free' },
    ]);
    await engine.on('rm busy', `fails '${BUSY}'`);
    const slept: number[] = [];
    const { status, result } = await prune({ retries: 2, retry_delay: '7s' }, { slept });
    expect(status).toBe('failed');
    expect(slept).toEqual([7000, 7000]);
    expect(names(result.removed)).toEqual(['free']);
    expect(result.failed).toMatchObject([{ name: 'busy', cause: 'busy' }]);
    expect(result.msg).toBe(
      `1 of 2 dead containers could not be removed: ${idOf('busy').slice(0, 12)} (busy): ${BUSY.replace('Error response from daemon: ', '')}`,
    );
  });

  test('keeps a container that was started between the list and its removal', async () => {
    await start([
      { name: 'back', status: 'Exited (0) 1 hour ago', state: 'exited', finishedAt: '2026-11-02T10:00:00Z' },
    ]);
    await engine.on(
      'rm back',
      "fails 'Error response from daemon: You cannot remove a running container. Stop the container before attempting removal or force remove'",
    );
    const { status, result } = await prune({ status: 'exited' });
    expect(status).toBe('ok');
    expect(result.kept).toEqual([{ id: idOf('back'), name: 'back', reason: 'running again since it was listed' }]);
  });

  test('looks at each batch again before its turn', async () => {
    const exited = { status: 'Exited (1) 2 days ago', state: 'exited' };
    await start([
      { ...exited, name: 'a', finishedAt: '2026-11-02T10:00:00Z' },
      { ...exited, name: 'b', finishedAt: '2026-11-03T10:00:00Z' },
    ]);
    const other = JSON.stringify([idOf('b'), '/b', 'app:1', 'sha256:00', '', 'exited', '2026-11-20T00:00:00Z', null]);
    const { result } = await prune(
      { status: ['exited'], batch: 1, pause: '1m' },
      { onSleep: () => engine.on('inspect b', `out='${other}'`) },
    );
    expect(names(result.removed)).toEqual(['a']);
    expect(result.kept).toEqual([{ id: idOf('b'), name: 'b', reason: 'exited again since it was listed' }]);
  });

  test('says of a container that someone else removed that it is gone', async () => {
    await start([{ ...DEAD, name: 'gone' }]);
    await engine.on('rm gone', 'forget; fails "Error: No such container: $id"');
    const { status, result } = await prune();
    expect(status).toBe('ok');
    expect(result.already_gone).toEqual([{ id: idOf('gone'), name: 'gone' }]);
  });

  test('does not believe an rm that says it succeeded while the container is still there', async () => {
    await start([{ ...DEAD, name: 'ghost' }]);
    await engine.on('rm ghost', 'echo "$id"');
    const { status, result } = await prune();
    expect(status).toBe('failed');
    expect(result.failed).toMatchObject([{ name: 'ghost', cause: 'still_there' }]);
    expect(result.removed).toEqual([]);
  });

  test('stops at a daemon that went away and names what was not tried', async () => {
    await start(['a', 'b', 'c'].map((name, i) => ({ ...DEAD, name, finishedAt: `2026-11-0${i + 1}T00:00:00Z` })));
    const down = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
    await engine.on('rm b', `echo 'echo "${down}" >&2; exit 1' > on/ps; fails '${down}'`);
    const { result, warnings } = await prune();
    expect(names(result.removed)).toEqual(['a']);
    expect(result.failed).toMatchObject([
      { name: 'b', cause: 'daemon_down' },
      { name: 'c', cause: 'not_tried' },
    ]);
    expect(result.counts).toMatchObject({ after: null });
    expect(warnings).toEqual([`the containers could not be listed again: docker is not running on fake: ${down}`]);
  });

  test('keeps what was done when the run is interrupted in the middle', async () => {
    await start(['a', 'b', 'c'].map((name, i) => ({ ...DEAD, name, finishedAt: `2026-11-0${i + 1}T00:00:00Z` })));
    const interrupt = new AbortController();
    await engine.on('rm b', 'exec sleep 600');
    const transport = createLocalTransport({ environment: { PATH: `${engine.folder}:${process.env.PATH}` } });
    const connection = await transport.connect(LOCAL, interrupt.signal);
    const running = runPass({ ...PASS, connection, signal: interrupt.signal }).catch((error: unknown) => error);
    try {
      await expect.poll(() => engine.calls(), { timeout: 10_000 }).toContain(`rm ${idOf('b')}`);
      interrupt.abort(new TransportError('INTERRUPTED', 'Interrupted'));
      const error = await running;
      if (!(error instanceof ModuleError)) throw error;
      expect(error.code).toBe('INTERRUPTED');
      expect(error.message).toContain('1 of 3 dead containers was removed before');
      expect(names(error.result.removed)).toEqual(['a']);
      expect(error.result.failed).toMatchObject([
        { name: 'b', cause: 'interrupted' },
        { name: 'c', cause: 'not_tried' },
      ]);
    } finally {
      await connection.close();
      await transport.close();
    }
  });
});

describe('what hangs', () => {
  test('a container whose inspect hangs is reported, and the others are removed', async () => {
    await start([
      { ...DEAD, name: 'hung' },
      { ...DEAD, name: 'fine' },
    ]);
    await engine.on('inspect hung', 'exec sleep 600');
    const { status, result } = await prune({ list_timeout: '2s' });
    expect(status).toBe('failed');
    expect(names(result.removed)).toEqual(['fine']);
    expect(result.failed).toEqual([
      { id: idOf('hung'), name: '', cause: 'hung', message: 'docker did not answer `inspect` within 2.0 s' },
    ]);
    expect(result.msg).toBe(
      `1 of 2 dead containers could not be removed: ${idOf('hung').slice(0, 12)}: docker did not answer \`inspect\` within 2.0 s`,
    );
  });

  test('is a failure also when nothing else is to be removed', async () => {
    await start([{ ...DEAD, name: 'hung' }]);
    await engine.on('inspect hung', 'exec sleep 600');
    const { status, result } = await prune({ list_timeout: '2s' });
    expect(status).toBe('failed');
    expect(result.failed).toMatchObject([{ cause: 'hung' }]);
    expect(result.msg).toMatch(/^1 of 1 container could not be removed: /);
  });

  test('two removals in a row without an answer end the task, and one that was carried out after all counts', async () => {
    await start(['a', 'b', 'c'].map((name, i) => ({ ...DEAD, name, finishedAt: `2026-11-0${i + 1}T00:00:00Z` })));
    await engine.on('rm a', 'forget; exec sleep 600');
    await engine.on('rm b', 'exec sleep 600');
    const { result } = await prune({ timeout: '2s' });
    expect(names(result.removed)).toEqual(['a']);
    expect(result.failed).toMatchObject([
      { name: 'b', cause: 'hung', message: 'no answer to `rm` within 2 s' },
      { name: 'c', cause: 'not_tried' },
    ]);
  });

  test('a daemon that does not answer ps is called hung', async () => {
    await start([]);
    await engine.on('ps', 'exec sleep 600');
    const { status, result } = await prune({ list_timeout: '2s' });
    expect(status).toBe('failed');
    expect(result.msg).toBe('docker on fake did not answer `ps` within 2 s; the daemon may be hung');
  });
});

describe('what cannot work', () => {
  test.each([
    [
      'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?',
      /^docker is not running on fake: Cannot connect/,
    ],
    [
      'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix: connect: permission denied',
      /^no permission to use docker on fake: Got permission denied/,
    ],
    [
      'Error response from daemon: open /db: input/output error',
      /^could not list the containers on fake: open \/db: input\/output error$/,
    ],
  ])('fails with the reason of the engine: %s', async (text, message) => {
    await start([]);
    await engine.on('ps', `echo '${text}' >&2; exit 1`);
    const { status, result } = await prune();
    expect(status).toBe('failed');
    expect(result.msg).toMatch(message);
  });

  test('says which engine is missing', async () => {
    await start([]);
    const { result } = await prune({ executable: '/nowhere/docker' });
    expect(result.msg).toBe("expected `executable` to be a command on fake, found none named '/nowhere/docker'");
  });
});

const BUSY =
  'Error response from daemon: driver "overlay2" failed to remove root filesystem: unlinkat /var/lib/docker/overlay2/1e62/merged: device or resource busy';

const LOCAL = {
  name: 'fake',
  kind: 'local' as const,
  address: null,
  port: 22,
  user: '',
  privateKeyFiles: [],
  hostKeyPolicy: 'off' as const,
  knownHostsFiles: [],
  connectTimeoutMs: 1000,
  authTimeoutMs: 1000,
};

const PASS = {
  runId: 'run-1',
  host: 'fake',
  module: dockerPrune,
  args: {},
  checkMode: false,
  diffMode: false,
  verbosity: 0,
  searchPaths: [],
  templatePaths: [],
  render: (text: string) => text,
  varsPaths: [],
  readVarsFile: noVarsFile,
  wholeRun: noWholeRun,
  commandTimeoutMs: 60_000,
  environment: {},
  moreFollow: false,
  evaluate: () => undefined,
  holds: () => false,
  openVaultFile: (content: Buffer) => content,
  placeOf: () => ({}),
  nowMs: Date.now,
};

async function start(containers: readonly StandInContainer[], version?: string): Promise<void> {
  engine = await createStandIn(containers, version);
}

function prune(
  args: Record<string, unknown> = {},
  options: { checkMode?: boolean; slept?: number[]; onSleep?: () => Promise<void> } = {},
): Promise<ModuleRun> {
  return runModule(dockerPrune, args, {
    checkMode: options.checkMode,
    env: { PATH: `${engine.folder}:${process.env.PATH}` },
    sleep: async (durationMs) => {
      options.slept?.push(durationMs);
      await options.onSleep?.();
    },
  });
}

function names(entries: unknown): string[] {
  return (entries as readonly { name: string }[]).map(({ name }) => name);
}
