/** What the command line reads and writes, so that nothing else touches `process`. */

import { homedir, userInfo } from 'node:os';
import { errorMessage, FleetmendError } from '../errors.ts';

export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userName: string;
  readonly pid: number;
  /** The file that this process was started with, for a further process of the same program. */
  readonly mainFile: string;
  /** Data and, where no data goes there, the report that people read. */
  readonly out: (text: string) => void;
  /** Errors and warnings; the people's report when data goes to `out`. */
  readonly err: (text: string) => void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly inIsTty: boolean;
  /** Size of the terminal now. */
  readonly columns: number;
  readonly rows: number;
  /** Calls back on SIGINT, SIGTERM and SIGHUP; returns what takes the listeners away. */
  readonly onSignal: (listener: (name: string) => void) => () => void;
  /** Ends the process at once; only for the second Ctrl-C. */
  readonly exitNow: (code: number) => never;
  /**
   * Resolves when all that was written has left the process.
   *
   * @throws FleetmendError REPORT_FAILED when standard output could not be written: a full disk, not a reader that went away
   */
  readonly flush: () => Promise<void>;
}

/** The real process. */
export function processIo(): Io {
  // A reader that went away (`| head`) is no error of the run: the work and the files still matter.
  let outError: Error | undefined;
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') outError ??= error;
  });
  return {
    cwd: process.cwd(),
    env: process.env,
    home: process.env.HOME || homedir(),
    userName: process.env.USER || process.env.LOGNAME || userInfo().username,
    pid: process.pid,
    mainFile: process.argv[1] ?? '',
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTty: process.stdout.isTTY === true,
    errIsTty: process.stderr.isTTY === true,
    inIsTty: process.stdin.isTTY === true,
    get columns() {
      return process.stdout.columns ?? process.stderr.columns ?? 80;
    },
    get rows() {
      return process.stdout.rows ?? process.stderr.rows ?? 24;
    },
    onSignal: (listener) => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      const handlers = signals.map((name) => [name, () => listener(name)] as const);
      for (const [name, handler] of handlers) process.on(name, handler);
      return () => {
        for (const [name, handler] of handlers) process.off(name, handler);
      };
    },
    exitNow: (code) => process.exit(code),
    flush: async () => {
      await Promise.all(
        [process.stdout, process.stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
      );
      if (outError === undefined) return;
      throw new FleetmendError('REPORT_FAILED', `cannot write to standard output: ${errorMessage(outError)}`, {
        cause: outError,
      });
    },
  };
}
