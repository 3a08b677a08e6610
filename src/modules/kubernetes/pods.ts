/** Pods as far as repairs need them, and lists of them page by page. */
import { ModuleError } from '../../errors.ts';
import { listAt, objectAt, textAt } from '../../util/json-object.ts';
import type { Kubectl } from './kubectl.ts';

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Undefined: it was never given to a node. */
  readonly node?: string;
  readonly phase: string;
  /**
   * When it was to be gone at the latest, which already has the grace in it; milliseconds since the epoch by the server's
   * clock. Undefined: it is not being deleted.
   */
  readonly deadlineMs?: number;
  /** What keeps it, as `StatefulSet/web`; undefined: nobody makes it anew. */
  readonly controller?: string;
  /** The kubelet's own, from a file on the node; the API has only its picture. */
  readonly isMirror: boolean;
  readonly isDaemonSet: boolean;
  readonly finalizers: readonly string[];
  /** Has a volume that is lost with it. */
  readonly hasEmptyDir: boolean;
}

export interface PodQuery {
  /** Only pods of this node. */
  readonly node?: string;
  /** Only in these; none: in all. */
  readonly namespaces?: readonly string[];
  /** Label selector. */
  readonly selector?: string;
}

const PAGE_SIZE = 500;
/** A list that grows too old while it is read is begun anew so often. */
const MAX_LISTINGS = 3;

/**
 * Lists pods.
 *
 * @throws {@link ModuleError} with the cause in its result
 */
export async function listPods(kubectl: Kubectl, query: PodQuery): Promise<Pod[]> {
  const pods: Pod[] = [];
  for (const namespace of query.namespaces ?? [undefined]) pods.push(...(await listIn(kubectl, namespace, query)));
  return pods;
}

/** Path of one pod in the API. */
export function podPath({ namespace, name }: Pick<Pod, 'namespace' | 'name'>): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
}

/** Namespace and name, as kubectl writes it. */
export function podTitle({ namespace, name }: Pick<Pod, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

async function listIn(kubectl: Kubectl, namespace: string | undefined, query: PodQuery): Promise<Pod[]> {
  for (let listing = 1; ; listing++) {
    try {
      return await listPages(kubectl, namespace, query);
    } catch (error) {
      const isExpired = error instanceof ModuleError && error.result.cause === 'expired';
      if (!isExpired || listing === MAX_LISTINGS) throw error;
    }
  }
}

async function listPages(kubectl: Kubectl, namespace: string | undefined, query: PodQuery): Promise<Pod[]> {
  const pods: Pod[] = [];
  let next: string | undefined;
  do {
    const page = await kubectl.get(listPath(namespace, query, next), 'list pods');
    if (page === undefined) throw new ModuleError('could not list pods: the server has no such list');
    pods.push(...listAt(page, 'items').map(podOf));
    next = textAt(objectAt(page, 'metadata'), 'continue');
  } while (next !== undefined);
  return pods;
}

function listPath(namespace: string | undefined, query: PodQuery, next: string | undefined): string {
  const words = new URLSearchParams();
  if (query.node !== undefined) words.set('fieldSelector', `spec.nodeName=${query.node}`);
  if (query.selector !== undefined) words.set('labelSelector', query.selector);
  words.set('limit', String(PAGE_SIZE));
  if (next !== undefined) words.set('continue', next);
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `/api/v1${place}/pods?${words}`;
}

/** A pod of the API. */
export function podOf(value: unknown): Pod {
  const metadata = objectAt(value, 'metadata');
  const spec = objectAt(value, 'spec');
  const owner = listAt(metadata, 'ownerReferences').find((each) => objectAt(each).controller === true);
  const kind = textAt(owner, 'kind');
  const deadline = textAt(metadata, 'deletionTimestamp');
  return {
    namespace: textAt(metadata, 'namespace') ?? 'default',
    name: textAt(metadata, 'name') ?? '',
    uid: textAt(metadata, 'uid') ?? '',
    node: textAt(spec, 'nodeName'),
    phase: textAt(objectAt(value, 'status'), 'phase') ?? 'Unknown',
    deadlineMs: deadline === undefined ? undefined : Date.parse(deadline),
    controller: kind === undefined ? undefined : `${kind}/${textAt(owner, 'name') ?? ''}`,
    isMirror: Object.hasOwn(objectAt(metadata, 'annotations'), 'kubernetes.io/config.mirror'),
    isDaemonSet: kind === 'DaemonSet',
    finalizers: listAt(metadata, 'finalizers').filter((each) => typeof each === 'string'),
    hasEmptyDir: listAt(spec, 'volumes').some((volume) => Object.hasOwn(objectAt(volume), 'emptyDir')),
  };
}
