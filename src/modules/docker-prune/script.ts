/**
 * The scripts that run on the host, and what they print. They call the engine with a deadline of its own for each call
 * (`timeout` of coreutils or busybox where there is one; the script's own deadline on the controller is always there),
 * never with force, and print one line a fact, fields separated by tabs, the engine's text last and on one line.
 */

import { shellQuote } from '../../util/shell-quote.ts';
import type { EngineKind } from './container.ts';
import type { PruneOptions } from './options.ts';

/** The engine that was found on the host. */
export interface Engine {
  readonly kind: EngineKind;
  /** The command to call. */
  readonly path: string;
  /** "20.10.24+dfsg1", as `--version` has it. */
  readonly version: string;
}

/** Seconds between TERM and KILL for a call that did not end in time. */
const KILL_AFTER_SECONDS = 5;

/** Longest that one inspect of one container may take when the call for many did not answer. */
const INSPECT_ONE_TIMEOUT_MS = 10_000;

/** How many removals in a row may go without an answer before the rest is not tried. */
const MAX_HUNG_REMOVALS = 2;

/** How many containers of one script may be found hung before the rest is not inspected. */
const MAX_HUNG_INSPECTS = 5;

/** A removal script starts no further removal after this time, so that its result is seen while it goes on. */
const REMOVE_BUDGET_MS = 60_000;

/** About 80,000 lines of `ps`; 50 inspected containers with 160 KB of labels each. */
export const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/** Finds the engine and lists all containers: lines `engine`, `clock`, `container`… and at last `ps` with its status. */
export function listScript(options: PruneOptions): string {
  const engines = options.engine === 'auto' ? 'docker podman' : options.engine;
  const candidates = options.executable === undefined ? engines : shellQuote(options.executable);
  // Docker has had {{.Status}} for ever and {{.State}} only since 20.10. Descriptor 3 is closed for the call: busybox's
  // `timeout` leaves a watchdog behind that would hold it, and the script's output with it, for a second.
  return `${prelude(options)}
bin=
for name in ${candidates}; do
  bin=$(command -v "$name" 2>/dev/null) && break
done
if [ -z "$bin" ]; then echo missing; exit 0; fi
version=$(call ${seconds(options.listTimeoutMs)} "$bin" --version 2>/dev/null)
line engine "$bin" 0 "$version"
line clock "$(date +%s)" 0 ''
case $version in
  podman*) format='container\t{{.ID}}\t0\t{{.State}}' ;;
  *) format='container\t{{.ID}}\t0\t{{.Status}}' ;;
esac
{ errors=$(call ${seconds(options.listTimeoutMs)} "$bin" ps -a --no-trunc --format "$format" 2>&1 >&3 3>&-); status=$?; } 3>&1
line ps - "$status" "$errors"
`;
}

/** How long {@link listScript} may take at most, for the deadline on the controller. */
export function listScriptMs(options: PruneOptions): number {
  return 2 * (options.listTimeoutMs + KILL_AFTER_SECONDS * 1000) + SLACK_MS;
}

/**
 * Inspects containers in one call; when it fails or does not answer, one by one. JSON lines for those that answered;
 * lines `inspect ID STATUS TEXT` for those that did not, `skipped ID` for those not tried.
 */
export function inspectScript(options: PruneOptions, engine: Engine, ids: readonly string[]): string {
  return `${prelude(options)}
bin=${shellQuote(engine.path)}
inspect() {
  limit=$1; shift
  out=$(call "$limit" "$bin" inspect --type container --format ${shellQuote(inspectFormat(engine.kind))} "$@" 2>&1)
}
set -- ${ids.join(' ')}
if inspect ${seconds(options.listTimeoutMs)} "$@"; then
  printf '%s\\n' "$out"
  exit 0
fi
hung=0
for id in "$@"; do
  if [ "$hung" -ge ${MAX_HUNG_INSPECTS} ]; then line skipped "$id" 0 ''; continue; fi
  if inspect ${seconds(inspectOneMs(options))} "$id"; then
    printf '%s\\n' "$out"
  else
    status=$?
    if is_hung "$status"; then hung=$((hung + 1)); fi
    line inspect "$id" "$status" "$out"
  fi
done
`;
}

/** How long {@link inspectScript} may take at most. */
export function inspectScriptMs(options: PruneOptions, count: number): number {
  const one = inspectOneMs(options) + KILL_AFTER_SECONDS * 1000;
  return (
    options.listTimeoutMs + KILL_AFTER_SECONDS * 1000 + MAX_HUNG_INSPECTS * one + count * HEALTHY_CALL_MS + SLACK_MS
  );
}

/**
 * Removes containers one by one. Lines `start ID` before and `rm ID STATUS TEXT` after each; `stop` when going on
 * makes no sense. IDs without a line were not tried: the time was up, and the next script takes them.
 */
