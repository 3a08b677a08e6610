/** How long until fleetmend begins: beside Node doing nothing, and until a host hears from it. */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fleetmendWords } from './contenders.ts';
import type { Fleet } from './fleet.ts';
import { median } from './measure.ts';

export interface StartUp {
  readonly nodeMs: number;
  readonly versionMs: number;
  /** From the start of `fleetmend run` until the first SSH packet (KEXINIT) is at the host. */
  readonly firstPacketMs: number;
  /** The same without the cache of compiled code: the very first run of a user. */
  readonly firstPacketColdMs: number;
}

/** Medians of many starts, turn about. */
export async function measureStartUp(root: string, fleet: Fleet, rounds: number): Promise<StartUp> {
  const host = await startListener();
  const playbook = await fleet.playbook(1, 'linear');
  const env = { ...process.env, XDG_CACHE_HOME: fleet.folder };
  const cli = join(root, 'bin', 'fleetmend.js');
  const toHost = { folder: fleet.folder, port: host.port, user: fleet.user };
  const run = fleetmendWords(root, ['run', playbook, '-i', '127.0.0.1,'], toHost);
  const firstPacket = async () => {
    const startedMs = performance.now();
    const seen = host.nextPacket();
    const ended = start(run, env);
    const atMs = await seen;
    await ended;
    return atMs - startedMs;
  };
  try {
    const cold: number[] = [];
    const times = { node: [] as number[], version: [] as number[], packet: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      if (round < 3) {
        await rm(join(fleet.folder, 'fleetmend'), { recursive: true, force: true });
        cold.push(await firstPacket());
      }
      const all = [
        await timed(start([process.execPath, '-e', '0'], env)),
        await timed(start([process.execPath, cli, '--version'], env)),
        await firstPacket(),
      ] as const;
      if (round === 0) continue; // fills caches
      times.node.push(all[0]);
      times.version.push(all[1]);
      times.packet.push(all[2]);
    }
    return {
      nodeMs: median(times.node),
      versionMs: median(times.version),
      firstPacketMs: median(times.packet),
      firstPacketColdMs: median(cold),
    };
  } finally {
    host.stop();
  }
}

async function timed(done: Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await done;
  return performance.now() - startedMs;
}

function start(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const [program = '', ...rest] = words;
  const child = spawn(program, rest, { env, stdio: 'ignore' });
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}

// A host that says who it is, hears one packet, and hangs up.
async function startListener() {
  let tell: (atMs: number) => void = () => {};
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const line = /^SSH-2\.0-[^\n]*\n/.exec(text);
      if (line === null || text.length === line[0].length) return;
      tell(performance.now());
      socket.destroy();
    });
    socket.write('SSH-2.0-bench\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    nextPacket: () =>
      new Promise<number>((resolve) => {
        tell = resolve;
      }),
    stop: () => void server.close(),
  };
}
