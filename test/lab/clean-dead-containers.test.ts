import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DockerEngine } from './docker-engine.ts';
import { type DockerLab, startDockerLab } from './docker-lab.ts';
import { type PlaybookRun, runPlaybook } from './playbook-run.ts';

interface PruneResult {
  readonly msg: string;
  readonly changed: boolean;
  readonly removed: readonly { readonly id: string }[];
  readonly would_remove?: readonly { readonly id: string }[];
  readonly failed: readonly { readonly id: string; readonly cause: string; readonly message: string }[];
  readonly counts: { readonly before: Record<string, number>; readonly after: Record<string, number> };
}

let lab: DockerLab;

beforeAll(async () => {
  lab = await startDockerLab();
});

afterAll(() => lab?.stop());

describe('the shipped playbook on two hosts with a real engine each', () => {
  test('removes the dead and only the dead, reports the one that cannot be removed, and removes it once it is free', async () => {
    const [one, two] = lab.hosts.map(({ engine }) => engine);
    if (one === undefined || two === undefined) throw new Error('the lab has two hosts');

    // Host one: dead by a crash in mid-removal, and by a removal that failed but would succeed now (ps: "removing").
    const crashed = await Promise.all([one.runContainer('crashed'), two.runContainer('crashed')]);
    await Promise.all([one.makeDead(crashed.slice(0, 1)), two.makeDead(crashed.slice(1))]);
    const stuck = await one.runContainer('stuck');
    const unpin = await one.makePinned(stuck);
    await unpin();
    // Host two: one that cannot be removed.
    const pinned = await two.runContainer('pinned');
    const free = await two.makePinned(pinned);
    const bystanders = await Promise.all([one, two].map(makeBystanders));
    expect([await one.stateOf(stuck), await two.stateOf(pinned)]).toEqual(['dead', 'dead']);

    const check = await prune('--check');
    expect(check.exitCode).toBe(0);
    expect(check.report.run.checkMode).toBe(true);
    expect(ids(check.on('node1').result.would_remove)).toEqual([crashed[0], stuck].toSorted());
    expect(ids(check.on('node2').result.would_remove)).toEqual([crashed[1], pinned].toSorted());
    for (const id of [crashed[0], stuck]) expect(check.stdout).toContain(`remove container ${id?.slice(0, 12)}`);
    expect(await listed(one)).toEqual([crashed[0], stuck, ...(bystanders[0] ?? [])].toSorted());

    const real = await prune();
    expect(real.exitCode).toBe(2);
    expect(real.report.run.exitCode).toBe(2);
    const [onOne, onTwo] = [real.on('node1'), real.on('node2')];
    expect(onOne.status).toBe('changed');
    expect(ids(onOne.result.removed)).toEqual(ids(check.on('node1').result.would_remove));
    expect(onOne.result.counts).toEqual({
      before: { dead: 2, running: 1, paused: 1, exited: 1, created: 1 },
      after: { running: 1, paused: 1, exited: 1, created: 1 },
    });
    expect(onTwo.status).toBe('failed');
    expect(ids(onTwo.result.removed)).toEqual([crashed[1]]);
    expect(onTwo.result.failed).toMatchObject([{ id: pinned, cause: 'not_permitted' }]);
    expect(onTwo.result.failed[0]?.message).toMatch(/unlinkat .*\/pinned: operation not permitted/);
    expect(real.stdout + real.stderr).toContain(
      `1 of 2 dead containers could not be removed: ${pinned.slice(0, 12)} (pinned): `,
    );
    expect(real.report.hosts).toMatchObject({ node1: { changed: 1, failed: 0 }, node2: { failed: 1 } });
    expect(await listed(one)).toEqual(bystanders[0]);
    expect(await listed(two)).toEqual([pinned, ...(bystanders[1] ?? [])].toSorted());

    await free();
    const freed = await prune();
    expect(freed.exitCode).toBe(0);
    expect(ids(freed.on('node2').result.removed)).toEqual([pinned]);
    expect(freed.report.hosts).toMatchObject({ node1: { ok: 1, changed: 0 }, node2: { ok: 1, changed: 1 } });

    const again = await prune();
    expect(again.exitCode).toBe(0);
    expect(again.report.hosts).toMatchObject({ node1: { ok: 1, changed: 0 }, node2: { ok: 1, changed: 0 } });
    expect(await listed(one)).toEqual(bystanders[0]);
    expect(await listed(two)).toEqual(bystanders[1]);
  });

  test('takes its variables from the command line', async () => {
    const [one] = lab.hosts.map(({ engine }) => engine);
    if (one === undefined) throw new Error('the lab has two hosts');
    const kept = await one.exitContainer('db-1');
    const gone = await one.exitContainer('job-1', '--label', 'ci');
    const variables = { prune_hosts: 'node1', prune_status: ['exited'], prune_protect_names: ['db-*', 'exited'] };
    const real = await prune('-e', JSON.stringify(variables), '-e', 'prune_max_items=1');
    expect(real.exitCode).toBe(0);
    expect(ids(real.on('node1').result.removed)).toEqual([gone]);
    expect(await listed(one)).toContain(kept);
    expect(Object.keys(real.report.hosts)).toEqual(['node1']);
  });
});

interface PruneRun extends PlaybookRun {
  on(host: string): { readonly status: string; readonly result: PruneResult };
}

async function prune(...args: string[]): Promise<PruneRun> {
  const ran = await runPlaybook(lab, 'playbooks/clean-dead-containers.yml', { args });
  return {
    ...ran,
    on: (host) => {
      const { status, result } = ran.result(host, 'docker_prune');
      return { status, result: result as unknown as PruneResult };
    },
  };
}

// Containers that must not be touched: running, paused, exited, created.
async function makeBystanders(engine: DockerEngine): Promise<string[]> {
  const paused = await engine.runContainer('paused');
  await engine.mustDocker('pause', paused);
  const created = await engine.mustDocker('create', '--name', 'created', 'bb:1', '/bin/busybox', 'true');
  return [await engine.runContainer('running'), paused, await engine.exitContainer('exited'), created].toSorted();
}

function ids(entries: readonly { readonly id: string }[] | undefined): string[] {
  return (entries ?? []).map(({ id }) => id).toSorted();
}

async function listed(engine: DockerEngine): Promise<string[]> {
  return (await engine.mustDocker('ps', '-aq', '--no-trunc')).split('\n').toSorted();
}
