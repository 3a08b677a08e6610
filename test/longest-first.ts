/** The order of the test files: one that takes minutes and begins last would be waited for alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Each takes a minute or more where four files at once share two cores; the longest first.
const LONG = [
  'lab/soak',
  'lab/conformance-openssh',
  'lab/conformance-ssh',
  'differential/differential',
  'lab/conformance-docker',
  'lab/drain-hung-nodes',
  'lab/conformance-local',
  'lab/prune-playbooks',
  'lab/vault-differential',
  'transport/ssh-transport',
  'lab/fault-matrix',
  'transport/fault-matrix',
  'transport/local-transport',
  'lab/far-uploads',
  'lab/recover-stale-port',
  'lab/docker-health',
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
