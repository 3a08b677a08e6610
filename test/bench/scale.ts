/** From 100 to 10,000 hosts: CPU a host must stay the same, and memory bounded. */
import { startSimulatedHosts } from '../lab/simulated-hosts.ts';
import { fleetmendWords } from './contenders.ts';
import type { Fleet } from './fleet.ts';
import { type Cost, measure } from './measure.ts';

export interface ScaleStep {
  readonly hostCount: number;
  readonly strategy: string;
  readonly cost: Cost;
}

/** Measures one task on each number of hosts, with a JSON report, beside hosts in a process of their own. */
export async function measureScale(root: string, fleet: Fleet, hostCounts: readonly number[]): Promise<ScaleStep[]> {
  const steps: ScaleStep[] = [];
  for (const hostCount of hostCounts) {
    for (const strategy of ['linear', 'free']) {
      const hosts = await startSimulatedHosts(fleet.user.authorizedKeysFile, fleet.folder);
      try {
        const playbook = await fleet.playbook(1, strategy);
        const words = [
          'run',
          playbook,
          '-i',
          await fleet.hostsFile(hostCount),
          '--report',
          `json=${fleet.folder}/report`,
        ];
        const to = { folder: fleet.folder, port: hosts.port, user: fleet.user };
        // The hosts are slower than what is measured: a deadline would only measure them.
        const command = { words: fleetmendWords(root, [...words, '--timeout', '60s', '--auth-timeout', '60s'], to) };
        steps.push({ hostCount, strategy, cost: await measure(command, root) });
      } finally {
        await hosts.stop();
      }
    }
  }
  return steps;
}
