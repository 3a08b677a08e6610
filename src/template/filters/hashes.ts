/** Filters of encodings and digests. */
import { createHash, getHashes } from 'node:crypto';
import { didYouMean } from '../../util/did-you-mean.ts';
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { toText } from '../values/text.ts';

export const HASH_FILTERS: readonly (readonly [string, Builtin])[] = [
  [
    'b64encode',
    pure('value encoding?', (value: unknown, encoding?: unknown) =>
      Buffer.from(toText(value), encodingOf(encoding)).toString('base64'),
    ),
  ],
  [
    'b64decode',
    pure('value encoding?', (value: unknown, encoding?: unknown) =>
      Buffer.from(toText(value), 'base64').toString(encodingOf(encoding)),
    ),
  ],
  ['hash', pure('value hashtype?', (value: unknown, type: unknown = 'sha1') => digest(value, toText(type)))],
  ['checksum', pure('value', (value: unknown) => digest(value, 'sha1'))],
  ['sha1', pure('value', (value: unknown) => digest(value, 'sha1'))],
  ['md5', pure('value', (value: unknown) => digest(value, 'md5'))],
  ['to_uuid', pure('value namespace?', toUuid)],
];

/** The namespace of Ansible's UUIDs. */
const NAMESPACE = '361E6D51-FAEC-444A-9079-341386DA8E2E';

// Version 5 of RFC 9562: the SHA-1 of the namespace's bytes and the name, with version and variant put in.
function toUuid(value: unknown, namespace: unknown = NAMESPACE): string {
  const digits = toText(namespace).replace(/^urn:uuid:|[{}-]/g, '');
  if (!/^[\da-fA-F]{32}$/.test(digits)) fail(`Expected the namespace to be a UUID, got '${toText(namespace)}'`);
  const hash = createHash('sha1').update(Buffer.from(digits, 'hex')).update(toText(value), 'utf8').digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function digest(value: unknown, type: string): string {
  const names = getHashes();
  if (!names.includes(type))
    fail(`Unknown hash '${type}'`, didYouMean(type, names) ?? 'use sha256, sha512, sha1 or md5');
  return createHash(type).update(toText(value), 'utf8').digest('hex');
}

function encodingOf(encoding: unknown = 'utf-8'): BufferEncoding {
  const name = toText(encoding).toLowerCase();
  if (name === 'utf-8' || name === 'utf8') return 'utf8';
  if (name === 'utf-16-le' || name === 'utf-16le') return 'utf16le';
  if (name === 'latin-1' || name === 'latin1' || name === 'iso-8859-1') return 'latin1';
  if (name === 'ascii') return 'ascii';
  return fail(`Unknown encoding '${name}'`, 'use utf-8, utf-16-le or latin-1');
}
