/**
 * The words that we and a waiting `sh` exchange. The shell announces itself with a random marker on both streams (what
 * a login profile printed before it is dropped), then reads one line of shell text from stdin and evaluates it: that
 * line says how the script itself arrives.
 */
import { randomBytes } from 'node:crypto';
import { TransportError } from '../../errors.ts';
import { writeBytes } from '../../util/shell-bytes.ts';
import { shellQuote } from '../../util/shell-quote.ts';

/** How all markers begin. */
export const MARKER_PREFIX = 'fleetmend-';
const MARKER_BYTES = 12;
/** All markers have this many characters. */
export const MARKER_LENGTH = MARKER_PREFIX.length + 2 * MARKER_BYTES;

/** Asking the system for random bytes costs more than all else about a marker, so they are asked for in hundreds. */
const POOL_BYTES = 128 * MARKER_BYTES;
let pool: Buffer = Buffer.alloc(0);

/** A marker that no program prints by accident, nor can tell from earlier ones; one a use. */
export function createMarker(): string {
  if (pool.length === 0) pool = randomBytes(POOL_BYTES);
  const marker = `${MARKER_PREFIX}${pool.toString('hex', 0, MARKER_BYTES)}`;
  pool = pool.subarray(MARKER_BYTES);
  return marker;
}

/**
 * Text for `sh -c`: announces `marker pid process-group`, with ` setsid` behind it where a lane can run, then waits for its
 * first line. It passes through the login shell inside single quotes, so it holds no newline, single quote, backslash or
 * `!`: these mean something to csh or fish.
 *
 * @param isGuarded - lines before the marker are dropped, so that a password which nobody read is never run as a command
 */
export function bootstrapText(marker: string, isGuarded = false): string {
  const guard = isGuarded ? `until test "$_fm" = ${marker};do IFS= read -r _fm||exit;done;` : '';
  // The process group is read from /proc with builtins only; elsewhere the shell's own pid stands in for it.
  const announce = `echo ${marker} $$ \${3:-$$}`;
  return (
    `IFS= read -r _fm 2>/dev/null </proc/$$/stat;set -- \${_fm##*") "};` +
    `if test -z "\${KSH_VERSION-}"&&command -v setsid >/dev/null;then ${announce} setsid;else ${announce};fi;` +
    `echo ${marker} >&2;set --;${guard}IFS= read -r _fm&&eval "$_fm"`
  );
}

/** Who announced itself. */
export interface Announcement {
  readonly pid: number;
  readonly processGroup: number;
}

/** What a shell tells of itself. */
export interface FoundAnnouncement extends Announcement {
  /** Whether a lane can run there: it can start sessions, and its `sh` is none of the ksh family. */
  readonly hasSetsid: boolean;
  /** Where the output begins. */
  readonly end: number;
}

/** Finds the announcement in what came so far; undefined while it is not complete. */
export function findAnnouncement(bytes: Buffer, marker: string): FoundAnnouncement | undefined {
  const start = bytes.indexOf(marker);
  if (start < 0) return undefined;
  const newline = bytes.indexOf(10, start);
  if (newline < 0) return undefined;
  const match = /^ (\d+) (\d+)( setsid)?\r?$/.exec(bytes.toString('latin1', start + marker.length, newline));
  if (match === null) return undefined;
  const hasSetsid = match[3] !== undefined;
  return { pid: Number(match[1]), processGroup: Number(match[2]), hasSetsid, end: newline + 1 };
}

const INLINE_MAX_BYTES = 4096;
/** Stdin up to this size goes out joined to the script, in one packet; more is never copied: many hosts share it. */
const JOINED_STDIN_MAX_BYTES = 16_384;

/** One script as it is run: environment and text in one. */
export interface PreparedScript {
  readonly text: string;
  /** Bytes for its stdin; undefined: /dev/null. */
  readonly stdin?: Uint8Array;
}

/**
 * The text that exports the environment and then is the script.
 *
 * @throws {@link TransportError} INVALID_ARGUMENT for a variable name that `sh` cannot export or a NUL in the text
 */
export function prepareScript(
  script: string,
  environment: Readonly<Record<string, string>> = {},
  stdin?: Uint8Array,
): PreparedScript {
  // Newlines at the end mean nothing to `sh`; without them a short command is one line.
  const text = `${exportPrologue(environment)}${script}`.replace(/\n+$/, '');
  if (text.includes('\0')) {
    throw new TransportError(
      'INVALID_ARGUMENT',
      'Expected a script and environment without NUL bytes, which sh cannot hold',
    );
  }
  return stdin === undefined ? { text } : { text, stdin };
}

/**
 * The bytes, in pieces, that make a waiting shell run a script, after which its stdin is to be ended. The script is read
 * whole before any of it runs, and then has stdin from /dev/null, or `stdin`, which is the last piece as it is.
 */
export function scriptPayload({ text, stdin }: PreparedScript): readonly Uint8Array[] {
  if (stdin !== undefined) {
    // One line, so that `read` (which takes not a byte more) leaves exactly the stdin behind it.
    const line = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    const head = Buffer.from(`IFS= read -r _fm||exit;_fm=$(${writeBytes('_fm')});eval "$_fm"\n${line}\n`);
    return stdin.byteLength <= JOINED_STDIN_MAX_BYTES ? [Buffer.concat([head, stdin])] : [head, stdin];
  }
  // The common short command costs the host no process of its own.
  if (!text.includes('\n') && text.length < INLINE_MAX_BYTES) return [Buffer.from(`exec </dev/null;${text}\n`)];
  const { head, body } = wholeScript(text);
  return [Buffer.from(`${head};exec </dev/null;eval "$_fm"\n${body}`)];
}

/**
 * A script as the rest of a shell's stdin: `head` reads it into `_fm`, and ends the shell when the end of `body` did not
 * come, since half a script may do what the whole one would not.
 */
export function wholeScript(text: string): { readonly head: string; readonly body: string } {
  const end = createMarker();
  return {
    head: `_fm=$(cat);case $_fm in *${end});;*)exit 143;;esac;_fm=\${_fm%${end}}`,
    body: `${text}\n${end}`,
  };
}

function exportPrologue(environment: Readonly<Record<string, string>>): string {
  let text = '';
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new TransportError(
        'INVALID_ARGUMENT',
        `Expected the name of an environment variable (letters, digits, '_'; no digit first), got '${name}'`,
      );
    }
    text += `export ${name}=${shellQuote(value)};`;
  }
  return text;
}
