/**
 * `k8s_node`: cordons, drains and uncordons a node. What it cordons carries a note, and only a node with that note is
 * uncordoned again.
 */
import { formatDuration } from '../util/duration.ts';
import { defineModule, type Module, type ModuleContext, type Outcome, type Plan } from './contract.ts';
import { drainNode, drainOptions, evictable } from './k8s-node/drain.ts';
import { spec } from './k8s-node/spec.ts';
import { type K8sArgs, kubectlOptions, text } from './kubernetes/arguments.ts';
import { Kubectl } from './kubernetes/kubectl.ts';
import { type CordonNote, type NodeState, patchNode, readNode, unknownNode } from './kubernetes/node.ts';
import { listPods, type Pod, podTitle } from './kubernetes/pods.ts';

interface State {
  readonly node: NodeState;
  /** Pods on it; only for a drain. */
  readonly pods: readonly Pod[];
}

/** How often a change is tried that somebody else's change came before. */
const MAX_PATCHES = 5;

/** The module, under `fleetmend.k8s_node` and `k8s_node`. */
export const k8sNode: Module = defineModule<K8sArgs, State>({
  spec,

  async probe(args, context): Promise<State> {
    drainOptions(args);
    const kubectl = new Kubectl(context, kubectlOptions(args));
    const node = await readState(kubectl, args, context);
    const pods = args.state === 'drain' ? await listPods(kubectl, { node: node.name }) : [];
    return { node, pods };
  },

  plan(args, { node, pods }): Plan {
    const result = resultOf(node);
    if (args.state === 'uncordon') return { ...uncordonPlan(node, args.only_own !== false), result };
    const cordon = node.isCordoned ? [] : [{ line: `cordon node ${node.name}` }];
    if (args.state === 'cordon')
      return { changes: cordon, result, note: cordon.length === 0 ? already(node) : undefined };
    const evict = evictable(node, pods, drainOptions(args));
    return {
      changes: [
        ...cordon,
        ...evict.map((pod) => ({ line: `evict pod ${podTitle(pod)} (${pod.controller ?? 'no controller'})` })),
      ],
      result: { ...result, evicted: evict.map(podTitle), left: [] },
      note: evict.length === 0 && node.isCordoned ? `drained already: ${already(node)}` : undefined,
    };
  },

  async apply(args, { node, pods }, plan, context): Promise<Outcome> {
    const kubectl = new Kubectl(context, kubectlOptions(args));
    if (args.state === 'uncordon') return setCordon(kubectl, args, node, context);
    const cordoned = node.isCordoned
      ? { changed: false, result: resultOf(node) }
      : await setCordon(kubectl, args, node, context);
    if (args.state === 'cordon') return cordoned;
    const options = drainOptions(args);
    const planned = evictable(node, pods, options);
    const startedMs = context.nowMs();
    const { left, problem } = await drainNode(kubectl, node.name, planned, options);
    const gone = planned.map(podTitle).filter((title) => !left.some(({ pod }) => pod === title));
    const result = { ...cordoned.result, evicted: gone, left };
    if (problem === undefined) {
      const took = formatDuration(context.nowMs() - startedMs);
      return {
        result: { ...result, msg: `drained node ${node.name} in ${took}: ${count(gone.length)} gone` },
        changes: plan.changes,
      };
    }
    const which = left.map(({ pod, reason }) => (reason === undefined ? pod : `${pod} (${reason})`)).join(', ');
    const what = left.length === 0 ? problem : `${count(left.length)} left: ${which}; kubectl says: ${problem}`;
    const msg = `node '${node.name}' could not be drained and stays cordoned: ${what}`;
    return { failed: true, result: { ...result, msg } };
  },
});

async function readState(kubectl: Kubectl, args: K8sArgs, context: ModuleContext): Promise<NodeState> {
  const name = text(args, 'node') ?? context.host;
  const node = await readNode(kubectl, name);
  if (node === undefined) throw unknownNode(kubectl, name);
  return node;
}

function uncordonPlan(node: NodeState, onlyOwn: boolean): Pick<Plan, 'changes' | 'note'> {
  if (!node.isCordoned) {
    if (node.note === undefined) return { changes: [], note: 'not cordoned' };
    return { changes: [{ line: `take fleetmend's note from node ${node.name}, which somebody else uncordoned` }] };
  }
  if (node.note === undefined && onlyOwn) {
    const note = `node ${node.name} stays cordoned: fleetmend did not cordon it (\`only_own: false\` uncordons it all the same)`;
    return { changes: [], note };
  }
  const whose =
    node.note === undefined ? 'cordoned by somebody else' : `cordoned by run ${node.note.run} at ${node.note.at}`;
  return { changes: [{ line: `uncordon node ${node.name} (${whose})` }] };
}

// Makes the change that the plan says; when the node was changed meanwhile, what is right now.
async function setCordon(kubectl: Kubectl, args: K8sArgs, first: NodeState, context: ModuleContext): Promise<Outcome> {
  const isCordon = args.state !== 'uncordon';
  let node = first;
  for (let patches = 1; ; patches++) {
    const note: CordonNote | null = isCordon ? newNote(args, context) : null;
    const failure = await patchNode(kubectl, node, isCordon, note);
    if (failure === undefined) {
      const after = { ...node, isCordoned: isCordon, note: note ?? undefined };
      return { result: { ...resultOf(after), msg: `node ${node.name} ${isCordon ? 'cordoned' : 'uncordoned'}` } };
    }
    const doing = `${isCordon ? 'cordon' : 'uncordon'} node '${node.name}'`;
    if (failure.cause !== 'conflict' || patches === MAX_PATCHES) throw kubectl.error(doing, failure, resultOf(node));
    node = await readState(kubectl, args, context);
    const isDone = isCordon ? node.isCordoned : uncordonPlan(node, args.only_own !== false).changes.length === 0;
    if (isDone)
      return { changed: false, result: { ...resultOf(node), msg: `somebody else was faster: ${already(node)}` } };
  }
}

function newNote(args: K8sArgs, context: ModuleContext): CordonNote {
  const reason = text(args, 'reason');
  const at = new Date(context.nowMs()).toISOString();
  return { run: context.runId, at, ...(reason === undefined ? {} : { reason }) };
}

function already(node: NodeState): string {
  if (!node.isCordoned) return 'not cordoned';
  if (node.note === undefined) return 'cordoned already, not by fleetmend';
  return `cordoned already, by run ${node.note.run} at ${node.note.at}`;
}

function resultOf(node: NodeState): Readonly<Record<string, unknown>> {
  return {
    node: node.name,
    cordoned: node.isCordoned,
    cordoned_by: node.isCordoned ? (node.note ?? null) : null,
    ready: node.ready,
  };
}

function count(pods: number): string {
  return pods === 1 ? '1 pod' : `${pods} pods`;
}
