/** What users see of the module: arguments, results, examples. */
import type { ModuleSpec } from '../contract.ts';
import { CLUSTER_ARGS, DURATION } from '../kubernetes/arguments.ts';

const WORD_ITEMS = { type: 'string' };

export const spec: ModuleSpec = {
  name: 'k8s_stuck_pods',
  namespace: 'fleetmend',
  summary: 'Finds pods that are Terminating beyond their grace, and deletes those whose containers are proven gone',
  args: {
    type: 'object',
    additionalProperties: false,
    properties: {
      node: {
        type: 'string',
        description: "Only pods of this node; default: the host's name in the inventory.",
      },
      all_nodes: { type: 'boolean', default: false, description: 'Pods of the whole cluster, in place of one node.' },
      namespaces: { type: 'array', items: WORD_ITEMS, description: 'Only pods in these namespaces.' },
      selector: { type: 'string', description: 'Only pods with these labels, as `kubectl --selector` takes them.' },
      beyond_grace: {
        type: DURATION,
        default: '2m',
        description:
          "How long past its deadline a pod counts as stuck, by the server's clock. The deadline has the pod's grace in it.",
      },
      warn_above: { type: 'integer', minimum: 0, description: 'Warn when more pods than this are stuck.' },
      fail_above: { type: 'integer', minimum: 0, description: 'Fail when more pods than this are stuck.' },
      delete: {
        type: 'boolean',
        default: false,
        description:
          'Whether stuck pods are deleted from the API without waiting for the kubelet: only those for which one of `node_repaired`, `gone_uids` and `force` holds, or whose node is gone from the cluster or has the taint `node.kubernetes.io/out-of-service`.',
      },
      node_repaired: {
        type: 'boolean',
        default: false,
        description: "Whether the node's engine was seen to work again since; needs `evidence`.",
      },
      evidence: {
        description:
          'What was seen: the registered result of `docker_health`, whose `status` must be healthy, or a text, which stands in the result.',
      },
      gone_uids: {
        type: 'array',
        items: WORD_ITEMS,
        description: 'UIDs of pods that were seen to have no containers on the node any more.',
      },
      running_uids: {
        type: 'array',
        items: WORD_ITEMS,
        description: 'UIDs of pods that were seen to have containers on the node: these are never deleted.',
      },
      force: {
        type: 'boolean',
        default: false,
        description:
          'Whether pods are deleted without any proof. A container that still runs then has a twin elsewhere: with a StatefulSet that can destroy data.',
      },
      max_items: {
        type: 'integer',
        minimum: 0,
        description: 'Fail before anything is deleted when more pods than this would be.',
      },
      ...CLUSTER_ARGS,
    },
  },
  returns: {
    count: 'how many pods are stuck (after deletions: are left)',
    stuck: 'the stuck pods: namespace, name, uid, node, deadline, overdue_seconds, controller, phase, finalizers',
    by_node: 'nodes with stuck pods, most first: node, count, oldest_seconds',
    terminating: 'how many pods are being deleted at all, also those within their grace',
    would_delete: 'check mode: pods that would be deleted: namespace, name, uid, proof',
    deleted: 'pods that are gone: namespace, name, uid, proof',
    kept: 'delete: stuck pods that were not deleted, each with the reason',
    failed: 'pods that could not be deleted, each with the reason',
    server_time: "the server's clock, by which the pods were judged",
    cause: 'of a failure: unauthorized, forbidden, refused, tls, no_context, no_config, hung, not_found …',
  },
  examples: [
    `- name: More than 5 stuck pods are an alarm
  k8s_stuck_pods:
    all_nodes: true
    fail_above: 5
    context: prod`,
    `- name: Delete what the repaired node did not end itself
  k8s_stuck_pods:
    delete: true
    node_repaired: true
    evidence: "{{ health }}"
    max_items: 50
    context: prod`,
  ],
  checkMode: 'full',
  runsOn: 'local',
};
