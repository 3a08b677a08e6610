/**
 * The script that probes a host. What may hang is asked in processes of its own, all at once and each with a deadline;
 * process tables are read without a process's command line, which can hang as well. Every fact is one short line, so that
 * lines of processes that run at the same time stay apart.
 */

import { DAEMON_FUNCTIONS } from '../docker/daemon.ts';
import { findEngine, prelude, seconds } from '../docker/script.ts';
import type { HealthOptions } from './options.ts';

/** A `runc init` that is older than this is stuck: it lives for milliseconds. */
const STUCK_AFTER_SECONDS = 10;

/** Deadline of `df`, and of each command that says its version. */
const SMALL_CALL_MS = 3000;

/** Containers that are inspected at once when the call for all did not answer. */
const INSPECT_WIDTH = 8;

/** OOM lines that are kept of the kernel log. */
const OOM_LINES = 5;

/** The script. Its last line is `done`; what is missing then did not answer. */
export function healthScript(options: HealthOptions): string {
  const { probeMs, inspectMs, inspectOneMs, inspectUntilMs } = options;
  return `${prelude(options, 1)}
${DAEMON_FUNCTIONS}
now() { read -r up rest </proc/uptime; up=\${up%.*}\${up#*.}; }
now; begin=$up
${findEngine(options, SMALL_CALL_MS)}
case $version in
  podman*)
    state='{{.State}}'
    info='[{{json .Version.Version}},{{json .Store.GraphDriverName}},{{json .Store.GraphStatus}},{{json .Store.GraphRoot}},false]' ;;
  *)
    state='{{.Status}}'
    info='[{{json .ServerVersion}},{{json .Driver}},{{json .DriverStatus}},{{json .DockerRootDir}},{{json .LiveRestoreEnabled}}]' ;;
esac
# probe WORD SECONDS ARGUMENT…: calls the engine, and leaves what it said in out
probe() {
  what=$1; limit=$2; shift 2
  now; asked=$up
  out=$(call "$limit" "$bin" "$@" 2>&1)
  status=$?
  now
  took=$(((up - asked) * 10))
}
answer() { line probe "$what" "$status" "$took $(printf %s "$out" | cut -c1-3000)"; }

host() {
  load= d=0 stuck=0 cpus=0
  read -r load </proc/loadavg
  while read -r word rest; do case $word in cpu[0-9]*) cpus=$((cpus + 1)) ;; esac; done </proc/stat
  now
  for file in /proc/[0-9]*/stat; do
    { read -r stat <"$file"; } 2>/dev/null || continue
    name=\${stat#*\\(}; name=\${name%\\)*}
    set -- \${stat##*) }
    if [ "$1" = D ]; then d=$((d + 1)); fi
    case $name in
      'runc:['* | exe) if [ $((up - \${20})) -gt ${STUCK_AFTER_SECONDS}00 ]; then stuck=$((stuck + 1)); fi ;;
      containerd-shim*)
        case $1 in
          T | t | D | Z)
            pid=\${file#/proc/}; pid=\${pid%/stat}
            words=$(tr '\\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null)
            line shim "$pid" 0 "$1 $words" ;;
        esac ;;
    esac
  done
  line host "$cpus" 0 "$load"
  line processes "$d" "$stuck" ''
}
kernel() {
  log=$( (call ${seconds(SMALL_CALL_MS)} dmesg || call ${seconds(SMALL_CALL_MS)} journalctl -k -n 5000 --no-pager -q) 2>/dev/null |
    grep -E 'Out of memory: |out of memory: |oom-kill:|unregister_netdevice: waiting|blocked for more than')
  ooms=$(printf '%s\\n' "$log" | grep -iE 'out of memory: ')
  line oom "$(printf '%s\\n' "$ooms" | grep -c .)" 0 ''
  printf '%s\\n' "$ooms" | tail -n ${OOM_LINES} | cut -c1-200 | while read -r text; do
    if [ -n "$text" ]; then line oom-line - 0 "$text"; fi
  done
  line blocked "$(printf '%s\\n' "$log" | grep -c 'blocked for more than')" 0 ''
  line netdevice "$(printf '%s\\n' "$log" | grep -c 'unregister_netdevice')" 0 ''
}
root_of_info() { printf '%s\\n' "$out" | awk -F'"' '/^\\[/ { print $(NF - 1); exit }'; }
data_root() {
  [ -n "$1" ] && [ -d "$1" ] || return 0
  space=$(call ${seconds(SMALL_CALL_MS)} df -Pk "$1" 2>/dev/null | tail -n 1)
  inodes=$(call ${seconds(SMALL_CALL_MS)} df -Pi "$1" 2>/dev/null | tail -n 1)
  mount=$(printf '%s\\n' "$space" | sed 's/^.*% *//')
  line root "$1" 0 ''
  line space - 0 "$space"
  line inodes - 0 "$inodes"
  line mount "$mount" 0 "$(awk -v mount="$mount" '
    { type = $0; sub(/.* - /, "", type); sub(/ .*/, "", type) }
    $5 == mount { device = $3; root = $4; found = type }
    $4 == "/" && !($3 in whole) { whole[$3] = $5 }
    END { print found, root, whole[device] }' /proc/self/mountinfo 2>/dev/null)"
}
engine_info() {
  root=$(daemon_flag --data-root --graph -g)
  file=$(daemon_flag --config-file)
  if [ -z "$root" ]; then
    root=$(tr -d '\\n' 2>/dev/null <"\${file:-/etc/docker/daemon.json}" |
      sed -n -e 's/.*"data-root"[[:space:]]*:[[:space:]]*"\\([^"]*\\)".*/\\1/p' -e 's/.*"graph"[[:space:]]*:[[:space:]]*"\\([^"]*\\)".*/\\1/p')
  fi 2>/dev/null
  if [ -n "$root" ]; then data_root "$root"; fi
  probe info ${seconds(probeMs)} info --format "$info"
  answer
  if [ -n "$root" ]; then return; fi
  if [ "$status" -eq 0 ]; then root=$(root_of_info); fi
  case $version in podman*) ;; *) root=\${root:-/var/lib/docker} ;; esac
  data_root "$root"
}
component() {
  for name in "$1" "docker-$1"; do
    text=$(call ${seconds(SMALL_CALL_MS)} "$name" --version 2>/dev/null | head -n 1) && [ -n "$text" ] && break
  done
  line component "$1" 0 "$text"
}
versions() {
  case $version in podman*) component runc; return ;; esac
  probe version ${seconds(probeMs)} version --format '{{json .Server}}'
  answer
  case $out in *'"Components"'*) ;; *) component containerd; component runc ;; esac
}
inspect_one() {
  id=$1
  probe inspect ${seconds(inspectOneMs)} inspect --type container --format '{{.State.Status}}' "$id"
  line inspect "$id" "$status" "$took $(printf %s "$out" | cut -c1-300)"
}

daemon_line
host &
kernel &
engine_info &
versions &

probe ps ${seconds(probeMs)} ps -a --no-trunc --format "{{.ID}}\t{{.Names}}\t$state"
list=$out
if [ "$status" -eq 0 ]; then out=; fi
answer
if [ "$status" -eq 0 ]; then
  printf '%s\\n' "$list" | awk -F'\\t' 'length($1) == 64 && NF == 3 {
    state = $3; if (state ~ /^Up/) state = state ~ /\\(Paused\\)/ ? "Up (Paused)" : "Up"; else sub(/ *\\(.*/, "", state)
    counts[state]++
  } END { for (state in counts) printf "state\\t%s\\t%d\\t\\n", state, counts[state] }'
  running=$(printf '%s\\n' "$list" | awk -F'\\t' 'length($1) == 64 && ($3 ~ /^Up/ || $3 == "running") { print $1 }')
  if [ -n "$running" ]; then
    probe inspect ${seconds(inspectMs)} inspect --type container --format '{{.Id}}' $running
    out=
    answer
    if is_hung "$status"; then
      set -- $running
      while [ $# -gt 0 ]; do
        now
        if [ $(((up - begin) * 10)) -ge ${Math.floor(inspectUntilMs)} ]; then
          line unasked "$#" 0 ''
          break
        fi
        pids=
        for id in "$@"; do
          shift
          name=$(printf '%s\\n' "$list" | awk -F'\\t' -v id="$id" '$1 == id { print $2; exit }')
          line name "$id" 0 "$name"
          inspect_one "$id" &
          pids="$pids $!"
          if [ "$(printf '%s' "$pids" | wc -w)" -ge ${INSPECT_WIDTH} ]; then break; fi
        done
        wait $pids
      done
    fi
  fi
fi
wait
line done - 0 ''
`;
}
