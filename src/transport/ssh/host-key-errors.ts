/** Words for host keys that are not as known_hosts has them, and for known_hosts files that cannot be used. */
import { errorMessage, TransportError } from '../../errors.ts';
import type { KnownKey } from '../host-keys/host-entries.ts';
import type { HostKeyVerdict } from '../host-keys/host-key-store.ts';
import { fingerprint, keyType } from '../host-keys/key-blob.ts';
import type { HostKeyName } from '../host-keys/known-hosts.ts';
import type { Target } from '../types.ts';
import type { Address } from './connect-errors.ts';

/**
 * The host's key is not the one that known_hosts has, or there is none.
 *
 * @param names - under which known_hosts holds the host
 */
export function hostKeyRefused(
  target: Target,
  at: Address,
  { name }: HostKeyName,
  blob: Buffer,
  verdict: HostKeyVerdict,
): TransportError {
  const shown = `${keyType(blob)} ${fingerprint(blob)}`;
  if (verdict.kind === 'unknown' || verdict.kind === 'known') {
    const authority = verdict.kind === 'unknown' ? verdict.authority : undefined;
    if (authority !== undefined) {
      return new TransportError(
        'HOST_KEY_UNKNOWN',
        `${name} is known by a certificate authority only (${lineOf(authority)}), and connection 'ssh' cannot check ` +
          `host certificates; it shows ${shown}`,
        { hint: "use `connection: openssh`, or add the host's own key to known_hosts" },
      );
    }
    const files = target.knownHostsFiles.join(', ') || 'no known_hosts file';
    const scan = `ssh-keyscan ${at.port === 22 ? '' : `-p ${at.port} `}${at.address}`;
    return new TransportError(
      'HOST_KEY_UNKNOWN',
      `The host key of ${name} is unknown: it shows ${shown}; looked in ${files}`,
      {
        hint: `compare it with the host's own, then add the line of \`${scan}\` to known_hosts, or use the policy accept-new`,
      },
    );
  }
  const { known } = verdict;
  if (verdict.kind === 'revoked') {
    return new TransportError('HOST_KEY_REVOKED', `${name} shows a key that is revoked at ${lineOf(known)}: ${shown}`, {
      hint: 'do not connect: the key may be in wrong hands; give the host a new one and take the line out',
    });
  }
  return new TransportError(
    'HOST_KEY_CHANGED',
    `The host key of ${name} changed: it shows ${shown}, and ${lineOf(known)} has ${known.type} ${fingerprint(known.key)}`,
    {
      hint: `someone may be in between; if the host was set up anew: ssh-keygen -R '${name}' -f '${known.file}'`,
    },
  );
}

/** A new host key could not be read from or written to known_hosts. */
export function hostKeyFileFailed(target: Target, error: unknown): TransportError {
  const { code, path: place = target.knownHostsFiles[0] } = error as NodeJS.ErrnoException;
  const path = place?.replace(/\.fleetmend-lock$/, '');
  const words = errorMessage(error)
    .replace(/^[A-Z]+: /, '')
    .replace(/, \w+ '.*'$/, '');
  const isWrite = target.hostKeyPolicy === 'accept-new' && code !== 'EISDIR';
  return new TransportError('CONNECT_FAILED', `Could not use the known_hosts file '${path}': ${words}`, {
    hint: isWrite
      ? 'accept-new records keys in the first file: make it writable, or name another with --known-hosts'
      : undefined,
    cause: error,
  });
}

// Where a key stands; the line is not known of one that was written just now.
function lineOf({ file, line }: KnownKey): string {
  return line === 0 ? file : `${file}:${line}`;
}
