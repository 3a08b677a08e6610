import { describe, expect, test } from 'vitest';
import type { ContainerDetails } from '../../../src/modules/docker/details.ts';
import type { Network } from '../../../src/modules/docker/networks.ts';
import { protectRules } from '../../../src/modules/docker/protect.ts';
import { connectWords, createWords, differences } from '../../../src/modules/docker-network-recreate/command-words.ts';
import { parseJournal } from '../../../src/modules/docker-network-recreate/journal.ts';
import { stepsLeft } from '../../../src/modules/docker-network-recreate/operate.ts';
import { undoOrder } from '../../../src/modules/docker-network-recreate/perform.ts';
import { reasonsAgainst } from '../../../src/modules/docker-network-recreate/refuse.ts';
import {
  describeStep,
  planSurgery,
  type SurgeryOptions,
} from '../../../src/modules/docker-network-recreate/surgery.ts';
import { faultsOf } from '../../../src/modules/docker-network-recreate/verify.ts';
import { readRecorded } from '../docker/recorded.ts';

const recorded = readRecorded('stale-port');
const NOBODY = new Map<string, string>();

describe('the words that make a network again', () => {
  test('hold its subnets, gateways, range, kept addresses, flags, options and labels', () => {
    expect(createWords(recorded.network('full')).join(' ')).toBe(
      '--driver bridge --ipv6 --internal --attachable --subnet 172.43.0.0/24 --ip-range 172.43.0.128/25 --gateway 172.43.0.254 --aux-address a=172.43.0.9 --subnet fd00:43::/64 --gateway fd00:43::1 --opt com.docker.network.bridge.name=brx --label x=y',
    );
  });

  test('turn IPv4 off only where there is no IPv4 subnet, since a new client says so of an old daemon', () => {
    const network = recorded.network('br-x3');
    expect(network.ipv4).toBe(false);
    expect(createWords(network)).not.toContain('--ipv4=false');
    expect(createWords({ ...network, ipv6: true, addresses: [{ subnet: 'fd00::/64', auxiliary: {} }] })).toContain(
      '--ipv4=false',
    );
  });

  test('a gateway that the engine chose by itself is no difference, another subnet is', () => {
    const before = { ...recorded.network('br-x3'), addresses: [{ subnet: '172.42.0.0/24', auxiliary: {} }] };
    expect(differences(before, recorded.network('br-x3'))).toEqual([]);
    expect(differences(recorded.network('br-x3'), recorded.network('full'))).toContain("without '172.42.0.0/24'");
  });
});

describe('the words that connect a container again', () => {
  const network = recorded.network('full');
  const endpoint = (name: string) => endpointOf(recorded.container(name), 'full');

  test('hold what was asked for, without the alias that the engine adds', () => {
    expect(connectWords(endpoint('f1'), network, 'fixed')).toEqual([
      ...['--ip', '172.43.0.77', '--ip6', 'fd00:43::77', '--alias', 'al'],
    ]);
  });

  test('hold links, and the address that it happens to have unless only fixed ones are wanted', () => {
    const links = ['--alias', 'q', '--link', 'cms:db'];
    expect(connectWords(endpoint('cms'), network, 'fixed')).toEqual(links);
    expect(connectWords(endpoint('cms'), network, 'same')).toEqual([
      ...['--ip', '172.43.0.128', '--ip6', 'fd00:43::2', ...links],
    ]);
  });
});

