/** The engine's daemon as a process of the host: found by the socket that it listens on, so also when it does not answer. */

import type { ScriptLine } from './script.ts';

/** A daemon that was found. */
export interface Daemon {
  readonly pid: number;
  /** The letter of /proc/PID/stat: `S` sleeps, `R` runs, `T` is stopped, `D` waits for the kernel, `Z` is dead. */
  readonly state: string;
  /** How long it has been running. */
  readonly upSeconds: number;
  readonly configFile: string;
  readonly dataRoot?: string;
  readonly execRoot: string;
  /** {@link execRoot} is not the usual one: there may be other engines on the machine. */
  readonly ownExecRoot: boolean;
  /** Where it was told to find containerd; undefined: it has one of its own, or the usual one. */
  readonly containerdAddress?: string;
}

/**
 * Shell functions, to follow {@link prelude}: `find_daemon` sets `daemon` to the process ID of the host's dockerd, or to
 * nothing; `daemon_flag NAME…` prints the value that its command line has for a flag of one of these names; `daemon_line`
 * prints what {@link parseDaemon} reads.
 *
 * It is the dockerd that listens on the socket that the client would use; where no socket was named and
 * none tells (a daemon on TCP, no root), the only dockerd that there is.
 */
export const DAEMON_FUNCTIONS = `find_daemon() {
  daemon=; only=; count=0
  socket=\${DOCKER_HOST:-unix:///var/run/docker.sock}
  inode=
  case $socket in
    unix://*) inode=$(awk -v path="\${socket#unix://}" '{ name = $8; sub("^/var/run/", "/run/", name); sub("^/var/run/", "/run/", path) }
      $4 == "00010000" && name == path { print $7; exit }' /proc/net/unix 2>/dev/null) ;;
  esac
  for file in /proc/[0-9]*/comm; do
    { read -r name <"$file"; } 2>/dev/null || continue
    case $name in dockerd*) ;; *) continue ;; esac
    pid=\${file#/proc/}; pid=\${pid%/comm}
    count=$((count + 1)); only=$pid
    if [ -n "$inode" ] && ls -l "/proc/$pid/fd" 2>/dev/null | grep -qF "socket:[$inode]"; then daemon=$pid; return; fi
  done
  case \${DOCKER_HOST:-} in unix://*) return ;; esac
  if [ "$count" -eq 1 ]; then daemon=$only; fi
}
daemon_flag() {
  [ -n "$daemon" ] || return 0
  tr '\\000' '\\n' <"/proc/$daemon/cmdline" 2>/dev/null | awk -v names=" $* " '
    wanted { print; exit }
    { name = $0; sub(/=.*/, "", name); if (index(names, " " name " ") == 0) next }
    index($0, "=") { sub(/^[^=]*=/, ""); print; exit }
    { wanted = 1 }'
}
daemon_line() {
  find_daemon
  [ -n "$daemon" ] || return 0
  { read -r stat <"/proc/$daemon/stat"; } 2>/dev/null || return 0
  set -- \${stat##*) }
  read -r up rest </proc/uptime
  line daemon "$daemon" 0 "$1 $((\${up%%.*} - \${20} / 100))"
  line config-file "$(daemon_flag --config-file)" 0 ''
  line data-root "$(daemon_flag --data-root --graph -g)" 0 ''
  line exec-root "$(daemon_flag --exec-root)" 0 ''
  line containerd "$(daemon_flag --containerd)" 0 ''
}`;

/** The daemon in the lines of a script; undefined where none was found. */
export function parseDaemon(lines: readonly ScriptLine[]): Daemon | undefined {
  const found = lines.find(({ word }) => word === 'daemon');
  if (found === undefined) return undefined;
  const flag = (name: string) => lines.find(({ word }) => word === name)?.subject || undefined;
  const [state = '?', upSeconds = '0'] = found.text.split(' ');
  return {
    pid: Number(found.subject),
    state,
    upSeconds: Number(upSeconds),
    configFile: flag('config-file') ?? '/etc/docker/daemon.json',
    dataRoot: flag('data-root'),
    execRoot: flag('exec-root') ?? '/var/run/docker',
    ownExecRoot: flag('exec-root') !== undefined,
    containerdAddress: flag('containerd'),
  };
}
