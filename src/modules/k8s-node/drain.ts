/** The drain of a node: what may be evicted, the eviction by `kubectl drain`, and what is left afterwards. */
import { ModuleError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import { reasonOf } from '../../util/kubectl-failure.ts';
import { durationMs, type K8sArgs } from '../kubernetes/arguments.ts';
import type { Kubectl } from '../kubernetes/kubectl.ts';
import type { NodeState } from '../kubernetes/node.ts';
import { listPods, type Pod, podTitle } from '../kubernetes/pods.ts';

export interface DrainOptions {
  readonly timeoutMs: number;
  readonly graceSeconds?: number;
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDirData: boolean;
  readonly force: boolean;
  readonly skipWaitMs?: number;
}

/** A pod that is still on the node after the drain. */
export interface LeftPod {
  readonly pod: string;
  readonly reason?: string;
}

/** @throws {@link ModuleError} INVALID_ARGUMENT */
export function drainOptions(args: K8sArgs): DrainOptions {
  return {
    timeoutMs: Math.max(1000, durationMs(args, 'timeout') ?? 0),
    graceSeconds: typeof args.grace_period === 'number' ? args.grace_period : undefined,
    ignoreDaemonSets: args.ignore_daemonsets === true,
    deleteEmptyDirData: args.delete_emptydir_data === true,
    force: args.force === true,
    skipWaitMs: durationMs(args, 'skip_wait_for_delete'),
  };
}

/**
 * The pods that a drain evicts.
 *
 * @throws {@link ModuleError} when there are pods that it may not touch, before anything is changed
 */
export function evictable(node: NodeState, pods: readonly Pod[], options: DrainOptions): Pod[] {
  const toGo = pods.filter((pod) => !pod.isMirror && !pod.isDaemonSet);
  const problems: string[] = [];
  const hints: string[] = [];
  const refuse = (found: readonly Pod[], what: string, option: string) => {
    if (found.length === 0) return;
    problems.push(`${titles(found)} ${what}`);
    hints.push(`\`${option}: true\``);
  };
  if (!options.ignoreDaemonSets) {
    refuse(
      pods.filter((pod) => pod.isDaemonSet),
      'of DaemonSets would stay',
      'ignore_daemonsets',
    );
  }
  const alive = toGo.filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed');
  if (!options.force) {
    refuse(
      alive.filter(({ controller }) => controller === undefined),
      'would be lost: no controller makes them anew',
      'force',
    );
  }
  if (!options.deleteEmptyDirData) {
    refuse(
      alive.filter(({ hasEmptyDir }) => hasEmptyDir),
      'would lose the data of an emptyDir',
      'delete_emptydir_data',
    );
  }
  if (problems.length > 0) {
    throw new ModuleError(
      `node '${node.name}' is not drained, and nothing was changed: ${problems.join('; ')}`,
      { node: node.name, cordoned: node.isCordoned, left: toGo.map((pod) => ({ pod: podTitle(pod) })) },
      { hint: `${hints.join(', ')} if that is meant` },
    );
  }
  return toGo;
}

/**
 * Evicts the pods of a node that is cordoned already, and looks at what is left.
 *
 * @returns the pods that are left, and kubectl's reason when it gave up
 * @throws {@link ModuleError} when the pods cannot be listed afterwards
 */
export async function drainNode(
  kubectl: Kubectl,
  node: string,
  planned: readonly Pod[],
  options: DrainOptions,
): Promise<{ readonly left: readonly LeftPod[]; readonly problem?: string }> {
  const { stderr, failure } = await kubectl.call(drainWords(node, options), {
    limitMs: options.timeoutMs + OVERHEAD_MS,
  });
  const still = new Set((await listPods(kubectl, { node })).map(({ uid }) => uid));
  const left = planned
    .filter(({ uid }) => still.has(uid))
    .map((pod) => ({ pod: podTitle(pod), reason: reasonFor(pod, stderr, failure !== undefined) }));
  if (failure === undefined) return { left };
  const problem =
    failure.cause === 'hung'
      ? `no end within ${formatDuration(options.timeoutMs)}`
      : reasonOf(stderr) || failure.message;
  return { left, problem };
}

/** kubectl waits for the deadline itself; it then still says what is left. */
const OVERHEAD_MS = 30_000;

function drainWords(node: string, options: DrainOptions): string[] {
  const seconds = (ms: number) => `${Math.ceil(ms / 1000)}`;
  return [
    'drain',
    node,
    `--timeout=${seconds(options.timeoutMs)}s`,
    ...(options.graceSeconds === undefined ? [] : [`--grace-period=${options.graceSeconds}`]),
    ...(options.ignoreDaemonSets ? ['--ignore-daemonsets'] : []),
    ...(options.deleteEmptyDirData ? ['--delete-emptydir-data'] : []),
    ...(options.force ? ['--force'] : []),
    ...(options.skipWaitMs === undefined ? [] : [`--skip-wait-for-delete-timeout=${seconds(options.skipWaitMs)}`]),
  ];
}

// kubectl names the pod and the namespace in each of its messages, in other words from version to version.
function reasonFor(pod: Pod, stderr: string, hasFailed: boolean): string | undefined {
  const about = stderr
    .split('\n')
    .filter((line) => line.includes(`"${pod.name}"`) && line.includes(`"${pod.namespace}"`));
  if (about.some((line) => /disruption budget/i.test(line))) return 'a PodDisruptionBudget forbids its eviction';
  const last = about.at(-1);
  if (last !== undefined) return reasonOf(last);
  return hasFailed ? undefined : 'it is being deleted, and was not waited for';
}

function titles(pods: readonly Pod[]): string {
  const shown = pods.slice(0, MAX_SHOWN).map(podTitle).join(', ');
  return pods.length > MAX_SHOWN ? `${shown} and ${pods.length - MAX_SHOWN} more` : shown;
}

const MAX_SHOWN = 5;
