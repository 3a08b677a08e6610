/** Deletes pods from the API, each only as the very pod that was looked at, and looks whether it is gone. */
import { errorMessage, FleetmendError, TransportError } from '../../errors.ts';
import type { KubectlCause } from '../../util/kubectl-failure.ts';
import type { ModuleContext } from '../contract.ts';
import type { Kubectl } from '../kubernetes/kubectl.ts';
import { type Pod, podOf, podPath, podTitle } from '../kubernetes/pods.ts';

export interface Deletion {
  /** UIDs of pods that were seen to be gone. */
  readonly gone: ReadonlySet<string>;
  /** Why others are not, by UID. */
  readonly failed: ReadonlyMap<string, string>;
  /** Why it came to an early end. */
  readonly cut?: FleetmendError;
}

/** After these the next pod would fare no better. */
const FATAL: ReadonlySet<KubectlCause> = new Set([
  'unauthorized',
  'forbidden',
  'refused',
  'tls',
  'credentials',
  'hung',
]);

/** Deletes pods one by one; never throws for what the cluster says. */
export async function deletePods(kubectl: Kubectl, pods: readonly Pod[], context: ModuleContext): Promise<Deletion> {
  const gone = new Set<string>();
  const failed = new Map<string, string>();
  let cut: FleetmendError | undefined;
  let stopped: string | undefined;
  for (const pod of pods) {
    if (cut !== undefined || stopped !== undefined) {
      failed.set(pod.uid, `not tried: ${cut?.message ?? stopped}`);
      continue;
    }
    try {
      const { failure } = await kubectl.delete(podPath(pod), deleteOptions(pod));
      if (failure !== undefined && FATAL.has(failure.cause)) stopped = failure.message;
      // A conflict and "not found" both say that this pod is gone, which is looked at all the same.
      if (stopped === undefined && (await isGone(kubectl, pod))) gone.add(pod.uid);
      else failed.set(pod.uid, failure?.message ?? 'it is still there after its deletion');
    } catch (error) {
      const isOurs = error instanceof FleetmendError && error.code !== 'INTERNAL';
      if (!isOurs && !context.signal.aborted) throw error;
      failed.set(pod.uid, errorMessage(error));
      cut = isOurs ? error : new TransportError('INTERRUPTED', errorMessage(error));
    }
  }
  return { gone, failed, cut };
}

// The UID: by now another pod may have the name, as with a StatefulSet.
function deleteOptions({ uid }: Pod): object {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
    propagationPolicy: 'Background',
    preconditions: { uid },
  };
}

async function isGone(kubectl: Kubectl, pod: Pod): Promise<boolean> {
  const now = await kubectl.get(podPath(pod), `look whether pod '${podTitle(pod)}' is gone`);
  return now === undefined || podOf(now).uid !== pod.uid;
}
