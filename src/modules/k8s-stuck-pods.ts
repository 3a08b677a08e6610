/**
 * `k8s_stuck_pods`: finds pods that are past the deadline of their deletion, and deletes those whose containers are proven
 * gone. It never takes away a finalizer.
 */
import { ModuleError } from '../errors.ts';
import { defineModule, type Module, type Outcome, type Plan } from './contract.ts';
import { deletePods } from './k8s-stuck-pods/delete.ts';
import { type StuckOptions, stuckOptions } from './k8s-stuck-pods/options.ts';
import { deletionLine, podRow, stuckMessage, stuckResult } from './k8s-stuck-pods/result.ts';
import { type KnownNodes, type Selection, type StuckPod, selectPods, stuckPods } from './k8s-stuck-pods/select.ts';
import { spec } from './k8s-stuck-pods/spec.ts';
import { type K8sArgs, kubectlOptions } from './kubernetes/arguments.ts';
import { Kubectl } from './kubernetes/kubectl.ts';
import { type NodeState, readNode, unknownNode } from './kubernetes/node.ts';
import { listPods, type Pod } from './kubernetes/pods.ts';

interface State {
  readonly host: string;
  /** Pods that are being deleted. */
  readonly terminating: readonly Pod[];
  readonly nodes: KnownNodes;
  readonly serverTimeMs: number;
  readonly warnings: readonly string[];
}

/** The module, under `fleetmend.k8s_stuck_pods` and `k8s_stuck_pods`. */
export const k8sStuckPods: Module = defineModule<K8sArgs, State>({
  spec,

  async probe(args, context): Promise<State> {
    const options = stuckOptions(args, context.host);
    const kubectl = new Kubectl(context, kubectlOptions(args));
    const pods = await listPods(kubectl, options);
    const terminating = pods.filter(({ deadlineMs }) => deadlineMs !== undefined);
    const nodes = await readNodes(kubectl, options, terminating);
    const { node } = options;
    if (node !== undefined && pods.length === 0 && nodes.get(node) === undefined) throw unknownNode(kubectl, node);
    const serverTimeMs = terminating.length === 0 ? context.nowMs() : await kubectl.serverTimeMs();
    const noDate = "the server's answer has no date: pods are judged by the controller's clock";
    const warnings = serverTimeMs === undefined ? [noDate] : [];
    return { host: context.host, terminating, nodes, serverTimeMs: serverTimeMs ?? context.nowMs(), warnings };
  },

  plan(args, state): Plan {
    const options = stuckOptions(args, state.host);
    const { stuck, selection, result } = judge(state, options);
    const { remove } = selection;
    if (remove.length > options.maxItems) {
      const message = `${remove.length} pods would be deleted, more than \`max_items: ${options.maxItems}\`; nothing was deleted`;
      throw new ModuleError(message, result, { hint: 'raise max_items if that is meant' });
    }
    const msg = stuckMessage(stuck, options);
    const would = remove.map(({ pod, proof }) => podRow(pod, { proof }));
    // A plan that is carried out is judged by what it leaves.
    const problem = remove.length === 0 ? aboveLimit(stuck, 'fail_above', options.failAbove) : undefined;
    if (problem !== undefined) throw new ModuleError(`${msg}: ${problem}`, result);
    const warning = remove.length === 0 ? aboveLimit(stuck, 'warn_above', options.warnAbove) : undefined;
    return {
      changes: remove.map(({ pod, proof }) => ({ line: deletionLine(pod, proof) })),
      result: { ...result, ...(options.isDeleting ? { would_delete: would } : {}), msg },
      warnings: [...state.warnings, ...(warning === undefined ? [] : [`${msg}: ${warning}`])],
    };
  },

  async apply(args, state, _plan, context): Promise<Outcome> {
    const options = stuckOptions(args, state.host);
    const { stuck, selection, result } = judge(state, options);
    const kubectl = new Kubectl(context, kubectlOptions(args));
    const planned = selection.remove;
    const deletion = await deletePods(
      kubectl,
      planned.map(({ pod }) => pod),
      context,
    );
    const left = stuck.filter(({ uid }) => !deletion.gone.has(uid));
    const deleted = planned.filter(({ pod }) => deletion.gone.has(pod.uid));
    const failed = planned.flatMap(({ pod }) => {
      const reason = deletion.failed.get(pod.uid);
      return reason === undefined ? [] : [podRow(pod, { reason })];
    });
    const data = {
      ...result,
      ...stuckResult(left),
      deleted: deleted.map(({ pod, proof }) => podRow(pod, { proof })),
      failed,
    };
    const counts = `deleted ${deleted.length} of ${planned.length} pods; ${stuckMessage(left, options)}`;
    if (deletion.cut !== undefined) {
      const { code, message } = deletion.cut;
      throw new ModuleError(`${message}; ${counts}`, data, { code });
    }
    const changes = deleted.map(({ pod, proof }) => ({ line: deletionLine(pod, proof) }));
    const changed = deleted.length > 0;
    const problem = failed.length > 0 ? String(failed[0]?.reason) : aboveLimit(left, 'fail_above', options.failAbove);
    if (problem !== undefined) {
      return {
        changed,
        failed: true,
        changes,
        warnings: state.warnings,
        result: { ...data, msg: `${counts}: ${problem}` },
      };
    }
    const warning = aboveLimit(left, 'warn_above', options.warnAbove);
    const warnings = [...state.warnings, ...(warning === undefined ? [] : [`${counts}: ${warning}`])];
    return { changed, changes, warnings, result: { ...data, msg: counts } };
  },
});

function judge(
  state: State,
  options: StuckOptions,
): { stuck: readonly StuckPod[]; selection: Selection; result: Readonly<Record<string, unknown>> } {
  const stuck = stuckPods(state.terminating, state.serverTimeMs, options.beyondGraceMs);
  const selection = options.isDeleting ? selectPods(stuck, state.nodes, options) : { remove: [], keep: [] };
  const kept = selection.keep.map(({ pod, reason }) => podRow(pod, { reason }));
  const result = {
    ...stuckResult(stuck),
    terminating: state.terminating.length,
    ...(options.isDeleting ? { kept } : {}),
    server_time: new Date(state.serverTimeMs).toISOString(),
  };
  return { stuck, selection, result };
}

function aboveLimit(stuck: readonly StuckPod[], argument: string, limit: number): string | undefined {
  return stuck.length > limit ? `more than \`${argument}: ${limit}\`` : undefined;
}

// The nodes that a deletion depends on, and the one that was asked for.
async function readNodes(kubectl: Kubectl, options: StuckOptions, terminating: readonly Pod[]): Promise<KnownNodes> {
  const names = new Set(options.isDeleting ? terminating.flatMap(({ node }) => node ?? []) : []);
  if (options.node !== undefined) names.add(options.node);
  const nodes = new Map<string, NodeState | undefined>();
  for (const name of names) nodes.set(name, await readNode(kubectl, name));
  return nodes;
}
