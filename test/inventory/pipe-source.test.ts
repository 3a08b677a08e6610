/** Named pipes stand for `<(command)`: to the reader they are the same. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readPipe } from '../../src/inventory/pipe-source.ts';
import { errorOf, inventoryDir, load, varsOf } from './inventory-dir.ts';

/** A pipe that this shell command writes to. */
function pipeOf(command: string, directory = inventoryDir({}), name = 'pipe'): string {
  const path = join(directory, name);
  expect(spawnSync('mkfifo', [path])).toMatchObject({ status: 0 });
  // A group of its own, so that all of it ends with the test.
  const writer: ChildProcess = spawn('sh', ['-c', `exec > "$0"; ${command}`, path], {
    detached: true,
    stdio: 'ignore',
  });
  onTestFinished(() => {
    if (writer.exitCode === null && writer.signalCode === null) process.kill(-(writer.pid as number), 'SIGKILL');
  });
  return path;
}

test('all that comes is read, also when it comes slowly', async () => {
  const path = pipeOf('printf "web1\\n"; sleep 0.2; printf "web2 name=J\\303\\244ger\\n"');
  const content = await readPipe(path, 'pipe', { timeoutMs: 30_000 });
  expect(content.toString()).toBe('web1\nweb2 name=Jäger\n');
});

test('nothing is an error, since a command that fails prints nothing', async () => {
  const error = await errorOf(readPipe(pipeOf('exit 1'), '/dev/fd/63', { timeoutMs: 30_000 }));
  expect(error).toMatchObject({
    code: 'INVENTORY_SOURCE_FAILED',
    message: 'the pipe /dev/fd/63 gave nothing: did its command fail?',
  });
});

test('a pipe that does not end is left at its deadline', async () => {
  const error = await errorOf(readPipe(pipeOf('echo web1; sleep 300'), 'pipe', { timeoutMs: 200 }));
  expect(error).toMatchObject({
    code: 'INVENTORY_SOURCE_FAILED',
    message: 'the pipe pipe did not end within 200 ms (--inventory-timeout)',
  });
});

test('a pipe that nobody writes to is left at its deadline', async () => {
  const path = join(inventoryDir({}), 'pipe');
  spawnSync('mkfifo', [path]);
  const error = await errorOf(readPipe(path, 'pipe', { timeoutMs: 200 }));
  expect(error.message).toBe('the pipe pipe did not end within 200 ms (--inventory-timeout)');
});

test('more than any list of hosts is refused while it still comes', async () => {
  const error = await errorOf(readPipe(pipeOf('exec cat /dev/zero'), 'pipe', { timeoutMs: 60_000 }));
  expect(error).toMatchObject({ code: 'INVENTORY_SOURCE_FAILED', message: 'the pipe pipe gave more than 64 MiB' });
});

test('an interrupt ends the reading with its own reason', async () => {
  const abort = new AbortController();
  const reason = new Error('interrupted');
  const reading = errorOf(readPipe(pipeOf('sleep 300'), 'pipe', { timeoutMs: 60_000, signal: abort.signal }));
  abort.abort(reason);
  expect(await reading).toBe(reason);
  expect(await errorOf(readPipe('unused', 'pipe', { timeoutMs: 60_000, signal: abort.signal }))).toBe(reason);
});

test('a pipe in an inventory directory is read as one, and its kind is decided by its content', async () => {
  const directory = inventoryDir({ a: 'db1\n' });
  mkdirSync(join(directory, 'sub'));
  pipeOf('echo "web: {hosts: {web1: {level: yaml}}}"', directory, 'b');
  pipeOf('echo "web2 level=ini"', join(directory, 'sub'), 'c');
  const inventory = await load(directory, '.');
  expect([...inventory.hosts.keys()]).toEqual(['db1', 'web1', 'web2']);
  expect([varsOf(inventory, 'web1'), varsOf(inventory, 'web2')]).toEqual([{ level: 'yaml' }, { level: 'ini' }]);
});

test('what came is kept for who reads the sources again', async () => {
  const directory = inventoryDir({});
  pipeOf('echo web1', directory, 'pipe');
  const pipes = new Map<string, Buffer>();
  await load(directory, 'pipe', { pipes });
  const again = await load(directory, 'pipe', { pipes });
  expect([...again.hosts.keys()]).toEqual(['web1']);
});

test('what is no text is refused', async () => {
  const binary = inventoryDir({});
  pipeOf('printf "a\\000b"', binary, 'pipe');
  const error = await errorOf(load(binary, 'pipe'));
  expect(error.message).toBe('pipe is neither text nor an executable program; is it the right file?');
});
