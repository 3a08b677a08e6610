/** A program at a real terminal, with a test in the place of the person. */
import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { shellJoin } from '../../src/util/shell-quote.ts';
import { waitUntil } from './process.ts';

export interface Terminal {
  /** Waits for a text that was not waited for before, then types. */
  answer(text: string, keys: string): Promise<void>;
  /** The exit code and all that was shown. */
  end(): Promise<{ code: number | null; screen: string }>;
}

/** Starts a program at a terminal, which `script` provides; it is ended with the test. */
export function startAtTerminal(
  dir: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Terminal {
  const { CI: _, ...env } = process.env;
  const child = spawn('script', ['-qec', shellJoin(words), '/dev/null'], {
    cwd: dir,
    env: { ...env, HOME: dir, TERM: 'xterm', NO_COLOR: '1', ...variables },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const closed = new Promise<number | null>((done) => child.once('close', done));
  let seen = 0;
  return {
    async answer(text, keys) {
      await waitUntil(
        () => screen.includes(text, seen),
        () => `'${text}' in: ${screen}`,
      );
      seen = screen.indexOf(text, seen) + text.length;
      child.stdin.write(keys);
    },
    end: async () => ({ code: await closed, screen }),
  };
}
