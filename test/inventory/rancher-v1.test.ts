import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { selectHosts } from '../../src/inventory/index.ts';
import { errorOf, inventoryDir, load, varsOf, writeFiles } from './inventory-dir.ts';
import { type Answer, lines, ScriptedRancher } from './scripted-rancher.ts';

const VERSION = { '--version': { stdout: 'rancher version v0.6.14\n' } };
const ENV_LS = 'env ls -a --format json';
const FATAL_401 =
  'time="2026-11-21T06:00:00Z" level=fatal msg="Bad response statusCode [401]. Status [401 Unauthorized]. ' +
  'Body: [code=Unauthorized, message=Unauthorized, baseType=error] from [http://127.0.0.1:18080/v2-beta]" \n';

function environment(id: string, name: string, more: object = {}): object {
  const fields = {
    id,
    type: 'project',
    links: {},
    actions: {},
    name,
    orchestration: 'cattle',
    state: 'active',
    ...more,
  };
  return { ID: id, Environment: fields };
}

function host(id: string, accountId: string, fields: Record<string, unknown> = {}): object {
  const Host = {
    id,
    type: 'host',
    links: {},
    actions: {},
    accountId,
    state: 'active',
    agentState: 'active',
    ...fields,
  };
  return { ID: id, Host, State: Host.agentState, ContainerCount: 2, Labels: '' };
}

function hosts(environmentId: string): string {
  return `--env ${environmentId} hosts --format json`;
}

const FULL = host('1h1', '1a5', {
  agentIpAddress: '10.0.0.1',
  hostname: 'node1.example.com',
  name: 'node-one',
  driver: 'amazonec2',
  info: {
    osInfo: {
      dockerVersion: 'Docker version 1.12.6, build 78d1802',
      kernelVersion: '4.4.0',
      operatingSystem: 'Ubuntu',
    },
  },
  labels: { role: 'web', 'my.zone/Name': 'A b', 'io.rancher.host.docker_version': '1.12', evil: '{{ 7 * 7 }}' },
});

function oneEnvironment(answer: Answer, more: Record<string, Answer> = {}): ScriptedRancher {
  return new ScriptedRancher({
    ...VERSION,
    [ENV_LS]: { stdout: lines(environment('1a5', 'Default')) },
    [hosts('1a5')]: answer,
    ...more,
  });
}

