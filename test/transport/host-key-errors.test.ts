import { describe, expect, test } from 'vitest';
import { fingerprint, keyText } from '../../src/transport/host-keys/key-blob.ts';
import { hostKeyName } from '../../src/transport/host-keys/known-hosts.ts';
import { hostKeyFileFailed, hostKeyRefused } from '../../src/transport/ssh/host-key-errors.ts';
import { testTarget } from './targets.ts';

const field = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
const SHOWN = Buffer.concat([field('ssh-ed25519'), field('a'.repeat(32))]);
const KNOWN = Buffer.concat([field('ssh-ed25519'), field('b'.repeat(32))]);
const LINE = { file: '/home/ops/.ssh/known_hosts', line: 7, type: 'ssh-ed25519', key: keyText(KNOWN) };

describe('a refused host key', () => {
  const target = testTarget({ port: 2222, knownHostsFiles: ['/a', '/b'] });
  const at = { address: 'web1', port: 2222 };
  const refused = (verdict: Parameters<typeof hostKeyRefused>[4]) =>
    hostKeyRefused(target, at, hostKeyName(at), SHOWN, verdict);

  test('changed: both fingerprints, the line, and what to do', () => {
    const { code, message, hint } = refused({ kind: 'changed', known: LINE });
    expect(code).toBe('HOST_KEY_CHANGED');
    expect(message).toBe(
      `The host key of [web1]:2222 changed: it shows ssh-ed25519 ${fingerprint(SHOWN)}, ` +
        `and /home/ops/.ssh/known_hosts:7 has ssh-ed25519 ${fingerprint(KNOWN)}`,
    );
    expect(hint).toMatch(
      /someone may be in between.*ssh-keygen -R '\[web1\]:2222' -f '\/home\/ops\/.ssh\/known_hosts'/,
    );
  });

  test('revoked: an outcome of its own', () => {
    const { code, message } = refused({ kind: 'revoked', known: LINE });
    expect([code, message]).toEqual([
      'HOST_KEY_REVOKED',
      `[web1]:2222 shows a key that is revoked at /home/ops/.ssh/known_hosts:7: ssh-ed25519 ${fingerprint(SHOWN)}`,
    ]);
  });

  test('unknown: where it was looked for, and both ways on', () => {
    const { code, message, hint } = refused({ kind: 'unknown' });
    expect(code).toBe('HOST_KEY_UNKNOWN');
    expect(message).toContain(`it shows ssh-ed25519 ${fingerprint(SHOWN)}; looked in /a, /b`);
    expect(hint).toMatch(/ssh-keyscan -p 2222 web1.*accept-new/);
  });

  test('known by an authority only: that is what it says', () => {
    const { code, message, hint } = refused({ kind: 'unknown', authority: LINE });
    expect(code).toBe('HOST_KEY_UNKNOWN');
    expect(message).toContain('known by a certificate authority only (/home/ops/.ssh/known_hosts:7)');
    expect(hint).toContain('connection: openssh');
  });
});

test('a known_hosts file that cannot be written is named, not its lock', () => {
  const target = testTarget({ hostKeyPolicy: 'accept-new', knownHostsFiles: ['/ro/known_hosts'] });
  const error = Object.assign(new Error("ENOSPC: no space left on device, open '/ro/known_hosts.fleetmend-lock'"), {
    code: 'ENOSPC',
    path: '/ro/known_hosts.fleetmend-lock',
  });
  const { code, message, hint } = hostKeyFileFailed(target, error);
  expect([code, message]).toEqual([
    'CONNECT_FAILED',
    "Could not use the known_hosts file '/ro/known_hosts': no space left on device",
  ]);
  expect(hint).toContain('--known-hosts');
});
