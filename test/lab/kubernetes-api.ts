/**
 * A stand-in for the API server of Kubernetes, for a real kubectl: nodes and pods with the requests and answers that were
 * recorded of a real one. It keeps every request. There are no kubelets: what happens to a pod on a node that is dead is that
 * nothing happens.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One request as the server got it. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body?: unknown;
}

/** What a test says of a pod; the rest is as usual. */
export interface PodSpec {
  readonly name: string;
  readonly node?: string;
  readonly namespace?: string;
  /** Seconds ago that its deadline passed; negative: to come. Undefined: it is not being deleted. */
  readonly overdueSeconds?: number;
  readonly owner?: string;
  readonly mirror?: boolean;
  readonly finalizers?: readonly string[];
  readonly emptyDir?: boolean;
  readonly phase?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface NodeSpec {
  readonly labels?: Readonly<Record<string, string>>;
  readonly ready?: 'True' | 'False' | 'Unknown';
  readonly conditions?: Readonly<Record<string, string>>;
  readonly cordoned?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly effect: string }[];
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
}

type Mutable = Record<string, unknown>;
interface ApiObject {
  readonly metadata: Mutable;
  readonly spec: Mutable;
  readonly status: Mutable;
  readonly [key: string]: unknown;
}

export class KubernetesApi {
  readonly requests: ApiRequest[] = [];
  readonly nodes = new Map<string, ApiObject>();
  readonly pods = new Map<string, ApiObject>();
  /** Nodes whose kubelet answers: pods that are deleted there are gone at once. */
  readonly aliveNodes = new Set<string>();
  /** Pods that a PodDisruptionBudget keeps, as namespace/name. */
  readonly budgeted = new Set<string>();
  /** How far its clock is ahead. */
  clockAheadMs = 0;
  /** It takes requests and never answers. */
  hangs = false;
  /** Called before each request is answered: for what happens in between. */
  before: (request: ApiRequest) => void = () => {};
  readonly folder: string;
  readonly token = randomUUID();
  readonly #server: Server;
  readonly #certificate: string;
  #version = 100;

