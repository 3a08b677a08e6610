import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defineModule, type ModuleContext } from '../../../src/modules/contract.ts';
import { type CallEnd, callEngine, findHostEngine, mustCallEngine } from '../../../src/modules/docker/call.ts';
import { type EngineOptions, engineOptions } from '../../../src/modules/docker/engine.ts';
import { dockerPrune } from '../../../src/modules/docker-prune.ts';
import { withLocalConnection } from '../../util/local-connection.ts';
import { runModule } from '../../util/module-runner.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-call-'));
  const lines = [
    '#!/bin/sh',
    'case $1 in',
    "  --version) echo 'Docker version 24.0.9, build 0' ;;",
    '  say) shift; for word in "$@"; do echo "[$word]"; done; cat; echo "at $DOCKER_HOST" >&2 ;;',
    '  hang) exec sleep 60 ;;',
    "  network) echo 'Error response from daemon: network front not found' >&2; exit 1 ;;",
    'esac',
  ];
  await writeFile(join(folder, 'docker'), `${lines.join('\n')}\n`, { mode: 0o755 });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a call has its words as they are, its stdin, and both outputs apart', async () => {
  const words = ['say', "it's $HOME", '', '-x'];
  const end = await call(words, { stdin: Buffer.from('typed\n') });
  expect(end).toEqual({
    exitCode: 0,
    stdout: "[it's $HOME]\n[]\n[-x]\ntyped\n",
    stderr: 'at unix:///run/other.sock\n',
    truncated: false,
    reason: '',
  });
});

test('a call that fails has the cause and the reason of the engine', async () => {
  expect(await call(['network', 'rm', 'front'])).toMatchObject({
    exitCode: 1,
    cause: 'error',
    reason: 'network front not found',
  });
});

test('a call that hangs is ended on the host', async () => {
  expect(await call(['hang'], { timeoutMs: 1000 })).toMatchObject({ cause: 'hung', reason: 'no answer within 1 s' });
});

test('a call that must succeed says what it was for', async () => {
  const made = inModule(async (context, options) => {
    const engine = await findHostEngine(context, options, 5000);
    const limits = { timeoutMs: 5000, purpose: 'remove the network' };
    return mustCallEngine(context, options, engine, ['network', 'rm', 'front'], limits);
  });
  await expect(made).rejects.toThrow('could not remove the network on fake: network front not found');
});

test('a host without an engine is told apart', async () => {
  const found = inModule((context) => findHostEngine(context, engineOptions({ executable: 'no-such' }), 5000));
  await expect(found).rejects.toThrow("expected `executable` to be a command on fake, found none named 'no-such'");
});

function call(words: readonly string[], limits: { timeoutMs?: number; stdin?: Uint8Array } = {}): Promise<CallEnd> {
  return inModule(async (context, options) => {
    const engine = await findHostEngine(context, options, 5000);
    expect(engine).toEqual({ kind: 'docker', path: join(folder, 'docker'), version: '24.0.9' });
    return callEngine(context, options, engine, words, { timeoutMs: 5000, ...limits });
  });
}

// Work with what a module sees.
async function inModule<T>(work: (context: ModuleContext, options: EngineOptions) => Promise<T>): Promise<T> {
  const options = engineOptions({ executable: join(folder, 'docker'), docker_host: 'unix:///run/other.sock' });
  let made: { value: T } | undefined;
  const probe = async (_args: unknown, context: ModuleContext) => {
    made = { value: await work(context, options) };
  };
  const module = defineModule<unknown, void>({ ...dockerPrune, probe, plan: () => ({ changes: [] }) });
  const { result } = await withLocalConnection({}, (connection) => runModule(module, {}, { connection }));
  if (made === undefined) throw new Error(String(result.msg));
  return made.value;
}
