/**
 * The shell text of a lane: what makes a waiting shell one, and the text of each turn. A turn is a process of its own, so
 * nothing that a script does to its shell reaches the lane or the next script.
 *
 * - A strict turn is a fresh `sh` that leads a session and process group of its own (`setsid`).
 * - A quick turn is a subshell of the lane, which costs the host a fork and no program. It is for scripts in which nothing
 *   could tell the difference ({@link isQuick}), on hosts that have /proc.
 */

import { bytesWord } from '../../util/shell-bytes.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { PreparedScript } from './protocol.ts';

// The EXIT trap of a script's shell tells an exit with a status over 128 from a death by a signal, and that there were
// background processes; `set -x` of the script does not show it.
const EXIT_TRAP =
  'trap "{ _fx=\\$?;set +xu; } 2>/dev/null;[ \\$_fx -le 128 ]&&[ -z \\"\\$!\\" ]||echo $_ft \\$! >&2" EXIT';

// What a strict turn's process does: it tells its pid, takes the script out of its environment (where it came, so as to be
// in no argv) and runs it.
const TURN = 'echo "$_ft" $$;_fs=$_fm;unset _fm _ft;eval "$_fs"';
const STRICT_TURN = `echo $$;exec >&4 4>&- 7>&-;${EXIT_TRAP};${TURN}`;

const OWN_NAMES = 'unset _fm _ft _fc _fp _fd;unset -f _ff _fr _fi _fe;set --';

/**
 * What a waiting shell is sent once. The lane's shell reads its program from stdin, has stdout in 4 too and stderr in 5,
 * and says nothing itself. A turn is `_ff MARK` (quick), `_fr MARK` (strict) or `_fi MARK` (strict, with the text of `_fd`
 * as its stdin); the script is in `_fm`. All then print `MARK status pid alive` on stdout (`alive` 0: somebody is left) and
 * `MARK` on stderr.
 *
 * - Strict: the pid comes through the pipe of a command substitution, which the turn closes before it runs the script.
 *   Somebody is left when the process group can be signalled.
 * - Quick: the turn and all that it starts have the reading end of a pipe in 8 (the pipe is that of a here-document, its
 *   writing end is the lane's 7). Somebody is left when the lane can still write to it. `pid` is `-`.
 * - Where there is no `setsid`, and in a shell of the ksh family (an EXIT trap hides the signal there, and what is over 2 is
 *   not handed on), the shell says `MARK none` on stderr and becomes the script.
 */
export const LANE_PROLOGUE = `exec sh
exec 4>&1 5>&2 2>/dev/null;export _fm _ft;_fc=${shellQuote(STRICT_TURN)}
_fe(){ _fx=$?;_fm=;_fd=;kill -0 "-$_fp";echo "$1 $_fx $_fp $?";echo "$1">&5; }
if test -z "\${KSH_VERSION-}"&&command -v setsid >/dev/null;then _fr(){ _fp=$(trap - PIPE;exec setsid sh -c "$_fc" </dev/null 2>&5 5>&-);_fe "$1"; }
_fi(){ _fp=$(trap - PIPE;printf %b "$_fd"|exec setsid sh -c "$_fc" 2>&5 5>&-);_fe "$1"; }
else _fr(){ echo "$1 none">&5;exec sh -c ${shellQuote(TURN)} </dev/null 2>&5 4>&- 5>&- 7>&-; };fi
exec 9<<_
pipe
_
if command -v setsid >/dev/null&&[ -p /proc/self/fd/9 ]&&(exec 7>/proc/self/fd/9 8</proc/self/fd/7);then exec 7>/proc/self/fd/9 9<&-
trap '' PIPE;_ff(){ exec 8</proc/self/fd/7;(exec 4>&- 5>&- 7>&-;trap - PIPE;${EXIT_TRAP};_fs=$_fm;${OWN_NAMES};eval "$_fs") </dev/null 2>&5
_fx=$?;_fm=;exec 8<&-;echo >&7;echo "$1 $_fx - $?";echo "$1">&5; }
else exec 9<&-;_ff(){ _fr "$1"; };fi
`;

/** The marks of one turn. No argument holds one; the first is in the environment of the script's process at its start. */
export interface TurnMarks {
  readonly begin: string;
  readonly end: string;
}

/** Shell text for one turn. */
export function turnText({ text, stdin }: PreparedScript, { begin, end }: TurnMarks): string {
  const assign = `_fm=${shellQuote(text)} _ft=${begin}`;
  if (stdin !== undefined) return `${assign} _fd=${bytesWord(stdin)};_fi ${end}\n`;
  return `${assign};${isQuick(text) ? '_ff' : '_fr'} ${end}\n`;
}

/**
 * Whether a script may be a subshell of the lane: it does not ask for its own or its parent's pid (which would be the lane's),
 * signals nobody, has nothing in the background, and reads no other script into its shell.
 *
 * Exported for testing.
 */
export function isQuick(text: string): boolean {
  return !NEEDS_PROCESS.test(text);
}

const NEEDS_PROCESS = /\$\{?\$|PPID|kill|setsid|(?<![&<>|])&(?![&>])|(?:^|[\s;&|({])(?:\.|source)\s/;

/** Linux takes no single string over 128 KiB into an environment; some room is left for its name and a margin. */
const MAX_SCRIPT_BYTES = 120_000;
/** Each byte of it may be five in the text. */
const MAX_STDIN_BYTES = 49_152;

/** Whether a script can be a turn of a lane; `mayPipe`: also one with stdin. */
export function fitsLane({ text, stdin }: PreparedScript, mayPipe: boolean): boolean {
  if (stdin !== undefined && (!mayPipe || stdin.byteLength > MAX_STDIN_BYTES)) return false;
  return (
    text.length <= MAX_SCRIPT_BYTES &&
    (text.length * 3 <= MAX_SCRIPT_BYTES || Buffer.byteLength(text) <= MAX_SCRIPT_BYTES)
  );
}
