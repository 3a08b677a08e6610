/** The scripts that remove containers and look for what holds them. */

import { shellQuote } from '../../util/shell-quote.ts';
import type { Engine } from '../docker/engine.ts';
import { callMs, LINE_FUNCTION, prelude, SLACK_MS, seconds } from '../docker/script.ts';
import type { PruneOptions } from './options.ts';

/** How many removals in a row may go without an answer before the rest is not tried. */
const MAX_HUNG_REMOVALS = 2;

/** A removal script starts no further removal after this time, so that its result is seen while it goes on. */
const REMOVE_BUDGET_MS = 60_000;

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
  return REMOVE_BUDGET_MS + callMs(options.removeTimeoutMs) + SLACK_MS;
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