  private constructor(folder: string, tls: KeyPair) {
    this.folder = folder;
    this.#certificate = tls.cert;
    this.#server = createServer(tls, (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<KubernetesApi> {
    const folder = await mkdtemp(join(tmpdir(), 'fleetmend-kubernetes-'));
    keyPair ??= selfSigned(folder);
    const api = new KubernetesApi(folder, await keyPair);
    const { promise, resolve } = Promise.withResolvers<void>();
    api.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    await api.#writeKubeconfig();
    return api;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get kubeconfig(): string {
    return join(this.folder, 'kubeconfig');
  }

  // Contexts: prod (right), stale (its token is wrong), untrusted (nobody vouches for the server), dead (nobody listens).
  async #writeKubeconfig(): Promise<void> {
    const server = `https://127.0.0.1:${this.port}`;
    const authority = { 'certificate-authority-data': Buffer.from(this.#certificate).toString('base64') };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'prod',
      clusters: [
        { name: 'prod', cluster: { server, ...authority } },
        { name: 'untrusted', cluster: { server } },
        { name: 'dead', cluster: { server: 'https://127.0.0.1:1', ...authority } },
      ],
      users: [
        { name: 'ops', user: { token: this.token } },
        { name: 'gone', user: { token: 'expired' } },
      ],
      contexts: [
        { name: 'prod', context: { cluster: 'prod', user: 'ops' } },
        { name: 'stale', context: { cluster: 'prod', user: 'gone' } },
        { name: 'untrusted', context: { cluster: 'untrusted', user: 'ops' } },
        { name: 'dead', context: { cluster: 'dead', user: 'ops' } },
      ],
    };
    await writeFile(this.kubeconfig, JSON.stringify(config), { mode: 0o600 });
  }

  addNode(name: string, node: NodeSpec = {}): void {
    const conditions = { MemoryPressure: 'False', DiskPressure: 'False', PIDPressure: 'False', ...node.conditions };
    this.nodes.set(name, {
      kind: 'Node',
      apiVersion: 'v1',
      metadata: {
        name,
        uid: randomUUID(),
        resourceVersion: this.#nextVersion(),
        labels: { 'kubernetes.io/hostname': name, ...node.labels },
        annotations: { ...node.annotations },
      },
      spec: {
        ...(node.cordoned === true ? { unschedulable: true } : {}),
        ...(node.taints === undefined ? {} : { taints: node.taints }),
      },
      status: {
        conditions: Object.entries({ ...conditions, Ready: node.ready ?? 'True' }).map(([type, status]) => ({
          type,
          status,
        })),
        addresses: node.addresses ?? [{ type: 'InternalIP', address: `10.0.0.${this.nodes.size + 1}` }],
        nodeInfo: { kubeletVersion: 'v1.20.2', containerRuntimeVersion: 'docker://20.10.24', kernelVersion: '5.10.0' },
      },
    });
  }

  addPod(pod: PodSpec): void {
    const { name, namespace = 'prod' } = pod;
    const [kind, owner] = (pod.owner ?? '').split('/');
    this.pods.set(`${namespace}/${name}`, {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        name,
        namespace,
        uid: randomUUID(),
        resourceVersion: this.#nextVersion(),
        labels: pod.labels ?? {},
        annotations: pod.mirror === true ? { 'kubernetes.io/config.mirror': 'abc' } : {},
        ...(kind === '' || kind === undefined
          ? {}
          : { ownerReferences: [{ apiVersion: 'apps/v1', kind, name: owner, uid: randomUUID(), controller: true }] }),
        ...(pod.finalizers === undefined ? {} : { finalizers: [...pod.finalizers] }),
        ...(pod.overdueSeconds === undefined ? {} : this.#deletion(-pod.overdueSeconds, 30)),
      },
      spec: {
        ...(pod.node === undefined ? {} : { nodeName: pod.node }),
        containers: [{ name: 'main', image: 'nginx' }],
        volumes: pod.emptyDir === true ? [{ name: 'scratch', emptyDir: {} }] : [],
      },
      status: { phase: pod.phase ?? 'Running' },
    });
  }

  uidOf(title: string): string {
    return String(this.pods.get(title)?.metadata.uid);
  }

  /** Requests that change something, as `METHOD path`. */
  changes(): string[] {
    return this.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  }

  deletions(): ApiRequest[] {
    return this.requests.filter(({ method }) => method === 'DELETE');
  }

  #nextVersion(): string {
    this.#version++;
    return String(this.#version);
  }

  #deletion(inSeconds: number, graceSeconds: number): Mutable {
    const atMs = Date.now() + this.clockAheadMs + inSeconds * 1000;
    return {
      deletionTimestamp: new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      deletionGracePeriodSeconds: graceSeconds,
    };
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const text = Buffer.concat(chunks).toString();
    const request: ApiRequest = {
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      contentType: incoming.headers['content-type'],
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    this.requests.push(request);
    if (this.hangs) return;
    const [status, body] = this.#answer(request, incoming.headers.authorization);
    if (this.hangs) return;
    response.writeHead(status, {
      'content-type': 'application/json',
      date: new Date(Date.now() + this.clockAheadMs).toUTCString(),
    });
    response.end(JSON.stringify(body));
  }

  #answer(request: ApiRequest, authorization: string | undefined): readonly [number, unknown] {
    const { method, path } = request;
    if (authorization !== `Bearer ${this.token}`) return failure(401, 'Unauthorized', 'Unauthorized');
    const known = DISCOVERY[path];
    if (known !== undefined) return [200, known];
    this.before(request);
    if (path === '/api/v1/nodes')
      return [200, list('NodeList', page(selected([...this.nodes.values()], request), request))];
    const [, set] = /^\/apis\/apps\/v1\/namespaces\/[^/]+\/daemonsets\/([^/]+)$/.exec(path) ?? [];
    if (set !== undefined) return [200, { kind: 'DaemonSet', apiVersion: 'apps/v1', metadata: { name: set } }];
    const [, nodeName] = /^\/api\/v1\/nodes\/([^/]+)$/.exec(path) ?? [];
    if (nodeName !== undefined) return this.#node(decodeURIComponent(nodeName), request);
    const [, namespace, podName, part] =
      /^\/api\/v1(?:\/namespaces\/([^/]+))?\/pods(?:\/([^/]+))?(?:\/(eviction))?$/.exec(path) ?? [];
    if (/\/pods(\/|$)/.test(path)) {
      if (podName === undefined)
        return [200, list('PodList', page(selected(this.#podsOf(namespace, request), request), request))];
      const title = `${namespace}/${podName}`;
      const pod = this.pods.get(title);
      if (pod === undefined) return failure(404, 'NotFound', `pods "${podName}" not found`);
      if (method === 'GET') return [200, pod];
      if (method === 'DELETE') return this.#delete(title, pod, request.body);
      if (method === 'POST' && part === 'eviction') return this.#evict(title, pod);
    }
    return failure(404, 'NotFound', 'the server could not find the requested resource');
  }

  #node(name: string, { method, contentType, body }: ApiRequest): readonly [number, unknown] {
    const node = this.nodes.get(name);
    if (node === undefined) return failure(404, 'NotFound', `nodes "${name}" not found`);
    if (method === 'GET') return [200, node];
    if (method !== 'PATCH') return failure(405, 'MethodNotAllowed', method);
    if (!/^application\/(strategic-)?merge-patch\+json$/.test(contentType ?? '')) {
      return failure(415, 'UnsupportedMediaType', String(contentType));
    }
    const wanted = (body as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion;
    if (wanted !== undefined && wanted !== node.metadata.resourceVersion) {
      const message = `Operation cannot be fulfilled on nodes "${name}": the object has been modified; please apply your changes to the latest version and try again`;
      return failure(409, 'Conflict', message);
    }
    merge(node as Mutable, body as Mutable);
    node.metadata.resourceVersion = this.#nextVersion();
    return [200, node];
  }

  #podsOf(namespace: string | undefined, { query }: ApiRequest): ApiObject[] {
    const node = /^spec\.nodeName=(.+)$/.exec(query.fieldSelector ?? '')?.[1];
    return [...this.pods.values()].filter(
      ({ metadata, spec }) =>
        (namespace === undefined || metadata.namespace === namespace) && (node === undefined || spec.nodeName === node),
    );
  }

  #delete(title: string, pod: ApiObject, body: unknown): readonly [number, unknown] {
    const options = (body ?? {}) as { gracePeriodSeconds?: number; preconditions?: { uid?: string } };
    const { uid, name } = pod.metadata;
    const wanted = options.preconditions?.uid;
    if (wanted !== undefined && wanted !== uid) {
      const message = `Operation cannot be fulfilled on pods "${String(name)}": Precondition failed: the UID in the precondition (${wanted}) does not match the UID in record (${String(uid)}). The object might have been deleted and then recreated`;
      return failure(409, 'Conflict', message);
    }
    this.#end(title, pod, options.gracePeriodSeconds ?? 30);
    return [200, pod];
  }

  #evict(title: string, pod: ApiObject): readonly [number, unknown] {
    if (this.budgeted.has(title)) {
      return failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.");
    }
    this.#end(title, pod, 30);
    return [201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }];
  }

