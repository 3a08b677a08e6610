/** As many SSH hosts as are wanted, in a process of their own: every address of 127.0.0.0/8 on one port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROCESS = fileURLToPath(new URL('simulated-hosts-process.ts', import.meta.url));

export interface SimulatedHosts {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * @param publicKeyFile - the key that is let in, whoever comes with it
 * @param folder - where commands run
 */
export async function startSimulatedHosts(publicKeyFile: string, folder: string): Promise<SimulatedHosts> {
  const child = spawn(process.execPath, [PROCESS, publicKeyFile, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  const [chunk] = await Promise.race([once(child.stdout, 'data'), gone.then(() => [''])]);
  const port = Number(String(chunk));
  if (!(port > 0)) throw new Error('the simulated hosts did not start');
  return {
    port,
    async stop() {
      child.stdin.end();
      await gone;
    },
  };
}
