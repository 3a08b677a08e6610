import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DockerEngine, LAB_IMAGE } from './docker-engine.ts';
import { type DockerLab, startDockerLab, type WrittenFleet } from './docker-lab.ts';
import { type ExitedSpec, makeExited } from './exited-containers.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';

const PRUNE = 'playbooks/prune-exited-containers.yml';
const CLEAN = 'playbooks/clean-dead-containers.yml';

let lab: DockerLab;

beforeAll(async () => {
  lab = await startDockerLab({ hosts: 4 });
});

afterAll(() => lab?.stop());

describe('the incident of the engine that takes minutes to start: hundreds of containers that exited', () => {
  const COUNT = 300;
  const KEEPERS = ['data-1', 'data-2', 'labelled', 'young-1', 'young-2', 'other-image'];
  const WANTED = { prune_images: 'build:*', prune_protect_names: ['data-*'], prune_step: 60 };
  let engine: DockerEngine;

  beforeAll(async () => {
    ({ engine } = lab.host(1));
    await engine.mustDocker('tag', LAB_IMAGE, 'build:7');
    const build = (name: string, more: Partial<ExitedSpec> = {}) => ({
      name,
      image: 'build:7',
      hoursAgo: 400,
      ...more,
    });
    await makeExited(engine, [
      ...Array.from({ length: COUNT }, (_, index) => build(`build-${index}`, { hoursAgo: 1000 - index })),
      ...['data-1', 'data-2'].map((name) => build(name)),
      build('labelled', { labels: { 'fleetmend.keep': '' } }),
      ...['young-1', 'young-2'].map((name) => build(name, { hoursAgo: 2 })),
      build('other-image', { image: LAB_IMAGE }),
    ]);
    await engine.runContainer('web', '--restart', 'always');
  });

  test('names all of them and removes none, in check mode and when they are more than expected', async () => {
    const check = await prune('--check', '-v');
    expect(check.exitCode).toBe(0);
    expect(check.stdout.match(/remove container \w+ \(build-\d+, exited, build:7/g)).toHaveLength(COUNT);
    const tooMany = await prune('-e', 'prune_max_items=299');
    expect(tooMany.exitCode).toBe(2);
    expect(tooMany.stdout + tooMany.stderr).toContain(
      '300 exited containers would be removed, more than `max_items: 299`',
    );
    expect(await engine.mustDocker('ps', '-aq').then(linesOf)).toHaveLength(COUNT + KEEPERS.length + 1);
  });

  test('takes the oldest up to a limit, in steps that are seen, and goes on from there in the next run', async () => {
    const some = await prune('-e', 'prune_limit=100');
    expect(some.exitCode).toBe(0);
    expect(some.stdout).toMatch(/0 of 100 seen to.*60 of 100 seen to.*40 exited containers/s);
    const left = new Set(await names());
    expect([...left].filter((name) => name.startsWith('build-'))).toHaveLength(COUNT - 100);
    expect([left.has('build-99'), left.has('build-100')]).toEqual([false, true]);
  });

  test('measures the start of the engine before and after, and leaves all others', async () => {
    const { start: restart_start_command, stop: restart_stop_command } = engine.commands;
    const commands = JSON.stringify({ restart_start_command, restart_stop_command, measure_restart: true });
    const all = await prune('-e', commands);
    expect(all.stdout).toMatch(
      /200 containers fewer: the engine answered [\d.]+ s after its\s+start before, [\d.]+ s now/,
    );
    expect(all.exitCode).toBe(0);
    expect(await names()).toEqual([...KEEPERS, 'web'].toSorted());
    expect(await engine.stateOf('web')).toBe('running');
    const again = await prune('-e', commands);
    expect(again.report.hosts.node1).toMatchObject({ changed: 0, failed: 0 });
  });

  function prune(...args: string[]): Promise<PlaybookRun> {
    return runPlaybook(lab, PRUNE, { args: ['-l', 'node1', '-e', JSON.stringify(WANTED), ...args] });
  }

  async function names(): Promise<string[]> {
    return linesOf(await engine.mustDocker('ps', '-a', '--format', '{{.Names}}')).toSorted();
  }
});

describe('both incidents on a fleet of 50 hosts of which 3 are sick', () => {
  let fleet: WrittenFleet;

  beforeAll(async () => {
    const sick = [lab.host(2), lab.host(3), lab.host(4)] as const;
    fleet = await lab.writeFleet({ size: 50, healthy: lab.host(1), sick });
    await makeExited(lab.host(2).engine, [{ name: 'job', hoursAgo: 48 }]);
    await makeExited(lab.host(3).engine, [{ name: 'job', hoursAgo: 48 }]);
    await lab.host(2).engine.makeDead([await lab.host(2).engine.runContainer('crashed')]);
    await lab.host(4).engine.signal('SIGSTOP');
  });

  afterAll(() => lab?.host(4).engine.signal('SIGCONT'));

  test('dead containers are removed where there are any; the hung engine fails alone, within its deadline', async () => {
    const unpin = await lab.host(3).engine.makePinned(await lab.host(3).engine.runContainer('pinned'));
    const cleaned = await runFleet(CLEAN);
    expect(cleaned.exitCode).toBe(2);
    const [crashed = '', pinned = '', hung = ''] = fleet.sick;
    expect(cleaned.report.hosts[crashed]).toMatchObject({ changed: 1, failed: 0 });
    expect(cleaned.report.hosts[pinned]).toMatchObject({ failed: 1, rescued: 1 });
    expect(cleaned.report.hosts[hung]).toMatchObject({ failed: 1 });
    expect(cleaned.stdout).toMatch(/\w{12} \(pinned\), not_permitted: no holder seen/);
    expect(cleaned.result(hung, 'docker_prune').result.msg).toMatch(/did not answer `ps` within 3 s/);
    expectHealthy(cleaned);
    await unpin();
  });

  test('exited containers are removed where there are any; the hung engine fails alone', async () => {
    const args = [
      '-e',
      '{"prune_serial": [{"canary": 1}, "100%"]}',
      '-e',
      'prune_names=job',
      '-e',
      'prune_older_than=1d',
    ];
    const pruned = await runFleet(PRUNE, ...args);
    expect(pruned.exitCode).toBe(2);
    const [, exited = '', hung = ''] = fleet.sick;
    expect(pruned.report.hosts[exited]).toMatchObject({ failed: 0 });
    expect(pruned.report.hosts[hung]).toMatchObject({ failed: 1 });
    const left = await lab.host(3).engine.mustDocker('ps', '-a', '--format', '{{.Names}}');
    expect(left).not.toContain('job');
    expectHealthy(pruned);
  });

  function runFleet(playbook: string, ...args: string[]): Promise<PlaybookRun> {
    return runPlaybook(lab, playbook, { inventory: fleet.inventory, args: ['-e', 'prune_list_timeout=3s', ...args] });
  }

  function expectHealthy(made: PlaybookRun): void {
    const counts = fleet.healthy.map((name) => made.report.hosts[name]);
    expect(counts.filter((count) => count?.failed === 0 && count.changed === 0 && (count.ok ?? 0) > 0)).toHaveLength(
      47,
    );
  }
});

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