  // As the server does: it is gone when nothing keeps it, else it gets its deadline.
  #end(title: string, pod: ApiObject, graceSeconds: number): void {
    const finalizers = (pod.metadata.finalizers ?? []) as readonly string[];
    const isGone = graceSeconds === 0 || this.aliveNodes.has(String(pod.spec.nodeName));
    if (isGone && finalizers.length === 0) this.pods.delete(title);
    else if (pod.metadata.deletionTimestamp === undefined || graceSeconds === 0) {
      Object.assign(pod.metadata, this.#deletion(graceSeconds, graceSeconds));
    }
  }
}

const POD_VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const DISCOVERY: Readonly<Record<string, unknown>> = {
  '/version': { major: '1', minor: '20', gitVersion: 'v1.20.2' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [
      {
        name: 'policy',
        versions: [{ groupVersion: 'policy/v1beta1', version: 'v1beta1' }],
        preferredVersion: { groupVersion: 'policy/v1beta1', version: 'v1beta1' },
      },
    ],
  },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      { name: 'nodes', singularName: '', namespaced: false, kind: 'Node', verbs: POD_VERBS, shortNames: ['no'] },
      { name: 'pods', singularName: '', namespaced: true, kind: 'Pod', verbs: POD_VERBS, shortNames: ['po'] },
      {
        name: 'pods/eviction',
        singularName: '',
        namespaced: true,
        group: 'policy',
        version: 'v1beta1',
        kind: 'Eviction',
        verbs: ['create'],
      },
    ],
  },
  '/apis/policy/v1beta1': {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'policy/v1beta1',
    resources: [
      { name: 'poddisruptionbudgets', singularName: '', namespaced: true, kind: 'PodDisruptionBudget', verbs: ['get'] },
    ],
  },
};

interface Page {
  readonly items: readonly ApiObject[];
  readonly next?: string;
}

// By a selector of the kind key=value.
function selected(items: readonly ApiObject[], { query }: ApiRequest): readonly ApiObject[] {
  const [label, value] = (query.labelSelector ?? '').split('=');
  if (value === undefined) return items;
  return items.filter(({ metadata }) => (metadata.labels as Mutable)[String(label)] === value);
}

function page(items: readonly ApiObject[], { query }: ApiRequest): Page {
  const begin = Number(query.continue ?? 0);
  const limit = Number(query.limit ?? 0) || items.length;
  const end = begin + limit;
  return { items: items.slice(begin, end), next: end < items.length ? String(end) : undefined };
}

function list(kind: string, { items, next }: Page): unknown {
  return {
    kind,
    apiVersion: 'v1',
    metadata: { resourceVersion: '1', ...(next === undefined ? {} : { continue: next }) },
    items,
  };
}

function failure(code: number, reason: string, message: string): readonly [number, unknown] {
  return [code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }];
}

function merge(target: Mutable, patch: Mutable): void {
  for (const [key, value] of Object.entries(patch)) {
    const known = target[key];
    if (value === null) delete target[key];
    else if (typeof value === 'object' && !Array.isArray(value) && typeof known === 'object' && known !== null) {
      merge(known as Mutable, value as Mutable);
    } else target[key] = value;
  }
}

interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

let keyPair: Promise<KeyPair> | undefined;

// An elliptic curve: its key is made in no time.
async function selfSigned(folder: string): Promise<KeyPair> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject]);
  return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
}
