/** Processes of the lab: run one to its end, start a server, wait for something to become true. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; a non-zero exit is a result. */
export function run(
  program: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly cwd?: string;
    readonly timeoutMs?: number;
  } = {},
): Promise<Ran> {
  const { env = process.env, cwd, timeoutMs = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const limits = { env, cwd, timeout: timeoutMs, killSignal: 'SIGKILL' as const, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, args, limits, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** Runs a program that must succeed. @returns its stdout without surrounding space */
export async function mustRun(
  program: string,
  args: readonly string[],
  env?: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, args, { env });
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${exitCode}: ${stderr}`);
  return stdout.trim();
}

/** A server that runs until it is stopped. */
export interface Server {
  readonly pid: number;
  /** What it printed so far, for the error when it does not come up. */
  log(): string;
  /** Sends TERM, and KILL when that is not enough; resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
}

export function startServer(program: string, args: readonly string[]): Server {
  const child: ChildProcess = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const keep = (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-20_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      log += String(error);
      resolve();
    });
  });
  return {
    pid: child.pid ?? -1,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** Asks again and again until the answer is yes; throws after the limit with what `describe` says. */
export async function waitUntil(
  isTrue: () => Promise<boolean> | boolean,
  describe: () => string,
  limitMs = 30_000,
): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await isTrue())) {
    if (Date.now() > endMs) throw new Error(`not within ${limitMs} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