export function removeScript(options: PruneOptions, engine: Engine, ids: readonly string[]): string {
  return `${prelude(options)}
bin=${shellQuote(engine.path)}
hung=0
begin=$(date +%s)
for id in ${ids.join(' ')}; do
  if [ $(($(date +%s) - begin)) -ge ${seconds(REMOVE_BUDGET_MS)} ]; then break; fi
  line start "$id" 0 ''
  out=$(call ${seconds(options.removeTimeoutMs)} "$bin" rm "$id" 2>&1)
  status=$?
  line rm "$id" "$status" "$out"
  if is_hung "$status"; then hung=$((hung + 1)); else hung=0; fi
  if [ "$hung" -ge ${MAX_HUNG_REMOVALS} ]; then line stop - 0 ''; break; fi
  case $out in
    *'Cannot connect to '* | *'permission denied while trying to connect'*) line stop - 0 ''; break ;;
  esac
done
`;
}

/** How long {@link removeScript} may take at most. */
export function removeScriptMs(options: PruneOptions): number {
  return REMOVE_BUDGET_MS + options.removeTimeoutMs + KILL_AFTER_SECONDS * 1000 + SLACK_MS;
}

/**
 * Finds what holds a container: processes whose own mount namespace shows its mounts, one a namespace, then those that
 * have a file or folder of it open. Lines `holder ID PID COMMAND CGROUP`, at most ten of each for a container.
 *
 * @param needles - for each container's ID the words to look for in paths: the ID itself and the names of its layers
 */
export function holderScript(needles: ReadonlyMap<string, readonly string[]>): string {
  const searches = [...needles].map(
    ([id, words]) => `find_holders ${id} ${words.map((word) => `-e ${word}`).join(' ')}`,
  );
  return `${LINE_FUNCTION}
holder() { line holder "$id" "$1" "$(cat "/proc/$1/comm" 2>/dev/null) $(tail -n 1 "/proc/$1/cgroup" 2>/dev/null)"; }
find_holders() {
  id=$1; shift
  # What the host's own namespace shows is the engine's mount itself.
  seen=" $(readlink /proc/self/ns/mnt) "
  count=0
  for file in $(grep -lF "$@" /proc/[0-9]*/mountinfo 2>/dev/null); do
    pid=\${file#/proc/}; pid=\${pid%/mountinfo}
    space=$(readlink "/proc/$pid/ns/mnt" 2>/dev/null) || continue
    case $seen in *" $space "*) continue ;; esac
    seen="$seen$space "
    count=$((count + 1))
    if [ "$count" -gt 10 ]; then break; fi
    holder "$pid"
  done
  for pid in $(ls -ld /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/fd/* 2>/dev/null | grep -F "$@" |
    sed -n 's|^[^/]* /proc/\\([0-9]*\\)/.*|\\1|p' | sort -u | head -n 10); do
    holder "$pid"
  done
}
${searches.join('\n')}
`;
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

/** Deadline of the inspection of one container on its own. */
export function inspectOneMs(options: PruneOptions): number {
  return Math.min(INSPECT_ONE_TIMEOUT_MS, options.listTimeoutMs);
}

// Time for what no call of the engine takes: starting shells, a slow host.
const SLACK_MS = 15_000;
const HEALTHY_CALL_MS = 1000;

// A JSON array a line; `{{json .State}}` whole would bring the logs of health checks along. Podman's template has the names
// of its own fields, not those of its JSON.
function inspectFormat(kind: EngineKind): string {
  const id = kind === 'podman' ? '.ID' : '.Id';
  const fields = [
    id,
    '.Name',
    '.Config.Image',
    '.Image',
    '.Created',
    '.State.Status',
    '.State.FinishedAt',
    '.Config.Labels',
  ];
  return `[${fields.map((field) => `{{json ${field}}}`).join(',')}]`;
}

function seconds(durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1000));
}

const LINE_FUNCTION = `line() { printf '%s\\t%s\\t%s\\t%s\\n' "$1" "$2" "$3" "$(printf %s "$4" | tr '\\n\\t' '  ')"; }`;

// `--foreground` keeps the call in the script's process group, so that it dies with it when the run is interrupted.
function prelude(options: PruneOptions): string {
  const host = options.engineHost;
  const exports =
    host === undefined ? '' : `export DOCKER_HOST=${shellQuote(host)} CONTAINER_HOST=${shellQuote(host)}\n`;
  return `LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin; export PATH
${exports}limiter=
for flags in '--foreground -k ${KILL_AFTER_SECONDS}' '-k ${KILL_AFTER_SECONDS}' ''; do
  if timeout $flags 5 true 2>/dev/null; then limiter="timeout $flags"; break; fi
done
call() {
  if [ -z "$limiter" ]; then shift; "$@"; else $limiter "$@"; fi
}
is_hung() { [ "$1" -eq 124 ] || [ "$1" -eq 137 ] || [ "$1" -eq 143 ]; }
${LINE_FUNCTION}`;
}
