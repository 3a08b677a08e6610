/** Makes hundreds of containers that exited, of any age, in seconds: created for real, then told that they have run. */
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { type DockerEngine, LAB_IMAGE } from './docker-engine.ts';

export interface ExitedSpec {
  readonly name: string;
  /** Default: {@link LAB_IMAGE}. */
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** How long ago it finished. */
  readonly hoursAgo: number;
}

/** The daemon is down for a moment: what runs without a restart policy is stopped by this. @returns the IDs in order */
export async function makeExited(engine: DockerEngine, specs: readonly ExitedSpec[]): Promise<string[]> {
  const ids: string[] = [];
  for (let start = 0; start < specs.length; start += AT_ONCE) {
    ids.push(...(await Promise.all(specs.slice(start, start + AT_ONCE).map((spec) => create(engine, spec)))));
  }
  await engine.stopDaemon();
  await Promise.all(specs.map((spec, index) => finish(engine, ids[index] ?? '', spec.hoursAgo)));
  await engine.start();
  return ids;
}

const AT_ONCE = 8;
const HOUR_MS = 3_600_000;

// Without a process for each, which takes longer than what it asks for.
function create(engine: DockerEngine, { name, image = LAB_IMAGE, labels = {} }: ExitedSpec): Promise<string> {
  const body = JSON.stringify({ Image: image, Labels: labels, Cmd: ['/bin/busybox', 'true'] });
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: engine.socket,
        path: `/containers/create?name=${name}`,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => {
          const { Id: id, message } = JSON.parse(text) as { Id?: string; message?: string };
          if (id === undefined) reject(new Error(`${name}: ${message}`));
          else resolve(id);
        });
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

async function finish(engine: DockerEngine, id: string, hoursAgo: number): Promise<void> {
  const path = join(engine.dataRoot, 'containers', id, 'config.v2.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as { State: Record<string, unknown> };
  const finishedMs = Date.now() - hoursAgo * HOUR_MS;
  config.State.StartedAt = new Date(finishedMs - HOUR_MS).toISOString();
  config.State.FinishedAt = new Date(finishedMs).toISOString();
  await writeFile(path, JSON.stringify(config));
}
