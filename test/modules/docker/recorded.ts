/** What a real engine (20.10.24, asked by a client 28.2.2) and the processes of its host said. */
import { readFileSync } from 'node:fs';
import { type ContainerDetails, parseDetails } from '../../../src/modules/docker/details.ts';
import { type Network, parseNetwork } from '../../../src/modules/docker/networks.ts';
import { parseScriptLines, type ScriptLine } from '../../../src/modules/docker/script.ts';

export interface Recorded {
  readonly proxies: readonly ScriptLine[];
  readonly networks: readonly Network[];
  readonly containers: readonly ContainerDetails[];
  network(name: string): Network;
  container(name: string): ContainerDetails;
}

/**
 * `stale-port`: the daemon was killed while `proxy` had port 18080 in network `br-x3`, and found the port in its store
 * again, but not the endpoint. `cms`, `f1`, `side` (in the network of cms) and `once` run.
 */
export function readRecorded(name: 'stale-port'): Recorded {
  const file = new URL(`recorded/${name}.json`, import.meta.url);
  const json = JSON.parse(readFileSync(file, 'utf8')) as Record<'proxies' | 'networks' | 'containers', unknown[]>;
  const networks = json.networks.map((each) => present(parseNetwork(JSON.stringify(each)), 'network'));
  const containers = json.containers.map((each) => present(parseDetails(JSON.stringify(each)), 'container'));
  return {
    proxies: parseScriptLines(json.proxies.join('\n')),
    networks,
    containers,
    network: (wanted) =>
      present(
        networks.find((each) => each.name === wanted),
        wanted,
      ),
    container: (wanted) =>
      present(
        containers.find((each) => each.name === wanted),
        wanted,
      ),
  };
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`not recorded: ${what}`);
  return value;
}
