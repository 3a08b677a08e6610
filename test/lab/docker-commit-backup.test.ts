import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerCommitBackup } from '../../src/modules/docker-commit-backup.ts';
import { withLocalConnection } from '../util/local-connection.ts';
import { runModule } from '../util/module-runner.ts';
import { type DockerLab, startDockerLab } from './docker-lab.ts';

let lab: DockerLab;

beforeAll(async () => {
  lab = await startDockerLab({ hosts: 1 });
});

afterAll(() => lab?.stop());

test('commits pets, keeps the newest, and removes no image of others', async () => {
  const { engine } = lab.host(1);
  await engine.runContainer('mail.relay');
  await engine.mustDocker('exec', 'mail.relay', '/bin/busybox', 'sh', '-c', 'echo letter > /letter');
  await engine.runContainer('other');
  const args = { names: ['mail*'], keep: 2, max_age: 0 };

  const check = await backup(args, true);
  expect(check.changes.map(({ line }) => line)).toEqual([
    expect.stringMatching(/^commit container mail\.relay \([0-9a-f]{12}, running\) to image mail\.relay:\d{8}T\d{6}Z$/),
  ]);
  expect(await images()).toEqual(['bb:1']);

  const first = await backup(args);
  expect(first.status).toBe('changed');
  const [made] = first.result.committed as { image: string; size_bytes: number }[];
  expect(made?.size_bytes).toBeGreaterThan(1_000_000);
  expect(await images()).toEqual(['bb:1', made?.image]);
  const letter = ['run', '--rm', made?.image ?? '', '/bin/busybox', 'cat', '/letter'];
  expect(await engine.mustDocker(...letter)).toBe('letter');

  expect((await backup({ ...args, max_age: '1h' })).status).toBe('ok');

  // Someone's own image of a container from the backup has the backup's labels too.
  await engine.mustDocker('run', '--name', 'copy', made?.image ?? '', '/bin/busybox', 'true');
  await engine.mustDocker('commit', 'copy', 'derived:1');
  await engine.mustDocker('rm', 'copy');
  await nextSecond();
  const second = (await backup(args)).result.committed as { image: string }[];
  await nextSecond();
  const third = await backup(args);
  expect(third.result.pruned).toEqual([made?.image]);
  const left = [...second, ...(third.result.committed as { image: string }[])].map(({ image }) => image);
  expect(await images()).toEqual(['bb:1', 'derived:1', ...left].toSorted());
  expect(third.result.failed).toEqual([]);

  async function images(): Promise<string[]> {
    const text = await engine.mustDocker('images', '--format', '{{.Repository}}:{{.Tag}}');
    return text.split('\n').toSorted();
  }
});

// Tags are dated to the second.
async function nextSecond(): Promise<void> {
  await setTimeout(1000 - (Date.now() % 1000) + 10);
}

function backup(args: Readonly<Record<string, unknown>>, checkMode = false) {
  const environment = { DOCKER_HOST: `unix://${lab.host(1).engine.socket}` };
  return withLocalConnection(environment, (connection) =>
    runModule(dockerCommitBackup, args, { connection, checkMode }),
  );
}
