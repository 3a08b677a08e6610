/** What users see of the module: arguments, results, examples. */

import type { ModuleSpec } from '../contract.ts';
import { ENGINE_ARGS } from '../docker/engine.ts';
import { STATUSES } from './assess.ts';
import { DEFAULTS } from './options.ts';

const DURATION = ['string', 'number', 'null'];

export const spec: ModuleSpec = {
  name: 'docker_health',
  namespace: 'fleetmend',
  summary: 'Tells whether the container engine is healthy, slow, hung or down, and why; changes nothing',
  args: {
    type: 'object',
    additionalProperties: false,
    properties: {
      budget: {
        type: DURATION,
        default: DEFAULTS.budget,
        description:
          'All probes together never take longer, whatever hangs. `ps`, `info` and `version` have about half of it, at the same time; what answers later counts as hung.',
      },
      slow_after: {
        type: DURATION,
        default: DEFAULTS.slow_after,
        description: 'An answer that takes longer is called slow.',
      },
      ...ENGINE_ARGS,
    },
  },
  returns: {
    status: `one of ${STATUSES.join(', ')}`,
    reasons: 'why, the decisive one first; what else was noticed after it',
    probes: '`ps`, `info`, `version` and `inspect` (of the running containers): ok, duration_ms, message',
    containers: 'number of containers by state',
    hung_containers: 'running containers whose inspection hangs while the daemon answers: id, name',
    daemon: 'process of the daemon: pid, state (T is stopped), up_seconds',
    load: 'averages of 1, 5 and 15 minutes',
    cpus: 'number of processors',
    stuck_runc_init: 'number of `runc init` processes older than 10 seconds',
    uninterruptible: 'number of processes in state D',
    data_root: 'path, mount, device, fstype, size_bytes, used_percent, inodes_used_percent',
    storage_driver: 'as the engine names it',
    thin_pool: 'data_percent and metadata_percent of a devicemapper pool',
    live_restore: 'whether containers outlive the daemon',
    versions: 'of client, engine, containerd and runc, as far as they can be read',
    known_faults: 'faults that these versions are known for: component, version, fault, fixed_in, source',
    oom: 'kills by the kernel for want of memory, from its log: count, lines',
    engine: 'name and version of the client',
  },
  examples: [
    `- name: Is the engine well?
  become: true
  docker_health:
  register: health
  failed_when: health.status in ['hung', 'down']`,
    `- name: Ask in a hurry
  docker_health:
    budget: 8s
    slow_after: 2s`,
  ],
  checkMode: 'none',
};
