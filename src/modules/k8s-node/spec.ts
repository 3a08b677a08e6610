/** What users see of the module: arguments, results, examples. */
import type { ModuleSpec } from '../contract.ts';
import { CLUSTER_ARGS, DURATION } from '../kubernetes/arguments.ts';
import { CORDONED_BY } from '../kubernetes/node.ts';

export const spec: ModuleSpec = {
  name: 'k8s_node',
  namespace: 'fleetmend',
  summary: 'Cordons, drains or uncordons a node of Kubernetes, and uncordons only what fleetmend cordoned',
  args: {
    type: 'object',
    additionalProperties: false,
    required: ['state'],
    properties: {
      state: {
        type: 'string',
        enum: ['cordon', 'drain', 'uncordon'],
        description: `\`cordon\` keeps new pods away and notes run, time and reason in the annotation \`${CORDONED_BY}\`; \`drain\` also evicts the pods; \`uncordon\` lets pods come again.`,
      },
      node: {
        type: 'string',
        aliases: ['name'],
        description: "Name of the node in the cluster; default: the host's name in the inventory.",
      },
      reason: { type: 'string', description: 'Why it is cordoned, for whoever reads the annotation.' },
      only_own: {
        type: 'boolean',
        default: true,
        description: 'Whether a node that somebody else cordoned stays cordoned.',
      },
      timeout: { type: DURATION, default: '5m', description: 'How long a drain may take.' },
      grace_period: {
        type: 'integer',
        minimum: 0,
        description: 'Seconds that each pod is given to end; default: as each pod says.',
      },
      ignore_daemonsets: {
        type: 'boolean',
        default: false,
        description: 'Whether a node with pods of DaemonSets is drained all the same; they stay.',
      },
      delete_emptydir_data: {
        type: 'boolean',
        default: false,
        description: 'Whether pods with emptyDir volumes are evicted, which loses what is in them.',
      },
      force: {
        type: 'boolean',
        default: false,
        description: 'Whether pods that no controller makes anew are evicted, which loses them.',
      },
      skip_wait_for_delete: {
        type: DURATION,
        description:
          'Pods that are being deleted for longer than this are not waited for: those of a node whose kubelet is dead never end.',
      },
      ...CLUSTER_ARGS,
    },
  },
  returns: {
    node: 'name of the node',
    cordoned: 'whether it is cordoned now (check mode: before)',
    cordoned_by: "run, time and reason of the cordon when it is fleetmend's, else null",
    ready: "status of the node's condition Ready: True, False or Unknown",
    evicted: 'drain: pods that are gone from the node, as namespace/name (check mode: that would be evicted)',
    left: 'drain: pods that are still there, with the reason as far as kubectl says it',
    cause: 'of a failure: unauthorized, forbidden, refused, tls, no_context, no_config, hung, not_found …',
  },
  examples: [
    `- name: Keep new pods away from the node
  k8s_node:
    state: cordon
    reason: docker hangs
    context: prod`,
    `- name: Move its pods elsewhere
  k8s_node:
    state: drain
    timeout: 10m
    ignore_daemonsets: true
    context: prod`,
    `- name: Let pods come again, unless somebody else cordoned it
  k8s_node:
    state: uncordon
    context: prod`,
  ],
  checkMode: 'full',
  runsOn: 'local',
};