describe('hosts of Rancher 1', () => {
  test('have their address, groups and variables', async () => {
    const inventory = await oneEnvironment({ stdout: lines(FULL) }).load('user: rancher');
    expect(varsOf(inventory, 'node-one')).toEqual({
      ansible_host: '10.0.0.1',
      ansible_user: 'rancher',
      rancher_host_id: '1h1',
      rancher_env_id: '1a5',
      rancher_env_name: 'Default',
      rancher_name: 'node-one',
      rancher_state: 'active',
      rancher_agent_state: 'active',
      rancher_hostname: 'node1.example.com',
      rancher_docker_version: 'Docker version 1.12.6, build 78d1802',
      rancher_kernel: '4.4.0',
      rancher_os: 'Ubuntu',
      rancher_containers: 2,
      rancher_transitioning_message: null,
      rancher_labels: {
        role: 'web',
        'my.zone/Name': 'A b',
        'io.rancher.host.docker_version': '1.12',
        evil: '{{ 7 * 7 }}',
      },
    });
    expect([...inventory.groups.keys()]).toEqual([
      'all',
      'ungrouped',
      'env_default',
      'env_id_1a5',
      'orchestration_cattle',
      'driver_amazonec2',
      'state_active',
      'label_role_web',
      'label_my_zone_name_a_b',
      'label_evil_7_7',
    ]);
  });

  test('are data: what others wrote there is never a template', async () => {
    const inventory = await oneEnvironment({ stdout: lines(FULL) }).load();
    const layers = inventory.hosts.get('node-one')?.layers ?? [];
    expect(layers.map((layer) => layer.isTemplate)).toEqual([false]);
  });

  test('make label groups as the file says', async () => {
    const groups = async (options: string) =>
      [...(await oneEnvironment({ stdout: lines(FULL) }).load(options)).groups.keys()].filter((g) =>
        g.startsWith('label'),
      );
    expect(await groups('label_groups: false')).toEqual([]);
    expect(await groups('label_groups: [role]')).toEqual(['label_role_web']);
    expect(await groups('include_system_labels: true')).toContain('label_io_rancher_host_docker_version_1_12');
  });

  test('without an address are kept and say why they cannot be reached', async () => {
    const bare = host('1h6', '1a5', { hostname: 'node6', state: 'error', agentState: 'error' });
    const dotted = host('1h7', '1a5', { hostname: 'node7.example.com' });
    const inventory = await oneEnvironment({ stdout: lines(bare, dotted) }).load();
    expect(inventory.hosts.get('node6')?.unreachableReason).toBe('Rancher knows no address of it (state error)');
    expect(varsOf(inventory, 'node6')).not.toHaveProperty('ansible_host');
    expect(varsOf(inventory, 'node7.example.com').ansible_host).toBe('node7.example.com');
  });

  test('without an address can be given one in host_vars', async () => {
    const rancher = oneEnvironment({ stdout: lines(host('1h6', '1a5', { hostname: 'node6' })) });
    writeFiles(rancher.directory, { 'host_vars/node6.yml': 'ansible_host: 192.0.2.6\n' });
    const inventory = await rancher.load();
    expect(inventory.hosts.get('node6')?.unreachableReason).toBeUndefined();
    expect(varsOf(inventory, 'node6').ansible_host).toBe('192.0.2.6');
  });

  test('that are disconnected are targets and can be selected by their state', async () => {
    const lost = host('1h2', '1a5', { hostname: 'lost', agentIpAddress: '10.0.0.2', agentState: 'disconnected' });
    const inventory = await oneEnvironment({ stdout: lines(FULL, lost) }).load();
    expect(selectHosts(inventory, 'state_disconnected').map((h) => h.name)).toEqual(['lost']);
  });

  test('that are inactive or gone are no targets unless the file asks for them', async () => {
    const rows = ['active', 'inactive', 'removing', 'removed', 'purged', 'disconnected'].map((state, i) =>
      host(`1h${i}`, '1a5', { hostname: state, agentIpAddress: `10.0.0.${i}`, agentState: state }),
    );
    const all = { '--env 1a5 hosts -a --format json': { stdout: lines(...rows) } };
    const names = async (options: string) => [
      ...(await oneEnvironment({ stdout: lines(...rows) }, all).load(options)).hosts.keys(),
    ];
    expect(await names('')).toEqual(['active', 'disconnected']);
    expect(await names('states: [inactive, removed]')).toEqual(['inactive', 'removed']);
    expect(await names('exclude_states: disconnected')).toEqual(['active', 'inactive', 'removing']);
  });

  test('of one name are told apart by environment and then by id, with a warning', async () => {
    const rancher = new ScriptedRancher({
      ...VERSION,
      [ENV_LS]: { stdout: lines(environment('1a5', 'Default'), environment('1a7', 'My Prod')) },
      [hosts('1a5')]: { stdout: lines(host('1h1', '1a5', { hostname: 'n' }), host('1h2', '1a5', { hostname: 'n' })) },
      [hosts('1a7')]: { stdout: lines(host('1h3', '1a7', { hostname: 'n' }), host('1h4', '1a7', { hostname: 'm n' })) },
    });
    const inventory = await rancher.load();
    expect([...inventory.hosts.keys()]).toEqual(['n@Default#1h1', 'n@Default#1h2', 'n@My-Prod', 'm-n']);
    expect(inventory.warnings).toEqual([
      "rancher.yml: 3 hosts are named 'n' and are told apart as n@Default#1h1, n@Default#1h2, n@My-Prod",
    ]);
    expect(varsOf(inventory, 'm-n').rancher_name).toBe('m n');
  });
});

describe('the CLI of Rancher 1 is called', () => {
  test('always with the id of an environment, only for those that the file names', async () => {
    const rancher = new ScriptedRancher({
      ...VERSION,
      [ENV_LS]: { stdout: lines(environment('1a5', 'Default'), environment('1a7', 'Prod'), environment('1a9', 'Old')) },
      [hosts('1a7')]: { stdout: lines(host('1h1', '1a7', { hostname: 'a.b' })) },
      [hosts('1a9')]: { stdout: lines(host('1h2', '1a9', { hostname: 'c.d' })) },
    });
    await rancher.load('environments: [Prod, 1a9]');
    expect(rancher.commandLines().toSorted()).toEqual(['--version', hosts('1a7'), hosts('1a9'), ENV_LS].toSorted());
  });

  test('without a terminal, with nothing of the environment but what it needs', async () => {
    const rancher = oneEnvironment({ stdout: lines(FULL) });
    const env = {
      PATH: process.env.PATH,
      HOME: rancher.directory,
      RANCHER_URL: 'http://127.0.0.1:1',
      RANCHER_SECRET_KEY: 'hush',
      RANCHER_CLIENT_DEBUG: 'true',
      AWS_SECRET: 'other',
    };
    await rancher.load('', { env });
    for (const call of rancher.calls()) {
      expect(call.stdinIsEmpty).toBe(true);
      expect(Object.keys(call.env).toSorted()).toEqual(['HOME', 'PATH', 'RANCHER_SECRET_KEY', 'RANCHER_URL']);
      expect(call.args.join(' ')).not.toContain('hush');
    }
  });

  test('without asking for its version when the file says it', async () => {
    const rancher = oneEnvironment({ stdout: lines(FULL) });
    await rancher.load('version: v1');
    expect(rancher.commandLines()).not.toContain('--version');
  });

  test('and its warnings on stdout and stderr beside good data are passed on', async () => {
    const stdout = `time="2026-11-21T06:00:00Z" level=warning msg="old server"\n${lines(FULL)}`;
    const inventory = await oneEnvironment({ stdout, stderr: 'careful\n' }).load();
    expect(inventory.warnings).toEqual([
      'rancher.yml: the Rancher CLI says: time="2026-11-21T06:00:00Z" level=warning msg="old server"',
      'rancher.yml: the Rancher CLI says: careful',
    ]);
  });

  test.each([
    ['v0.6.11', true],
    ['v0.6.12', false],
  ])('and %s warns of a list that servers cut: %s', async (version, warns) => {
    const rows = Array.from({ length: 3000 }, (_, i) => host(`1h${i}`, '1a5', { hostname: `h${i}.x` }));
    const more = { '--version': { stdout: `rancher version ${version}\n` } };
    const inventory = await oneEnvironment({ stdout: lines(...rows) }, more).load();
    expect(inventory.hosts.size).toBe(3000);
    expect(inventory.warnings.some((warning) => warning.includes("'Default' lists 3000 hosts"))).toBe(warns);
  });
});

