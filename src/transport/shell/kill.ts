/** Ends a script that ran out of time, and looks whether it is gone. */
import type { RemoteFate } from '../../event.ts';
import { type Become, FIRST_WORD_MS, KILL_GRACE_MS } from '../types.ts';
import { ChannelRefusedError } from './channel.ts';
import type { Announcement } from './protocol.ts';
import { Shell, type ShellContext } from './shell.ts';

/** What is known after a kill. */
export interface KillOutcome {
  readonly remote: RemoteFate;
  /** Processes that were still alive after KILL; empty unless `still_running`. */
  readonly pids: readonly number[];
  /** The target did not even start the shell that was to look. */
  readonly isHung: boolean;
  /** The target allows no further shell beside those that run. */
  readonly isRefused: boolean;
}

/**
 * Waits between looks, {@link KILL_GRACE_MS} together; few, since a look at all processes takes its time on a busy host. A
 * `sleep` that knows no fractions waits whole seconds.
 */
const PAUSES_SECONDS = [0.1, 0.2, 0.3, 0.5, 0.9];

/**
 * Sends TERM to the process group and all descendants of a shell, after {@link KILL_GRACE_MS} KILL, and looks after
 * each. Runs in a shell of its own as the same user. Takes at most {@link FIRST_WORD_MS} until that shell is there and three
 * times the grace from then on.
 */
export async function killRemote(
  context: ShellContext,
  become: Become | undefined,
  victim: Announcement,
): Promise<KillOutcome> {
  const shell = Shell.open(context, become && { ...become, timeoutMs: FIRST_WORD_MS });
  const deadline = Promise.withResolvers<'late'>();
  const startTimer = (limitMs: number) => setTimeout(() => deadline.resolve('late'), limitMs);
  let timer: NodeJS.Timeout | undefined = startTimer(FIRST_WORD_MS);
  shell.begun.then(() => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = startTimer(3 * KILL_GRACE_MS);
  });
  try {
    const outcome = await Promise.race([runKill(shell, victim), deadline.promise]);
    if (outcome === 'late') {
      return { remote: 'unknown', pids: [], isHung: shell.announcement === undefined, isRefused: false };
    }
    return { ...outcome, isHung: false, isRefused: false };
  } catch (error) {
    // No channel to be had, sudo refuses now, connection cut: nobody looked.
    return { remote: 'unknown', pids: [], isHung: false, isRefused: error instanceof ChannelRefusedError };
  } finally {
    clearTimeout(timer);
    timer = undefined;
    shell.close();
  }
}

async function runKill(shell: Shell, victim: Announcement): Promise<Pick<KillOutcome, 'remote' | 'pids'>> {
  await shell.ready;
  const outcome = await shell.run({ text: killScript(victim) }, 4096);
  const [word, ...rest] = outcome.stdout.text().trim().split(/\s+/);
  if (word === 'alive') return { remote: 'still_running', pids: rest.map(Number) };
  return { remote: word === 'gone' ? 'gone' : 'unknown', pids: [] };
}

/**
 * Shell text that kills and looks; prints `gone`, or `alive` and the pids. Who was seen once is looked for until the end,
 * also when its parent's death took it out of the tree; so are all of a process group whose leader is among them.
 *
 * Exported for testing.
 */
export function killScript({ pid, processGroup }: Announcement): string {
  return `
processes() {
  if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat 2>/dev/null
  else ps -A -o pid= -o stat= -o ppid= -o pgid= | sed 's/^ *\\([0-9]*\\) */\\1 (x) /'
  fi
}
found=${pid} groups=${processGroup}
look() {
  all=$(processes | awk -v seen="$found" -v groups="$groups" '
    BEGIN {
      n = split(seen, s, " "); for (i = 1; i <= n; i++) wanted[s[i]] = 1
      n = split(groups, g, " "); for (i = 1; i <= n; i++) isGroup[g[i]] = 1
    }
    /^[0-9]+ \\(.*\\) [A-Za-z]/ {
      pid = $1; sub(/^.*\\) /, ""); parent[pid] = $2; group[pid] = $3
      if ($1 ~ /^[ZX]/) dead[pid] = 1
      if (pid in wanted) hit[pid] = 1
    }
    END {
      do {
        more = 0
        for (p in parent) {
          if (!(p in hit) && ((parent[p] in hit) || (group[p] in isGroup))) { hit[p] = 1; more = 1 }
          if ((p in hit) && group[p] == p && !(p in isGroup)) { isGroup[p] = 1; more = 1 }
        }
      } while (more)
      for (p in hit) if (!(p in dead)) printf "%s ", p
      printf "|"
      for (p in isGroup) printf "%s ", p
    }')
  # Nobody looked: to say "gone" would be a guess.
  case $all in *'|'*) ;; *) exit 1 ;; esac
  living=\${all%'|'*}; groups=\${all#*'|'}; found="$found $living"
}
strike() {
  for g in $groups; do kill -s "$1" -- "-$g" 2>/dev/null; done
  for p in $living; do kill -s "$1" "$p" 2>/dev/null; done
  slow=0
  for pause in ${PAUSES_SECONDS.join(' ')}; do
    look; [ -n "$living" ] || return 0
    sleep $pause 2>/dev/null || { sleep 1; slow=$((slow + 1)); [ $slow -lt ${KILL_GRACE_MS / 1000} ] || break; }
  done
  look; [ -z "$living" ]
}
look
if [ -z "$living" ] || strike TERM || strike KILL; then echo gone; else echo alive $living; fi`;
}
