/** Servers that ask questions. */

import ssh2 from 'ssh2';
import { afterEach, expect, test } from 'vitest';
import { createSshTransport } from '../../src/transport/index.ts';
import type { Connection } from '../../src/transport/types.ts';
import { EMBEDDED_PASSWORD, testTarget } from './targets.ts';

const { Server, utils } = ssh2;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Question {
  readonly prompt: string;
  readonly echo: boolean;
}

/** A server with keyboard-interactive alone, which asks its rounds of questions. @returns its port and all answers */
async function startServer(rounds: readonly (readonly Question[])[], isRight: (answers: readonly string[]) => boolean) {
  const answers: string[] = [];
  const server = new Server({ hostKeys: [utils.generateKeyPairSync('ed25519').private] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      const ask = (round: number): void => {
        const questions = rounds[round];
        if (questions !== undefined) {
          context.prompt([...questions], (given) => {
            answers.push(...given);
            ask(round + 1);
          });
        } else if (isRight(answers)) context.accept();
        else context.reject(['keyboard-interactive']);
      };
      ask(0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, answers };
}

async function connect(port: number): Promise<Connection> {
  const transport = createSshTransport();
  ends.push(() => transport.close());
  const connection = await transport.connect(testTarget({ port }), new AbortController().signal);
  ends.push(() => connection.close());
  return connection;
}

const password = { prompt: 'Password: ', echo: false };
const code = { prompt: 'Verification code: ', echo: false };

test('a hidden question gets the password', async () => {
  const { port, answers } = await startServer([[password]], ([first]) => first === EMBEDDED_PASSWORD);
  expect((await connect(port)).isOpen).toBe(true);
  expect(answers).toEqual([EMBEDDED_PASSWORD]);
});

test.each([
  ['in the same round', [[password, code]]],
  ['in a round of its own', [[password], [code]]],
])('a second question %s is not answered with the password, and the message shows it', async (_name, rounds) => {
  const { port, answers } = await startServer(rounds, () => false);
  await expect(connect(port)).rejects.toMatchObject({
    code: 'AUTH_FAILED',
    message: expect.stringContaining("it asks 'Verification code:', which nobody can answer here"),
  });
  expect(answers).toEqual([EMBEDDED_PASSWORD, '']);
});

test('a question whose answer would be shown is no question for a password', async () => {
  const { port, answers } = await startServer([[{ prompt: 'User: ', echo: true }]], () => false);
  await expect(connect(port)).rejects.toThrow("it asks 'User:'");
  expect(answers).toEqual(['']);
});

test('a round without questions is passed', async () => {
  const { port } = await startServer([[], [password]], ([first]) => first === EMBEDDED_PASSWORD);
  expect((await connect(port)).isOpen).toBe(true);
});
