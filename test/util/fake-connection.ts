/** A Connection that runs scripts with this machine's `sh`; what modules need of a transport and no more. */
import { spawn } from 'node:child_process';
import { internalError } from '../../src/errors.ts';
import type { Connection, ExecRequest, ExecResult, Target } from '../../src/transport/types.ts';

export interface FakeConnectionOptions {
  /** The shell that runs the scripts: `['busybox', 'sh']`. */
  readonly shell?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function createFakeConnection(options: FakeConnectionOptions = {}): Connection {
  const [program = 'sh', ...words] = options.shell ?? [];
  return {
    target: TARGET,
    isOpen: true,
    exec(request) {
      return exec(program, [...words, '-c', request.script], request, options.env ?? {});
    },
    prepare() {},
    upload: () => Promise.reject(internalError('the fake connection uploads nothing')),
    download: () => Promise.reject(internalError('the fake connection downloads nothing')),
    close: () => Promise.resolve(),
  };
}

const TARGET: Target = {
  name: 'fake',
  kind: 'local',
  address: '127.0.0.1',
  port: 22,
  user: 'root',
  privateKeyFiles: [],
  hostKeyPolicy: 'off',
  knownHostsFiles: [],
  connectTimeoutMs: 1000,
  authTimeoutMs: 1000,
};

function exec(program: string, args: string[], request: ExecRequest, env: Record<string, string>): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const startMs = Date.now();
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env, ...request.environment },
      timeout: request.timeoutMs,
      killSignal: 'SIGKILL',
      signal: request.signal,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk) => stdout.push(chunk));
    child.stderr.on('data', (chunk) => stderr.push(chunk));
    child.stdin.on('error', () => {}); // a script may end without reading its stdin
    child.stdin.end(request.stdin ?? new Uint8Array());
    child.on('error', reject);
    child.on('close', (exitCode, signal) =>
      resolve({
        exitCode,
        ...(signal === null ? {} : { signal: signal.slice(3) }),
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
        stdoutTruncated: false,
        stderrTruncated: false,
        durationMs: Date.now() - startMs,
        ended: 'exited',
      }),
    );
  });
}
