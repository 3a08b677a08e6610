/**
 * The frame of the scripts that run on a host. They call the engine with a deadline of its own for each call (`timeout` of
 * coreutils or busybox where there is one; the script's own deadline on the controller is always there), and print one line
 * a fact, fields separated by tabs, the engine's text last and on one line.
 */

import { shellQuote } from '../../util/shell-quote.ts';
import type { EngineOptions } from './engine.ts';

/** Seconds between TERM and KILL for a call that did not end in time. */
const KILL_AFTER_SECONDS = 5;

/** Time for what no call of the engine takes: starting shells, a slow host. */
export const SLACK_MS = 15_000;

/** About 80,000 lines of `ps`; 50 inspected containers with 160 KB of labels each. */
export const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/** How long one `call` of a script may take at most, with what it takes to kill it. */
export function callMs(timeoutMs: number): number {
  return timeoutMs + KILL_AFTER_SECONDS * 1000;
}

/** A duration for `call` in a script: whole seconds, at least one, since `timeout 0` means for ever. */
export function seconds(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1000));
}

/** The shell function `line WORD SUBJECT STATUS TEXT`, which prints what {@link parseScriptLines} reads. */
export const LINE_FUNCTION = `line() { printf '%s\\t%s\\t%s\\t%s\\n' "$1" "$2" "$3" "$(printf %s "$4" | tr '\\n\\t' '  ')"; }`;

/**
 * The beginning of a script that calls the engine: PATH, the daemon's address, and the functions `call SECONDS COMMAND…`
 * (the command's output and status; {@link causeOf} knows the statuses of a deadline), `is_hung STATUS` and `line`.
 *
 * @param killAfterSeconds - between TERM and KILL for a call that did not end in time
 */
// `--foreground` keeps the call in the script's process group, so that it dies with it when the run is interrupted.
export function prelude(options: Pick<EngineOptions, 'engineHost'>, killAfterSeconds = KILL_AFTER_SECONDS): string {
  const host = options.engineHost;
  const exports =
    host === undefined ? '' : `export DOCKER_HOST=${shellQuote(host)} CONTAINER_HOST=${shellQuote(host)}\n`;
  return `LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin; export PATH
${exports}limiter=
for flags in '--foreground -k ${killAfterSeconds}' '-k ${killAfterSeconds}' ''; do
  if timeout $flags 5 true 2>/dev/null; then limiter="timeout $flags"; break; fi
done
call() {
  if [ -z "$limiter" ]; then shift; "$@"; else $limiter "$@"; fi
}
is_hung() { [ "$1" -eq 124 ] || [ "$1" -eq 137 ] || [ "$1" -eq 143 ]; }
${LINE_FUNCTION}`;
}

/** Sets `bin` and `version` of the host's engine and prints its line `engine`; prints `missing` and ends where there is none. */
export function findEngine(options: EngineOptions, timeoutMs: number): string {
  const engines = options.engine === 'auto' ? 'docker podman' : options.engine;
  const candidates = options.executable === undefined ? engines : shellQuote(options.executable);
  return `bin=
for name in ${candidates}; do
  bin=$(command -v "$name" 2>/dev/null) && break
done
if [ -z "$bin" ]; then echo missing; exit 0; fi
version=$(call ${seconds(timeoutMs)} "$bin" --version 2>/dev/null)
line engine "$bin" 0 "$version"`;
}

/** One line of a script: what it is, what it is about, a number, and text. */
export interface ScriptLine {
  readonly word: string;
  readonly subject: string;
  readonly status: number;
  readonly text: string;
}

/** The lines of a script's output. Text that is none of ours (an engine's warnings) is left out. */
export function parseScriptLines(stdout: string): ScriptLine[] {
  return stdout.split('\n').flatMap((line) => {
    const [word = '', subject = '', status = '', ...text] = line.split('\t');
    if (text.length === 0 && word !== 'missing') return [];
    return [{ word, subject, status: Number(status), text: text.join(' ') }];
  });
}
