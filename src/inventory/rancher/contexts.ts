/**
 * The CLI of Rancher 2 lists the nodes of its current cluster only. To list another one it is given a configuration of
 * its own, a copy of the user's with another context, in a directory that only we can read and that is gone afterwards.
 */
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InventoryError } from '../../errors.ts';
import { jsonEntries, parseJson } from '../json.ts';
import { fetchProjects } from './projects.ts';

export interface ContextOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Directory of cli2.json; else RANCHER_CONFIG_DIR, else `.rancher` in HOME. */
  readonly configDir?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Contexts of one configuration. */
export interface Contexts {
  /** Variables that make the CLI use a cluster; undefined when no project of it can be seen. */
  envFor(clusterId: string): Promise<Record<string, string> | undefined>;
  /** Removes the copies. */
  close(): Promise<void>;
}

/** The server of a configuration that is in use. */
export interface RancherServer {
  readonly name: string;
  readonly url: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly caCertificate?: string;
  /** `cluster:project` of the current context. */
  readonly project?: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Reads the configuration; undefined when there is none. */
export async function openContexts(options: ContextOptions): Promise<Contexts | undefined> {
  const server = await readServer(options);
  if (server === undefined) return undefined;
  let root: string | undefined;
  let projects: Promise<ReadonlyMap<string, string>> | undefined;
  const projectOf = async (clusterId: string) => {
    if (server.project?.startsWith(`${clusterId}:`) === true) return server.project;
    // Asked for once, by the first cluster that needs it.
    projects ??= fetchProjects(server, options);
    return (await projects).get(clusterId);
  };
  return {
    async envFor(clusterId) {
      const project = await projectOf(clusterId);
      if (project === undefined) return undefined;
      root ??= await fs.mkdtemp(join(tmpdir(), 'fleetmend-rancher-'));
      // Up to v2.5 the CLI looks in HOME only, later ones in RANCHER_CONFIG_DIR first.
      const home = join(root, clusterId.replaceAll(/[^\w-]/g, '_'));
      const directory = join(home, '.rancher');
      await fs.mkdir(directory, { recursive: true, mode: 0o700 });
      const config = { Servers: { [server.name]: { ...server.raw, project } }, CurrentServer: server.name };
      await fs.writeFile(join(directory, 'cli2.json'), JSON.stringify(config), { mode: 0o600 });
      return { HOME: home, RANCHER_CONFIG_DIR: directory };
    },
    async close() {
      if (root !== undefined) await fs.rm(root, { recursive: true, force: true });
    },
  };
}

/** The texts of a configuration that must not be shown; none when there is no configuration. */
export async function configSecrets(options: Pick<ContextOptions, 'env' | 'configDir'>): Promise<string[]> {
  const server = await readServer(options);
  if (server === undefined) return [];
  return ['secretKey', 'tokenKey'].flatMap((key) => {
    const value = server.raw[key];
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
}

async function readServer({
  env,
  configDir,
}: Pick<ContextOptions, 'env' | 'configDir'>): Promise<RancherServer | undefined> {
  const directory =
    configDir ?? env.RANCHER_CONFIG_DIR ?? (env.HOME === undefined ? undefined : join(env.HOME, '.rancher'));
  if (directory === undefined) return undefined;
  const path = join(directory, 'cli2.json');
  let text: string;
  try {
    text = await fs.readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  const server = parseServer(text);
  if (server !== undefined) return server;
  throw new InventoryError(
    'INVENTORY_SOURCE_FAILED',
    `${path} is no configuration of the Rancher CLI; run 'rancher login'`,
  );
}

function parseServer(text: string): RancherServer | undefined {
  let config: Record<string, unknown>;
  try {
    config = Object.fromEntries(jsonEntries(parseJson(text)) ?? []);
  } catch {
    return undefined;
  }
  const servers = jsonEntries(config.Servers) ?? [];
  const [name, value] = servers.find(([key]) => key === config.CurrentServer) ?? [];
  const raw = Object.fromEntries(jsonEntries(value) ?? []);
  const { url, accessKey, secretKey, cacert, project } = raw;
  if (name === undefined || typeof url !== 'string' || typeof accessKey !== 'string' || typeof secretKey !== 'string') {
    return undefined;
  }
  return {
    name,
    url,
    accessKey,
    secretKey,
    caCertificate: typeof cacert === 'string' && cacert !== '' ? cacert : undefined,
    project: typeof project === 'string' && project.includes(':') ? project : undefined,
    raw,
  };
}
