/** One project of each cluster, from the server: the CLI itself lists the projects of the current cluster only. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { errorMessage, InventoryError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import { jsonEntries, parseJson } from '../json.ts';
import type { RancherServer } from './contexts.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_PAGES = 1000;

/**
 * A project (`cluster:project`) by the id of its cluster.
 *
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED
 */
export async function fetchProjects(
  server: RancherServer,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const projects = new Map<string, string>();
  const base = new URL(server.url);
  let next: URL | undefined = new URL('/v3/projects?limit=-1', base);
  for (let page = 0; next !== undefined && page < MAX_PAGES; page++) {
    const body: Record<string, unknown> = await getJson(next, server, options);
    for (const item of Array.isArray(body.data) ? body.data : []) {
      const { id, clusterId } = Object.fromEntries(jsonEntries(item) ?? []);
      if (typeof id === 'string' && typeof clusterId === 'string' && !projects.has(clusterId))
        projects.set(clusterId, id);
    }
    const { next: link } = Object.fromEntries(jsonEntries(body.pagination) ?? []);
    // Its credentials go to this server only, whatever the link says.
    const linked: URL | undefined = typeof link === 'string' ? new URL(link, base) : undefined;
    next = linked === undefined ? undefined : new URL(`${linked.pathname}${linked.search}`, base);
  }
  return projects;
}

async function getJson(
  url: URL,
  server: RancherServer,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<Record<string, unknown>> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const failed = (problem: string) =>
    new InventoryError('INVENTORY_SOURCE_FAILED', `Rancher server: GET ${url.href} ${problem}`);
  try {
    const { status, body } = await get(
      url,
      server,
      signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    );
    if (status !== 200) throw failed(`answered with status ${status}: ${body.slice(0, 200)}`);
    const entries = jsonEntries(parseJson(body));
    if (entries === undefined) throw failed('answered with no JSON object');
    return Object.fromEntries(entries);
  } catch (error) {
    if (error instanceof InventoryError) throw error;
    throw failed(
      deadline.aborted ? `had no answer within ${formatDuration(timeoutMs)}` : `failed: ${errorMessage(error)}`,
    );
  }
}

function get(url: URL, server: RancherServer, signal: AbortSignal): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const options = {
    signal,
    // basic credentials, as the CLI sends them
    auth: `${server.accessKey}:${server.secretKey}`,
    headers: { accept: 'application/json' },
    ca: server.caCertificate,
  };
  const outgoing = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options);
  outgoing.once('error', reject);
  outgoing.once('response', (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      body += chunk;
      if (body.length > MAX_BYTES) response.destroy(new Error(`more than ${MAX_BYTES} bytes`));
    });
    response.once('error', reject);
    response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
  });
  outgoing.end();
  return promise;
}
