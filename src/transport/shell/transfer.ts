/**
 * Files through a shell's streams, small ones inside the script: this works with every `sh`, as the become user, and where the
 * SFTP subsystem is missing. Large ones to hosts far away go ahead by SFTP (staged-run.ts): docs/performance.md says why.
 */

import { createHash, randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { TransportError } from '../../errors.ts';
import { oneLine } from '../../util/one-line.ts';
import { bytesWord, writeBytes } from '../../util/shell-bytes.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { DownloadRequest, UploadRequest } from '../types.ts';
import { cksum } from './cksum.ts';

/** Exit statuses of the scripts below that have a meaning of their own. */
const EXIT_IS_DIRECTORY = 81;
const EXIT_SHORT = 82;
const EXIT_MISSING = 83;
const EXIT_TOO_LARGE = 84;
const EXIT_DIFFERS = 85;

/** Files up to this size travel inside the script: no process has to read them, and a lane can run it. */
const INLINE_MAX_BYTES = 49_152;
/** What the text of such a file may come to; bytes that are no ASCII take five each. */
const INLINE_MAX_CHARS = 100_000;

/** Shell text that writes a file beside the target, brings it to disk, checks it and renames it; and its stdin, if any. */
export function uploadScript(request: UploadRequest): { readonly script: string; readonly stdin?: Uint8Array } {
  const { content } = request;
  const word = content.byteLength <= INLINE_MAX_BYTES ? bytesWord(content) : undefined;
  const isInline = word !== undefined && word.length <= INLINE_MAX_CHARS;
  const script = writeScript(request, isInline ? `set -- ${word};${writeBytes('1')}` : 'cat');
  return isInline ? { script } : { script, stdin: content };
}

function writeScript(request: UploadRequest, source: string): string {
  const path = quotePath(request.remotePath);
  const name = `.fleetmend-${randomBytes(8).toString('hex')}`;
  const temporary = quotePath(`${posix.dirname(request.remotePath)}/${name}`);
  const mode = (request.mode ?? 0o600).toString(8).padStart(4, '0');
  const { content, owner } = request;
  const sums = checksumsOf(content);
  const chown = owner === undefined ? '' : `chown -- ${shellQuote(owner)} "$t" && `;
  return `t=${temporary}
if [ -d ${path} ]; then exit ${EXIT_IS_DIRECTORY}; fi
umask 077
trap 'rm -f -- "$t"' EXIT
trap 'exit 143' HUP INT PIPE TERM
${source} >"$t" || exit 1
[ "$(wc -c <"$t")" -eq ${content.byteLength} ] || exit ${EXIT_SHORT}
if command -v sha256sum >/dev/null; then s=$(sha256sum <"$t") && [ "\${s%% *}" = ${sums.sha256} ]
else s=$(cksum <"$t") && [ "$s" = '${sums.cksum}' ]
fi || exit ${EXIT_DIFFERS}
# Of this file alone; a sync that knows no -d would write out all file systems, and is not wanted.
sync -d -- "$t" 2>/dev/null || :
${chown}chmod ${mode} "$t" && mv -f -- "$t" ${path}`;
}

interface Checksums {
  readonly sha256: string;
  readonly cksum: string;
}

/** One file goes to many hosts: it is summed up once. */
const checksums = new WeakMap<Uint8Array, Checksums>();

function checksumsOf(content: Uint8Array): Checksums {
  let sums = checksums.get(content);
  if (sums === undefined) {
    sums = { sha256: createHash('sha256').update(content).digest('hex'), cksum: cksum(content) };
    checksums.set(content, sums);
  }
  return sums;
}

/** Shell text that prints the size on a line, then the file. */
export function downloadScript(request: DownloadRequest): string {
  const path = quotePath(request.remotePath);
  return `f=${path}
[ -e "$f" ] || exit ${EXIT_MISSING}
[ ! -d "$f" ] || exit ${EXIT_IS_DIRECTORY}
n=$(wc -c <"$f") || exit 1
n=$((n))
[ "$n" -le ${request.maxBytes} ] || { echo "$n"; exit ${EXIT_TOO_LARGE}; }
echo "$n"
exec cat <"$f"`;
}

/** Most that {@link downloadScript} prints beside the file: the line with its size. */
export const DOWNLOAD_HEAD_BYTES = 32;

/** @throws {@link TransportError} TRANSFER_FAILED when the script did not end well */
export function checkUpload(request: UploadRequest, host: string, exitCode: number | null, stderr: string): void {
  if (exitCode === 0) return;
  const reasons: Readonly<Record<number, string>> = {
    [EXIT_IS_DIRECTORY]: 'it is a directory; name the file in it',
    [EXIT_DIFFERS]: 'what was written there has another checksum than what was sent',
    [EXIT_SHORT]: `not all of its ${request.content.byteLength} bytes arrived`,
  };
  throw failed(`write '${request.remotePath}' on ${host}`, reasons[exitCode ?? -1], exitCode, stderr);
}

/**
 * The file from what the script printed.
 *
 * @throws {@link TransportError} TRANSFER_FAILED when the script did not end well or bytes are missing
 */
export function readDownload(
  request: DownloadRequest,
  host: string,
  exitCode: number | null,
  stdout: Buffer,
  stderr: string,
): Buffer {
  const newline = stdout.indexOf(10);
  const sizeBytes = Number(stdout.toString('latin1', 0, Math.max(newline, 0)).trim());
  const what = `read '${request.remotePath}' on ${host}`;
  if (exitCode !== 0 || newline < 0) {
    const reasons: Readonly<Record<number, string>> = {
      [EXIT_IS_DIRECTORY]: 'it is a directory',
      [EXIT_MISSING]: 'there is no such file',
      [EXIT_TOO_LARGE]: `it has ${sizeBytes} bytes; at most ${request.maxBytes} are allowed`,
    };
    throw failed(what, reasons[exitCode ?? -1], exitCode, stderr);
  }
  const content = stdout.subarray(newline + 1);
  // More is fine: a log that grew meanwhile. Less is a cut file.
  if (content.length < sizeBytes) throw failed(what, `only ${content.length} of ${sizeBytes} bytes came`, 0, stderr);
  if (content.length > request.maxBytes) throw failed(what, `it grew over ${request.maxBytes} bytes`, 0, stderr);
  return content;
}

function failed(what: string, reason: string | undefined, exitCode: number | null, stderr: string): TransportError {
  const words = oneLine(stderr);
  const why = reason ?? (words === '' ? `exit status ${exitCode ?? 'unknown'}` : words);
  return new TransportError('TRANSFER_FAILED', `Could not ${what}: ${why}`);
}

// A leading `~/` is the become user's home on the target; a leading `-` must not be taken for an option.
function quotePath(path: string): string {
  if (path === '~' || path.startsWith('~/')) return `"$HOME"${shellQuote(path.slice(1))}`;
  return shellQuote(path.startsWith('/') ? path : `./${path}`);
}
