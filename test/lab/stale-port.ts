/** Leaves a host port to a real docker-proxy that serves nobody, as a crash of an old engine does. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerEngine } from './docker-engine.ts';

/**
 * Kills the daemon and all containers at once, as a power cut does, and takes from the engine's store what it wrote of a
 * container's endpoint and sandbox, but not what its bridge driver wrote of the endpoint's ports. That is what engines of 2017 left
 * behind: at each start from then on the driver takes the ports again, and nothing ever gives them back.
 *
 * @param container - the only one in its network that runs, of at most two that run
 */
export async function makePortStale(engine: DockerEngine, container: string): Promise<void> {
  const format = '{{.NetworkSettings.SandboxID}}{{range .NetworkSettings.Networks}} {{.NetworkID}}{{end}}';
  const [sandbox = '', network = ''] = (await engine.mustDocker('inspect', '--format', format, container)).split(' ');
  const running = (await engine.mustDocker('ps', '-q')).split('\n');
  const state = ['inspect', '--format', '{{.State.Pid}} {{.NetworkSettings.SandboxID}}', ...running];
  const others = (await engine.mustDocker(...state)).split('\n').map((line) => line.split(' '));
  await engine.signal('SIGKILL');
  for (const [pid] of others) process.kill(Number(pid), 'SIGKILL');
  // Keys are renamed in place, so they keep their length and their order: the store finds keys by bisection.
  const isLast = others.every(([, other = '']) => other <= sandbox);
  const lastDigit = network.at(-1) === '0' ? '1' : '0';
  await renameKeys(join(engine.dataRoot, 'network/files/local-kv.db'), [
    [`sandbox/${sandbox}`, `${isLast ? 'sandbpx' : 'sandbnx'}/${sandbox}`],
    [`endpoint/${network}/`, `endpoint/${network.slice(0, -1)}${lastDigit}/`],
  ]);
  await engine.start();
}

async function renameKeys(store: string, keys: readonly (readonly [string, string])[]): Promise<void> {
  const prefix = 'docker/network/v1.0/';
  let text = await readFile(store, 'latin1');
  for (const [from, to] of keys) {
    if (!text.includes(prefix + from)) throw new Error(`the engine's store does not hold ${from}`);
    text = text.replaceAll(prefix + from, prefix + to);
  }
  await writeFile(store, text, 'latin1');
}
