import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

test('standard output that cannot be written is said, and is not exit code 0', async () => {
  const dir = await testFolder();
  await writeFile(join(dir, 'hosts'), 'web1\n');
  // Opened for reading only: every write fails, as on a full disk.
  const file = await open(join(dir, 'hosts'), 'r');
  onTestFinished(() => file.close());
  const { code, stderr } = await runCli(['inventory', '-i', 'hosts', '--graph'], { cwd: dir, stdoutFd: file.fd });
  expect(stderr).toMatch(/^fleetmend: cannot write to standard output: EBADF/);
  expect(code).toBe(1);
});
