/** `docker_stale_ports`: finds host ports that the engine holds for nobody. It reads only. */

import { ModuleError } from '../errors.ts';
import { defineModule, type Module, type ModuleContext, type Plan } from './contract.ts';
import { deadlineOf, durationOf, flagOf, given, invalid, listOf } from './docker/arguments.ts';
import { findHostEngine, mustCallEngine } from './docker/call.ts';
import { DOCKER_ARGS, dockerOptions, refusePodman } from './docker/docker-only.ts';
import type { Engine } from './docker/engine.ts';
import { readContainerDetails, readNetworks } from './docker/read-engine.ts';
import { confirmFindings, type Findings, findStale, isClean, type PortReading } from './docker-stale-ports/find.ts';
import { resultOf, statusOf } from './docker-stale-ports/outcome.ts';
import { type PortProxy, readProxies } from './docker-stale-ports/proxies.ts';

type StalePortsArgs = Readonly<Record<string, unknown>>;

interface StalePortsState {
  readonly engine: Engine;
  readonly findings: Findings;
  readonly doubtful: readonly PortProxy[];
}

/** The module, under `fleetmend.docker_stale_ports` and `docker_stale_ports`. */
export const dockerStalePorts: Module = defineModule<StalePortsArgs, StalePortsState>({
  spec: {
    name: 'docker_stale_ports',
    namespace: 'fleetmend',
    summary: 'Finds host ports that the engine holds though no running container has them; changes nothing',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ports: {
          type: ['array', 'string', 'integer', 'null'],
          items: { type: ['integer', 'string'] },
          description: 'Look at these host ports only, and not at endpoints; default: at all.',
        },
        fail_when_found: {
          type: ['boolean', 'string', 'null'],
          default: false,
          description: 'Fail where `status` is not clean, so that the exit code tells.',
        },
        settle: {
          type: ['string', 'number', 'null'],
          default: '5s',
          description:
            'What looks stale is looked at again after this time, since a container that is just being started or stopped looks so for a moment.',
        },
        timeout: {
          type: ['string', 'number', 'null'],
          default: '20s',
          description: 'Deadline of each call of the engine; the daemon counts as hung after it.',
        },
        ...DOCKER_ARGS,
      },
    },
    returns: {
      status:
        '`stale`: a port is held for nobody; `stale_endpoints`: only endpoints are left over; `conflict`: a running container has the port that another asks for; `clean`',
      stale_ports:
        'ports held by a docker-proxy for no running container: port, protocol, host_ip, pid, age_seconds, container_ip, container_port, network, endpoint, containers that ask for it',
      refused:
        'containers that could not be started because their port "is already allocated": port, protocol, host_ip, container, networks, held_by (stale or container), holder, message',
      stale_endpoints: 'endpoints whose container is gone or does not run: id, name, network, address, container',
      networks: 'names of the networks that must be recreated to free the stale ports',
      doubtful:
        'docker-proxy processes that may be those of another engine on the host, which were left out: pid, port, host_ip',
      engine: 'name and version of the engine',
    },
    examples: [
      `- name: Find ports held by a docker-proxy for nobody
  become: true
  docker_stale_ports:
  register: stale`,
      `- name: Fail where port 443 is lost
  become: true
  docker_stale_ports:
    ports: [443]
    fail_when_found: true`,
    ],
    checkMode: 'full',
  },

  async probe(args: StalePortsArgs, context: ModuleContext): Promise<StalePortsState> {
    const options = optionsOf(args);
    const { timeoutMs, ports } = options;
    const engine = await findHostEngine(context, options, timeoutMs);
    refusePodman(engine, 'docker_stale_ports', context.host);
    const words = ['info', '--format', '{{.DockerRootDir}}'];
    const limits = { timeoutMs, purpose: 'ask for the data root' };
    const root = (await mustCallEngine(context, options, engine, words, limits)).trim();
    const look = async () => {
      const reading = await readPorts(context, options, engine, root);
      return { findings: findStale(reading, ports), doubtful: reading.doubtful };
    };
    const first = await look();
    if (isClean(first.findings)) return { engine, ...first };
    await context.sleep(options.settleMs);
    const second = await look();
    return { engine, findings: confirmFindings(first.findings, second.findings), doubtful: second.doubtful };
  },

  plan(args: StalePortsArgs, { engine, findings, doubtful }: StalePortsState): Plan {
    const result = resultOf(findings, doubtful, engine);
    if (optionsOf(args).failWhenFound && statusOf(findings) !== 'clean') {
      throw new ModuleError(String(result.msg), result, {
        hint: '`playbooks/recover-stale-port.yml` frees the port; so does `docker_network_recreate` on its network',
      });
    }
    return { changes: [], result };
  },

  apply() {
    throw new Error('Internal error: docker_stale_ports has nothing to apply');
  },
});

function optionsOf(args: StalePortsArgs) {
  return {
    ...dockerOptions(args),
    ports: new Set(listOf(portsArg(args.ports), 'ports').map(portOf)),
    failWhenFound: flagOf(given(args.fail_when_found) ?? false, 'fail_when_found'),
    settleMs: durationOf(given(args.settle) ?? '5s', 'settle'),
    timeoutMs: deadlineOf(given(args.timeout) ?? '20s', 'timeout'),
  };
}

function portsArg(value: unknown): unknown {
  return typeof value === 'number' ? [value] : value;
}

function portOf(word: string): number {
  const port = Number(word);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw invalid(`expected \`ports\` to hold port numbers from 1 to 65535, found '${word}'`);
}

// The processes are read before and after the containers: a port is stale only if its process was there all the time.
async function readPorts(
  context: ModuleContext,
  options: ReturnType<typeof optionsOf>,
  engine: Engine,
  root: string,
): Promise<PortReading & { readonly doubtful: readonly PortProxy[] }> {
  const before = await readProxies(context, root);
  const networks = await readNetworks(context, options, engine, options.timeoutMs);
  const containers = await readContainerDetails(context, options, engine, options.timeoutMs);
  const after = await readProxies(context, root);
  const pids = new Set(before.proxies.map(({ pid }) => pid));
  return {
    proxies: after.proxies.filter(({ pid }) => pids.has(pid)),
    doubtful: after.doubtful,
    networks,
    containers,
  };
}
