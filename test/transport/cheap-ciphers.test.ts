import { KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Client } from 'ssh2';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedSshHost } from '../../src/cli/demo/embedded-ssh-host.ts';
import { makeCiphersCheaper } from '../../src/transport/ssh/cheap-ciphers.ts';
import { clientOutput } from './client-output.ts';
import { EMBEDDED_PASSWORD } from './targets.ts';

test('the keys of AES-GCM become key objects, and other insides are left alone', () => {
  const cipher = { _encKey: Buffer.alloc(16) };
  const decipher = { _decipherKey: Buffer.alloc(32), other: 1 };
  makeCiphersCheaper({ _protocol: { _cipher: cipher, _decipher: decipher } } as unknown as Client);
  expect(cipher._encKey).toBeInstanceOf(KeyObject);
  expect(decipher._decipherKey).toBeInstanceOf(KeyObject);
  makeCiphersCheaper({ _protocol: { _cipher: {}, _decipher: undefined } } as unknown as Client);
  makeCiphersCheaper({} as Client);
});

test('the parts of a packet are written as one', () => {
  const written: string[] = [];
  const cipher = {
    isDead: false,
    _onWrite: (part: Uint8Array) => void written.push(part.toString()),
    encrypt(packet: Uint8Array) {
      if (this.isDead) return;
      this._onWrite(Buffer.from('length,'));
      this._onWrite(packet);
      this._onWrite(Buffer.from(',tag'));
    },
  };
  makeCiphersCheaper({ _protocol: { _cipher: cipher } } as unknown as Client);
  cipher.encrypt(Buffer.from('one'));
  cipher.encrypt(Buffer.from('two'));
  cipher.isDead = true;
  cipher.encrypt(Buffer.from('three'));
  expect(written).toEqual(['length,one,tag', 'length,two,tag']);
});

test('a connection works with them, also after the keys were exchanged anew', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fleetmend-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const host = await startEmbeddedSshHost({ directory, password: EMBEDDED_PASSWORD, environment: process.env });
  onTestFinished(() => host.close());
  const client = new ssh2.Client();
  onTestFinished(() => void client.end());
  await new Promise<void>((resolve, reject) => {
    client.on('handshake', () => makeCiphersCheaper(client)).once('ready', resolve);
    client.once('error', reject);
    client.connect({ host: '127.0.0.1', port: host.port, username: 'tester', password: EMBEDDED_PASSWORD });
  });
  expect(await clientOutput(client, 'echo hi')).toBe('hi\n');
  await new Promise<void>((resolve) => {
    client.once('handshake', () => resolve());
    (client as unknown as { _protocol: { rekey(): void } })._protocol.rekey();
  });
  expect(await clientOutput(client, 'echo hi')).toBe('hi\n');
});
