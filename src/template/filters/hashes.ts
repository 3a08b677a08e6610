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
];

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