describe('the surgery of a network', () => {
  const surgery = plan('br-x3');

  test('stops in the reverse order of starting, one that shares a network before its owner', () => {
    expect(lines(surgery)).toEqual([
      'stop container side',
      'stop container once',
      'stop container cms',
      'disconnect container once from network br-x3',
      'disconnect container cms from network br-x3',
      'disconnect container proxy from network br-x3',
      'remove network br-x3; this is the point of no return',
      'create network br-x3 with --driver bridge --subnet 172.42.0.0/24 --gateway 172.42.0.1',
      'connect container cms to network br-x3 with --ip 172.42.0.2 --alias web',
      'connect container once to network br-x3 with --ip 172.42.0.3',
      'connect container proxy to network br-x3 with --ip 172.42.0.2 --alias web',
      'start container cms',
      'start container once',
      'start container side',
      'verify network br-x3, addresses, gateways, and that each container runs',
    ]);
  });

  test('starts those with an address of their own first where the others take any', () => {
    const fixed = { ...recorded.container('cms'), startedAt: '2026-11-21T23:00:00Z' };
    const containers = recorded.containers.map((each) => (each.id === fixed.id ? fixed : each));
    const made = (addresses: 'same' | 'fixed') =>
      lines(planSurgery(recorded.network('br-x3'), containers, { addresses, startAlso: [] }, NOBODY)).filter((line) =>
        line.startsWith('start'),
      );
    expect(made('fixed')).toEqual(['start container cms', 'start container once', 'start container side']);
    expect(made('same')).toEqual(['start container once', 'start container cms', 'start container side']);
  });

  test('starts a container too that was refused its port', () => {
    const also = plan('br-x3', { startAlso: ['proxy'] });
    expect(lines(also).filter((line) => line.startsWith('start'))).toEqual([
      'start container cms',
      'start container once',
      'start container side',
      'start container proxy',
    ]);
    expect(also.patients.find(({ name }) => name === 'proxy')?.mustRun).toBe(true);
    expect(() => plan('br-x3', { startAlso: ['prox'] })).toThrow("found 'prox', which is none");
  });

  test('says which address a container asks for from now on', () => {
    expect(surgery.patients.filter(({ isPinned }) => isPinned).map(({ name }) => name)).toEqual(['once']);
    expect(plan('br-x3', { addresses: 'fixed' }).patients.some(({ isPinned }) => isPinned)).toBe(false);
  });

  test('drops an endpoint whose container is gone, and leaves dead containers alone', () => {
    const containers = recorded.containers
      .filter(({ name }) => name !== 'once')
      .map((each) => (each.name === 'proxy' ? { ...each, state: 'dead' as const } : each));
    const made = planSurgery(recorded.network('br-x3'), containers, { addresses: 'same', startAlso: [] }, NOBODY);
    expect(lines(made)).toContain('drop endpoint once, whose container is gone, from network br-x3');
    expect(lines(made).join()).not.toContain('proxy');
  });
});

describe('what is not touched', () => {
  const none = { protect: protectRules(undefined), allowProtected: false };
  const against = (network: Network, containers = recorded.containers, options = none) =>
    reasonsAgainst(network, recorded.networks, containers, options);
  const changed = (name: string, change: Partial<ContainerDetails>) =>
    recorded.containers.map((each) => (each.name === name ? { ...each, ...change } : each));
  const front = recorded.network('br-x3');

  test('the engine’s own networks, those of a cluster, and those that are configurations', () => {
    expect(against(recorded.network('bridge'))[0]).toContain("is the engine's own");
    expect(against({ ...front, scope: 'swarm', driver: 'overlay' })[0]).toContain("it is the cluster's");
    expect(against({ ...front, configOnly: true })[0]).toContain('but a configuration');
    expect(reasonsAgainst(front, [front, front], [], none)).toEqual(['there are 2 networks named br-x3']);
  });

  test('containers that are removed by their stop, managed by others, paused or protected', () => {
    expect(against(front)).toEqual(['container once was started with --rm: to stop it would remove it']);
    expect(against(front, changed('cms', { labels: { 'io.kubernetes.pod.name': 'web' } }))).toContain(
      'container cms is managed by Kubernetes',
    );
    expect(against(front, changed('cms', { labels: { 'com.docker.swarm.task.id': 'x' } }))).toContain(
      'container cms is managed by swarm',
    );
    expect(against(front, changed('cms', { state: 'paused' }))).toContain('container cms is paused; unpause it first');
    const kept = changed('side', { labels: { 'fleetmend.keep': '' } });
    expect(against(front, kept)).toContain('container side is protected by label fleetmend.keep');
    expect(against(front, kept, { ...none, allowProtected: true })).not.toContain(
      'container side is protected by label fleetmend.keep',
    );
  });
});

