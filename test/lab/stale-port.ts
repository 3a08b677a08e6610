/** Leaves host ports to a real docker-proxy that serves nobody, as a crash of an old engine does. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerEngine } from './docker-engine.ts';

/**
 * Kills the daemon and all containers at once, as a power cut does, and takes from the engine's store what it wrote of the
 * endpoints and sandboxes of some of them, but not what its bridge driver wrote of their ports. That is what engines of 2017 left
 * behind: at each start from then on the driver takes the ports again, and nothing ever gives them back.
 *
 * Keys of the store are renamed in place: same length, same order.
 */
export async function makePortsStale(engine: DockerEngine, containers: readonly string[]): Promise<void> {
  const format =
    '{{.NetworkSettings.SandboxID}}{{range .NetworkSettings.Networks}} {{.NetworkID}}/{{.EndpointID}}{{end}}';
  const keys = (await engine.mustDocker('inspect', '--format', format, ...containers)).split('\n').flatMap((line) => {
    const [sandbox, ...endpoints] = line.split(' ');
    return [`sandbox/${sandbox}`, ...endpoints.map((endpoint) => `endpoint/${endpoint}`)];
  });
  const running = (await engine.mustDocker('ps', '-q')).split('\n');
  const pids = (await engine.mustDocker('inspect', '--format', '{{.State.Pid}}', ...running)).split('\n').map(Number);
  await engine.signal('SIGKILL');
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const store = join(engine.dataRoot, 'network/files/local-kv.db');
  let text = await readFile(store, 'latin1');
  for (const key of keys) {
    const lost = key.replace('sandbox/', 'sandbpx/').replace('endpoint/', 'endpoins/');
    if (!text.includes(`docker/network/v1.0/${key}`)) throw new Error(`the engine's store does not hold ${key}`);
    text = text.replaceAll(`docker/network/v1.0/${key}`, `docker/network/v1.0/${lost}`);
  }
  await writeFile(store, text, 'latin1');
  await engine.start();
}
