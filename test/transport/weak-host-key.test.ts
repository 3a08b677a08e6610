import { type AddressInfo, createServer, type Server } from 'node:net';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSshTransport } from '../../src/transport/index.ts';
import { offeredHostKeys } from '../../src/transport/ssh/server-offer.ts';
import { testTarget } from './targets.ts';

const transport = createSshTransport();
const RSA = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).private;
const servers: Server[] = [];

async function hostWith(algorithm: 'ssh-rsa' | 'rsa-sha2-512'): Promise<number> {
  const ssh = new ssh2.Server({ hostKeys: [RSA], algorithms: { serverHostKey: [algorithm] } });
  ssh.on('connection', (client) => {
    client.on('error', () => {});
    client.on('authentication', (attempt) => attempt.reject(['publickey']));
  });
  const server = createServer((socket) => ssh.injectSocket(socket));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

let weakPort: number;
beforeAll(async () => {
  weakPort = await hostWith('ssh-rsa');
});
afterAll(async () => {
  await transport.close();
  for (const server of servers) server.close();
});

const connect = (port: number, hostKey?: string) =>
  transport.connect(
    testTarget({ port, hostKeyPolicy: 'off', ...(hostKey === undefined ? {} : { algorithms: { hostKey } }) }),
    new AbortController().signal,
  );

test('a host that can only sign with SHA-1 is refused by name, with what to do', async () => {
  await expect(connect(weakPort)).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    phase: 'key_exchange',
    message: `The SSH key exchange with 127.0.0.1:${weakPort} failed: the only host keys that it offers are ssh-rsa`,
    hint: expect.stringMatching(/SHA-1.*Ed25519.*HostKeyAlgorithms \+ssh-rsa/),
  });
});

test('ssh_config can allow it', async () => {
  await expect(connect(weakPort, '+ssh-rsa')).rejects.toMatchObject({ code: 'AUTH_FAILED' });
});

test('the same key with SHA-2 is fine', async () => {
  await expect(connect(await hostWith('rsa-sha2-512'))).rejects.toMatchObject({ code: 'AUTH_FAILED' });
});

test('what a server offers is read from however many pieces, and nothing is made of what is none', () => {
  const list = (text: string) => {
    const field = Buffer.alloc(4);
    field.writeUInt32BE(text.length);
    return Buffer.concat([field, Buffer.from(text)]);
  };
  const payload = Buffer.concat([
    Buffer.of(20),
    Buffer.alloc(16),
    list('kex1,kex2'),
    list('ssh-rsa,ssh-dss'),
    list('aes'),
  ]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + 1);
  const bytes = Buffer.concat([Buffer.from('welcome\r\nSSH-2.0-x\r\n'), head, payload]);
  expect(offeredHostKeys(bytes)).toEqual(['ssh-rsa', 'ssh-dss']);
  for (let end = 0; end < bytes.length; end++) expect(offeredHostKeys(bytes.subarray(0, end))).toBe('incomplete');
  expect(offeredHostKeys(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(50, 0xff)]))).toBeUndefined();
});