describe('a journal', () => {
  const surgery = plan('br-x3');
  const read = (...log: string[]) => parseJournal('/j', [JSON.stringify({ version: 1, surgery }), ...log].join('\n'));

  test('says what is done; a line that was cut off does not count', () => {
    const journal = read('start 0', 'done 0', 'start 1', 'don');
    expect([...journal.done]).toEqual([0]);
    expect([...journal.begun]).toEqual([0, 1]);
    expect(stepsLeft(journal, { start: true })[0]).toBe(1);
    expect(journal.surgery).toEqual(JSON.parse(JSON.stringify(surgery)));
  });

  test('after a way back that was begun, all is to be done again', () => {
    expect(stepsLeft(read('start 0', 'done 0', 'rollback'), { start: true })[0]).toBe(0);
  });

  test('without starting, what is left ends before the first container', () => {
    const left = stepsLeft(read(), { start: false }).map((index) => surgery.steps[index]?.do);
    expect(left.at(-1)).toBe('connect');
  });

  test('is undone in the order of connecting and starting, and only what was begun', () => {
    const back = undoOrder(surgery, new Set([0, 1, 2, 3]));
    expect(back.map((step) => `${step.do} ${step.name}`)).toEqual([
      ...['connect once', 'start cms', 'start once', 'start side'],
    ]);
  });

  test.each(['', 'start 0\n', '{"version":2,"surgery":{"steps":[]}}\n', '{"version":1}\n'])(
    'that does not begin with a surgery is refused: %j',
    (text) => {
      expect(() => parseJournal('/j', text)).toThrow('expected /j/journal to begin with the surgery');
    },
  );
});

describe('what is not as it was', () => {
  const surgery = planSurgery(
    recorded.network('br-x3'),
    recorded.containers,
    { addresses: 'same', startAlso: ['proxy'] },
    new Map([[recorded.container('cms').id, '172.42.0.1']]),
  );
  const network = recorded.network('br-x3');

  test('a container that could not be started, and one that does not reach its gateway any more', () => {
    expect(faultsOf(surgery, network, recorded.containers, NOBODY)).toEqual([
      { text: 'container cms does not reach its gateway 172.42.0.1', mayPass: true },
      {
        text: expect.stringMatching(/^container proxy is exited: driver failed .* port is already allocated$/),
        mayPass: false,
      },
    ]);
  });

  test('another address, a container or the network that is gone', () => {
    const moved = surgery.patients.map((each) =>
      each.name === 'cms' ? { ...each, addresses: { ipv4: '172.42.0.9' } } : each,
    );
    const faults = faultsOf({ ...surgery, patients: moved }, network, recorded.containers.slice(0, -1), NOBODY);
    const texts = faults.map(({ text }) => text);
    expect(texts).toContain('container cms has address 172.42.0.2, not 172.42.0.9');
    expect(texts).toContain('container proxy is gone');
    expect(faultsOf(surgery, undefined, [], NOBODY)).toEqual([{ text: 'network br-x3 is not there', mayPass: false }]);
  });
});

function plan(name: string, options: Partial<SurgeryOptions> = {}) {
  const wishes = { addresses: 'same' as const, startAlso: [], ...options };
  return planSurgery(recorded.network(name), recorded.containers, wishes, NOBODY);
}

function lines(surgery: ReturnType<typeof plan>): string[] {
  return surgery.steps.map((step) => describeStep(step, surgery).replace(/ \([0-9a-f]{12}\)/, ''));
}

function endpointOf(container: ContainerDetails, network: string) {
  const endpoint = container.endpoints.find((each) => each.network === network);
  if (endpoint === undefined) throw new Error(`${container.name} is not in ${network}`);
  return endpoint;
}
