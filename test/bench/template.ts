/** What expressions cost: a `when` that is compiled already, and `hostvars` in plays over more and more hosts. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileExpression, scopeOf } from '../../src/template/index.ts';
import { fleetmendWords } from './contenders.ts';
import type { Fleet } from './fleet.ts';
import { type Cost, measure, median } from './measure.ts';

export interface TemplateCosts {
  readonly conditions: readonly { readonly text: string; readonly nanoseconds: number }[];
  readonly hostvars: readonly HostvarsStep[];
}

export interface HostvarsStep {
  readonly hostCount: number;
  /** Milliseconds of the whole run, start-up too. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Beyond what a run on one host costs. */
  readonly cpuPerHostMs: number;
}

/** As playbooks have them: facts, results, groups, versions, text. */
const CONDITIONS = [
  'result is failed',
  'result is changed',
  'not result.changed',
  'result.rc == 0',
  'result.rc not in [0, 2]',
  "result.rc != 0 or 'error' in result.stdout",
  'result.stdout | length > 0',
  'result.stdout_lines | select("match", "^/dev") | list | length > 1',
  "ansible_facts.distribution == 'Debian'",
  "ansible_facts['os_family'] in ['Debian', 'RedHat']",
  "ansible_facts.version is version('12.0', '>=')",
  'ansible_facts.memtotal_mb | int > 2048 and ansible_facts.processor_vcpus >= 2',
  'nope is defined',
  'nope | default(false) | bool',
  'enabled | bool and not (skip | default(false))',
  'n > 5 and n < 10',
  "inventory_hostname in groups['web']",
  "inventory_hostname == groups['web'][0]",
  "name is match('^web[0-9]+$')",
  "mounts | selectattr('mount', 'equalto', '/var') | map(attribute='free') | first > 1000",
] as const;

const WEB = Array.from({ length: 20 }, (_, i) => `web${i}.example.com`);
const VARIABLES = {
  result: {
    rc: 0,
    stdout: '/dev/sda1 /\n/dev/sdb1 /var',
    stdout_lines: ['/dev/sda1 /', '/dev/sdb1 /var'],
    failed: false,
    changed: true,
  },
  ansible_facts: {
    distribution: 'Debian',
    os_family: 'Debian',
    version: '12.4',
    memtotal_mb: 7950,
    processor_vcpus: 4,
  },
  mounts: ['/', '/boot', '/var', '/home'].map((mount, i) => ({ mount, free: i * 1000 })),
  groups: { all: WEB, web: WEB },
  inventory_hostname: 'web7.example.com',
  enabled: 'yes',
  name: 'web1',
  n: 7,
};
const EVALUATIONS = 50_000;

/** Each task reads other hosts: named ones, the next one, itself, what these registered and set. */
const HOSTVARS_PLAYBOOK = `
- hosts: all
  gather_facts: false
  vars:
    next: "{{ groups['all'][(number | int + 1) % (groups['all'] | length)] }}"
  tasks:
    - set_fact: {doubled: "{{ hostvars[inventory_hostname].number | int * 2 }}"}
    - assert: {that: "hostvars[next].doubled | int == hostvars[next].number | int * 2"}
    - debug: {msg: "{{ hostvars['h0'].doubled }} {{ hostvars[next].group_names }}"}
      when: inventory_hostname in groups['web'] and hostvars['h0'].number is defined
      register: shown
    - debug: {msg: "{{ hostvars[next].shown.msg }}"}
    - debug: {msg: "{{ groups['all'] | map('extract', hostvars, 'doubled') | map('int') | sum }}"}
      run_once: true
`;

/** @param hostCounts - for the plays with `hostvars`; run `rounds` times each, turn about: the medians count */
export async function measureTemplates(
  root: string,
  fleet: Fleet,
  hostCounts: readonly number[],
  rounds: number,
): Promise<TemplateCosts> {
  return { conditions: measureConditions(), hostvars: await measureHostvars(root, fleet, hostCounts, rounds) };
}

function measureConditions(): TemplateCosts['conditions'] {
  const scope = scopeOf(VARIABLES);
  // As the engine does it: the text is looked up anew for each host.
  return CONDITIONS.map((text) => ({
    text,
    nanoseconds: leastNanoseconds(() => compileExpression(text).evaluate(scope)),
  }));
}

// The least of five, after a warm-up: whoever else runs on the machine is no cost of ours.
function leastNanoseconds(run: () => unknown): number {
  for (let i = 0; i < EVALUATIONS / 10; i++) run();
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const start = process.hrtime.bigint();
      for (let i = 0; i < EVALUATIONS; i++) run();
      return Number(process.hrtime.bigint() - start) / EVALUATIONS;
    }),
  );
}

async function measureHostvars(
  root: string,
  fleet: Fleet,
  hostCounts: readonly number[],
  rounds: number,
): Promise<HostvarsStep[]> {
  const playbook = join(fleet.folder, 'hostvars.yml');
  await writeFile(playbook, HOSTVARS_PLAYBOOK);
  const costs = new Map<number, Cost[]>();
  for (let round = 0; round < rounds; round++) {
    for (const hostCount of [1, ...hostCounts]) {
      const inventory = join(fleet.folder, `hostvars-${hostCount}`);
      const hosts = Array.from({ length: hostCount }, (_, i) => `h${i} number=${i}`);
      await writeFile(inventory, `[web]\n${hosts.join('\n')}\n`);
      const words = fleetmendWords(root, ['run', playbook, '-i', inventory, '-c', 'local'], fleet);
      costs.set(hostCount, [...(costs.get(hostCount) ?? []), await measure({ words }, root)]);
    }
  }
  const middle = (hostCount: number, key: 'wallMs' | 'cpuMs') =>
    median((costs.get(hostCount) ?? []).map((cost) => cost[key]));
  return hostCounts.map((hostCount) => ({
    hostCount,
    wallMs: middle(hostCount, 'wallMs'),
    cpuMs: middle(hostCount, 'cpuMs'),
    cpuPerHostMs: (middle(hostCount, 'cpuMs') - middle(1, 'cpuMs')) / (hostCount - 1),
  }));
}
