/** A node as far as repairs need it, and the note that fleetmend leaves on those that it cordons. */
import { ModuleError } from '../../errors.ts';
import { listAt, objectAt, textAt } from '../../util/json-object.ts';
import type { KubectlFailure } from '../../util/kubectl-failure.ts';
import type { Kubectl } from './kubectl.ts';

/** Annotation of a node that fleetmend cordoned; its value is JSON, see {@link CordonNote}. */
export const CORDONED_BY = 'fleetmend.io/cordoned-by';

/** Who cordoned a node, when and why. */
export interface CordonNote {
  readonly run: string;
  /** ISO 8601, by the clock of the controller. */
  readonly at: string;
  readonly reason?: string;
}

export interface NodeState {
  readonly name: string;
  readonly resourceVersion: string;
  readonly isCordoned: boolean;
  /** Fleetmend's note, if there is one; also on a node that somebody else made schedulable again. */
  readonly note?: CordonNote;
  /** Status of the condition Ready: True, False, Unknown. */
  readonly ready: string;
  /** Has the taint that an administrator sets on a machine that is switched off for good. */
  readonly isOutOfService: boolean;
}

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/**
 * Reads a node.
 *
 * @returns undefined when the cluster has none of that name
 * @throws {@link ModuleError}
 */
export async function readNode(kubectl: Kubectl, name: string): Promise<NodeState | undefined> {
  const node = await kubectl.get(`/api/v1/nodes/${encodeURIComponent(name)}`, `read node '${name}'`);
  return node === undefined ? undefined : nodeState(name, node);
}

/** The failure for a node that the cluster does not have. */
export function unknownNode(kubectl: Kubectl, name: string): ModuleError {
  return new ModuleError(
    `${kubectl.clusterName} has no node '${name}'`,
    { cause: 'not_found' },
    {
      hint: 'the name in the inventory may be another one: set `node` (with Rancher: "{{ rancher_node_name }}"); is it the right context?',
    },
  );
}

/**
 * Sets or takes away the cordon and the note in one request, which the server refuses when the node was changed since it was
 * read: nobody else's cordon is taken for ours.
 *
 * @param note - null: takes it away
 * @returns the failure; undefined when the server confirmed the change
 */
export async function patchNode(
  kubectl: Kubectl,
  node: NodeState,
  cordon: boolean,
  note: CordonNote | null,
): Promise<KubectlFailure | undefined> {
  const patch = {
    metadata: {
      resourceVersion: node.resourceVersion,
      annotations: { [CORDONED_BY]: note === null ? null : JSON.stringify(note) },
    },
    spec: { unschedulable: cordon ? true : null },
  };
  const args = ['patch', 'node', node.name, '--type=merge', '-o', 'json', '-p', JSON.stringify(patch)];
  const { stdout, failure } = await kubectl.call(args);
  if (failure !== undefined) return failure;
  const after = nodeState(node.name, parse(stdout));
  if (after.isCordoned === cordon && (after.note === undefined) === (note === null)) return undefined;
  return { cause: 'error', message: 'the server took the change but the node does not show it' };
}

function nodeState(name: string, node: unknown): NodeState {
  const spec = objectAt(node, 'spec');
  const metadata = objectAt(node, 'metadata');
  const ready = listAt(objectAt(node, 'status'), 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  return {
    name,
    resourceVersion: textAt(metadata, 'resourceVersion') ?? '',
    isCordoned: spec.unschedulable === true,
    note: noteOf(textAt(objectAt(metadata, 'annotations'), CORDONED_BY)),
    ready: textAt(ready, 'status') ?? 'Unknown',
    isOutOfService: listAt(spec, 'taints').some((taint) => textAt(taint, 'key') === OUT_OF_SERVICE),
  };
}

// Whatever stands there, somebody put it there as fleetmend's.
function noteOf(value: string | undefined): CordonNote | undefined {
  if (value === undefined) return undefined;
  const note = parse(value);
  const reason = textAt(note, 'reason');
  return {
    run: textAt(note, 'run') ?? 'unknown',
    at: textAt(note, 'at') ?? 'unknown',
    ...(reason === undefined ? {} : { reason }),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
