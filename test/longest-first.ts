/** The order of the test files: one that takes minutes and begins last would be waited for alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Each takes the better part of a minute where four files at once share two cores. The longest first; those that wait beside
// those that work.
const LONG = [
  'lab/soak',
  'lab/conformance-openssh',
  'lab/conformance-ssh',
  'lab/upgrade-docker-engine',
  'differential/differential',
  'lab/conformance-docker',
  'transport/local-transport',
  'lab/recover-stale-port',
  'transport/ssh-transport',
  'lab/drain-hung-nodes',
  'lab/far-uploads',
  'lab/prune-playbooks',
  'transport/fault-matrix',
  'lab/configure-direct-lvm',
  'lab/rebuild-devicemapper-pool',
  'lab/fault-matrix',
  'lab/docker-health',
  'lab/docker-daemon',
  'lab/busy-sshd',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return place === -1 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