describe('a run does not start when the CLI of Rancher 1', () => {
  test('prints an error on stdout and exits with 1', async () => {
    const rancher = oneEnvironment({ stdout: FATAL_401, status: 1 });
    const error = await errorOf(rancher.load());
    expect(error.code).toBe('INVENTORY_SOURCE_FAILED');
    expect(error.message).toBe(
      `inventory program '${join(rancher.directory, 'rancher')} --env 1a5 hosts --format json' exited with status 1; ` +
        `check the API key\nstdout:\n  ${FATAL_401.trim()}`,
    );
  });

  test('reports an error on stdout but exits with 0', async () => {
    const error = await errorOf(oneEnvironment({ stdout: FATAL_401 + lines(FULL) }).load());
    expect(error.message).toMatch(/hosts --format json' reported an error \(it exited with status 0\)/);
  });

  test('panics', async () => {
    const stderr = 'panic: interface conversion: interface {} is nil, not string\n\ngoroutine 1 [running]:\n';
    const error = await errorOf(oneEnvironment({ stderr, status: 2 }).load());
    expect(error.message).toMatch(/exited with status 2\nstderr:\n {2}panic: interface conversion/);
  });

  test('ignores the environment that it was given', async () => {
    const error = await errorOf(oneEnvironment({ stdout: lines(host('1h1', '1a7', { hostname: 'a.b' })) }).load());
    expect(error.message).toMatch(/listed host 1h1 of environment '1a7' instead of '1a5'/);
  });

  test('prints a menu for ever', async () => {
    const rancher = oneEnvironment({ behaviour: 'menu' });
    const error = await errorOf(rancher.load());
    expect(error.message).toMatch(
      /asked for an answer, which nobody can give here, and was killed; the CLI wants to be told/,
    );
    await expectGone(rancher.calls().map((call) => call.pid));
  });

  test('hangs, and nothing of it stays behind', async () => {
    const rancher = oneEnvironment({ behaviour: 'hang' });
    const error = await errorOf(rancher.load('timeout: 1500ms'));
    expect(error.message).toMatch(/hosts --format json' did not end within 1\.5 s and was killed$/);
    const children = readFileSync(join(rancher.directory, 'children'), 'utf8').trim().split('\n').map(Number);
    await expectGone([...rancher.calls().map((call) => call.pid), ...children]);
  });

  test('prints more than it may', async () => {
    const error = await errorOf(oneEnvironment({ stdout: lines(FULL).repeat(200) }).load('max_output: 4 KiB'));
    expect(error.message).toMatch(/printed more than 4096 bytes and was killed/);
  });

  test.each([
    ['half a line of JSON', '{"ID":"1h1","Host":{\n', /printed a line that is no JSON: '\{"ID":"1h1","Host":\{'/],
    ['a page of HTML', '<html><body>502</body></html>\n', /printed a line that is no JSON: '<html>/],
    ['a list instead of lines', '[{"ID":"1h1"}]\n', /printed a line without an ID/],
  ])('prints %s', async (_what, stdout, message) => {
    const error = await errorOf(oneEnvironment({ stdout }).load());
    expect(error.code).toBe('INVENTORY_SOURCE_FAILED');
    expect(error.message).toMatch(message);
  });

  test('lists no environments', async () => {
    const error = await errorOf(new ScriptedRancher({ ...VERSION, [ENV_LS]: { stdout: '' } }).load());
    expect(error.message).toMatch(/env ls -a --format json' listed no environments \(it exited with status 0\)/);
  });

  test('lists no hosts, unless that is allowed', async () => {
    const error = await errorOf(oneEnvironment({ stdout: '' }).load());
    expect(error).toMatchObject({
      code: 'INVENTORY_EMPTY',
      message: 'rancher.yml: Rancher lists no hosts; --allow-empty accepts that',
    });
    expect((await oneEnvironment({ stdout: '' }).load('', { allowEmpty: true })).hosts.size).toBe(0);
  });

  test('fails for one of several environments, and the other calls are ended', async () => {
    const rancher = new ScriptedRancher({
      ...VERSION,
      [ENV_LS]: { stdout: lines(environment('1a5', 'Default'), environment('1a7', 'Prod')) },
      [hosts('1a5')]: { stdout: FATAL_401, status: 1 },
      [hosts('1a7')]: { behaviour: 'hang' },
    });
    const error = await errorOf(rancher.load());
    expect(error.message).toContain('401');
    await expectGone(rancher.calls().map((call) => call.pid));
  });

  test('does not know the environment that the file names', async () => {
    const error = await errorOf(oneEnvironment({ stdout: lines(FULL) }).load('environments: [Defualt]'));
    expect(error.message).toMatch(/has no 'Defualt' among its environments .*; did you mean 'Default'\?/);
  });

  test('is not there', async () => {
    const directory = inventoryDir({ 'rancher.yml': 'plugin: rancher\ncli: /usr/rancher-that-is-missing\n' });
    const error = await errorOf(load(directory, 'rancher.yml'));
    expect(error.message).toBe(
      "inventory program '/usr/rancher-that-is-missing --version' could not be started: there is no such program (ENOENT); " +
        "install the Rancher CLI, or set 'cli:' in the inventory file to its path",
    );
  });

  test('is of neither generation', async () => {
    const error = await errorOf(new ScriptedRancher({ '--version': { stdout: 'rancher 1.1.1\n' } }).load());
    expect(error.message).toMatch(/printed no version that is known/);
  });

  test('prints the secret key in its error, which is not shown', async () => {
    const rancher = oneEnvironment({ stdout: 'secret is hush-hush-key\n', status: 1 });
    const env = { PATH: process.env.PATH, RANCHER_SECRET_KEY: 'hush-hush-key' };
    const error = await errorOf(rancher.load('', { env }));
    expect(error.message).toContain('secret is [REDACTED]');
    expect(error.message).not.toContain('hush');
  });
});

describe('a rancher.yml', () => {
  test('with wrong keys is refused with all of them and what was meant', async () => {
    const directory = inventoryDir({
      'rancher.yml':
        'plugin: rancher\nenviroments: [a]\nsecret_key: x\nversion: v3\ntimeout: soon\nmin_hosts: few\nmax_drop: 200%\nstates: []\n',
    });
    const error = await errorOf(load(directory, 'rancher.yml'));
    expect(error.code).toBe('INVENTORY_INVALID');
    expect(error.message.split('\n').filter((line) => line.startsWith('rancher.yml'))).toEqual([
      "rancher.yml:2:1: plugin rancher has no option 'enviroments'; did you mean 'environments'?",
      "rancher.yml:3:1: plugin rancher has no option 'secret_key'; credentials do not belong in this file: set RANCHER_SECRET_KEY in the environment, or 'config_dir'",
      "rancher.yml:4:10: expected 'version' to be one of auto, v1, v2, found 'v3'",
      "rancher.yml:5:10: expected 'timeout' to be a duration such as '45s', found 'soon'",
      "rancher.yml:6:12: expected 'min_hosts' to be a number of hosts, found 'few'",
      "rancher.yml:7:11: expected 'max_drop' to be a percentage such as '20%', found '200%'",
      "rancher.yml:8:9: expected 'states' to be a list of names, found an empty list",
    ]);
  });

  test('of another plugin is refused with a way to use it', async () => {
    const directory = inventoryDir({ 'aws.yml': 'plugin: amazon.aws.aws_ec2\n' });
    const error = await errorOf(load(directory, 'aws.yml'));
    expect(error.message.split('\n')[0]).toBe(
      "aws.yml:1:9: expected the plugin rancher or kubernetes, found 'amazon.aws.aws_ec2'; other plugins of Ansible work through a program that runs 'ansible-inventory -i FILE --list'",
    );
  });

  test('sets limits on the number of hosts', async () => {
    const rancher = oneEnvironment({ stdout: lines(FULL) });
    const error = await errorOf(rancher.load('min_hosts: 2'));
    expect(error).toMatchObject({ code: 'INVENTORY_TOO_SMALL' });
    expect(error.message).toMatch(/rancher\.yml lists 1 host, fewer than min_hosts 2/);
  });
});

// A killed process is gone a moment after its signal.
async function expectGone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  }
}

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody has waited for yet is dead, too.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
