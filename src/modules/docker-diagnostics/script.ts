/**
 * The script that collects. Every source has a deadline and a cap of its own, everything goes through `redact`, and what is
 * missing is said. The environment and the command lines of containers are never read.
 */

import { shellQuote } from '../../util/shell-quote.ts';
import { DAEMON_FUNCTIONS } from '../docker/daemon.ts';
import type { Engine } from '../docker/engine.ts';
import { prelude, seconds } from '../docker/script.ts';
import { type DebugPlan, debugFunctions, NAP } from './debug.ts';
import type { DiagnosticsOptions } from './options.ts';

/** Log files that are looked at where there is no journal. */
const USUAL_LOGS = ['/var/log/docker.log', '/var/log/docker', '/var/log/upstart/docker.log', '/var/log/messages'];

/** Bytes kept of each source, from its end; packed, text is a tenth of that. */
const MAX_FILE_BYTES = 50_000_000;

/** How long a dump of stacks is waited for. */
const DUMP_SECONDS = 10;

/**
 * Lines `item FILE STATUS NOTE` (status 0: it is there), `debug`, and at last `package PATH SIZE`.
 *
 * @param name - of the folder in the package
 */
export function collectScript(options: DiagnosticsOptions, engine: Engine, debug: DebugPlan, name: string): string {
  const logs = options.logFiles.length === 0 ? USUAL_LOGS : options.logFiles;
  const start = prelude(options, 2);
  return `${start}
${DAEMON_FUNCTIONS}
umask 077
bin=${shellQuote(engine.path)}
dir=
for base in "\${TMPDIR:-/tmp}" /var/tmp /dev/shm; do dir=$(mktemp -d "$base/fleetmend-diagnostics.XXXXXX" 2>/dev/null) && break; done
if [ -z "$dir" ]; then line nowhere - 0 ''; exit 0; fi
work=$dir/${shellQuote(name)}
mkdir "$work"
packed=
end() {
  debug_restore early
  if [ -z "$packed" ]; then rm -rf "$dir"; fi
}
trap end EXIT
trap 'exit 143' HUP INT PIPE TERM
${REDACT}
keep() { redact | tail -c ${MAX_FILE_BYTES} >"$work/$1"; }
item() {
  if [ "$2" -eq 0 ] && [ ! -s "$work/$1" ]; then rm -f "$work/$1"; set -- "$1" 1 "\${3:-nothing was there}"; fi
  line item "$1" "$2" "$3"
}
# take FILE SECONDS COMMAND…
take() {
  file=$1; shift
  { call "$@" 2>&1; echo $? >"$dir/$file.status"; } | keep "$file"
  status=$(cat "$dir/$file.status")
  if is_hung "$status"; then item "$file" 1 "no answer within $1 s"
  elif [ "$status" -eq 127 ]; then rm -f "$work/$file"; item "$file" 1 "there is no $2"
  else item "$file" 0 ''
  fi
}
# Whether a process has a handler for a signal, by its bit: without one, most signals end it.
catches() {
  mask=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)
  [ -n "$mask" ] && [ $((0x\${mask#"\${mask%????}"} & $2)) -ne 0 ]
}
${NAP}
state_of() { sed -n 's/^State:[[:space:]]*\\(.\\).*/\\1/p' "/proc/$1/status" 2>/dev/null; }
${debugFunctions(debug, `${start}\n${REMOVE_DUMPS}`, seconds(options.debugMs))}

find_daemon
containerd=
if [ -n "$daemon" ]; then
  owns=$(daemon_flag --containerd)
  for file in /proc/[0-9]*/stat; do
    { read -r stat <"$file"; } 2>/dev/null || continue
    case $stat in *'(containerd)'* | *'(docker-containe)'*) ;; *) continue ;; esac
    pid=\${file#/proc/}; pid=\${pid%/stat}
    set -- \${stat##*) }
    if [ "$2" = "$daemon" ]; then containerd=$pid; break; fi
    if [ -z "$(daemon_flag --exec-root)" ] || [ -n "$owns" ]; then containerd=$pid; fi
  done
fi

# Waits for a file that a process writes, until it no longer grows.
await_dump() {
  end=$(($(date +%s) + ${DUMP_SECONDS}))
  while [ "$(date +%s)" -lt "$end" ]; do
    nap
    dump=$(find "$1" -maxdepth 1 -name "$2" -newer "$3" 2>/dev/null | head -n 1)
    if [ -n "$dump" ]; then
      before=$(wc -c <"$dump"); nap
      if [ "$before" -gt 0 ] && [ "$before" -eq "$(wc -c <"$dump")" ]; then return 0; fi
    fi
  done
  return 1
}
# dump_stacks FILE PID FOLDER PATTERN
dump_stacks() {
  case $(state_of "$2") in
    T | t) item "$1" 1 "its process (pid $2) is stopped (state T): it would dump its stacks only when it goes on"; return ;;
    Z | '') item "$1" 1 "its process (pid $2) is gone"; return ;;
  esac
  if ! catches "$2" 0x200; then item "$1" 1 "its process (pid $2) does not heed SIGUSR1"; return; fi
  # Times of files have steps of some milliseconds.
  : >"$dir/$1.mark"; nap
  kill -USR1 "$2"
  if ! await_dump "$3" "$4" "$dir/$1.mark"; then item "$1" 1 'no file within ${DUMP_SECONDS} s of SIGUSR1; look in its log'; return; fi
  keep "$1" <"$dump"
  # Old engines write all their data beside the stacks, also what containers have in their environment.
  find "$3" -maxdepth 1 \\( -name "$4" -o -name 'daemon-data-*' \\) -newer "$dir/$1.mark" -exec rm -f {} + 2>/dev/null
  item "$1" 0 ''
}
# process WORD PID: what the kernel says of it, also when it hangs
process() {
  { cat "/proc/$2/status" "/proc/$2/limits" "/proc/$2/io"; echo; ls -l "/proc/$2/fd"; } 2>&1 | keep "$1-process.txt"
  item "$1-process.txt" 0 ''
  for task in "/proc/$2/task"/*; do
    echo "== \${task##*/} $(cat "$task/comm") $(state_of "$2/task/\${task##*/}") $(cat "$task/wchan")"
    cat "$task/stack"
  done 2>&1 | keep "$1-kernel-stacks.txt"
  item "$1-kernel-stacks.txt" 0 ''
}

take docker-version.txt 10 "$bin" version &
take docker-info.txt 10 "$bin" info &
take containers.txt 10 "$bin" ps -a --no-trunc --format '{{.ID}}\t{{.Names}}\t{{.Image}}\t{{.Status}}\t{{.Ports}}' &
{ cat /proc/uptime /proc/loadavg /proc/meminfo /proc/pressure/* /proc/version; cat /etc/os-release; } 2>/dev/null | keep host.txt
item host.txt 0 ''
{ cat /proc/self/mountinfo; if [ -n "$daemon" ]; then echo; echo "== as pid $daemon sees it"; cat "/proc/$daemon/mountinfo"; fi; } 2>&1 | keep mounts.txt
item mounts.txt 0 ''
{ call 5 df -Pk; call 5 df -Pi; } 2>&1 | keep disks.txt
item disks.txt 0 ''
# Names of commands only: arguments may hold secrets, and reading those of a process that hangs may hang.
{ call 10 ps -eo pid,ppid,pgid,stat,etime,wchan:32,comm 2>/dev/null || call 10 ps -o pid,ppid,pgid,stat,etime,comm; } | keep processes.txt
item processes.txt 0 ''
take lvm.txt 5 lvs -a -o +devices,data_percent,metadata_percent
wait

if [ -n "$daemon" ]; then
  root=$(daemon_flag --exec-root); root=\${root:-/var/run/docker}
  debug_on
  process dockerd "$daemon"
  dump_stacks dockerd-stacks.txt "$daemon" "$root/" 'goroutine-stacks-*' &
  if [ -n "$containerd" ]; then
    process containerd "$containerd"
    dump_stacks containerd-stacks.txt "$containerd" "/proc/$containerd/root/tmp/" "containerd.*stacks.log" &
  else
    item containerd-stacks.txt 1 'no containerd was found'
  fi
  if [ -n "$touched" ]; then sleep ${seconds(options.debugMs)}; fi
  wait
  debug_off
  tr '\\000' '\\n' <"/proc/$daemon/cmdline" 2>/dev/null | keep dockerd-flags.txt
  item dockerd-flags.txt 0 ''
  file=$(daemon_flag --config-file); file=\${file:-/etc/docker/daemon.json}
  if [ -e "$file" ]; then keep daemon.json <"$file"; item daemon.json 0 ''; fi
else
  item dockerd-stacks.txt 1 'no daemon was found'
fi

since=$(($(date +%s) - ${seconds(options.sinceMs)}))
utc=$(date -u -d "@$since" +%Y-%m-%dT%H:%M:%S 2>/dev/null)
local=$(date -d "@$since" +%Y-%m-%dT%H:%M:%S 2>/dev/null)
# Of a log of the engine, what is young enough; lines without a time belong to the one before.
recent() {
  awk -v utc="$utc" -v local="$local" 'BEGIN { young = 1 }
    match($0, /time="[0-9-]+T[0-9:]+/) { time = substr($0, RSTART + 6, 19); young = ($0 ~ /time="[^"]*Z"/) ? time >= utc : time >= local }
    young'
}
if ${options.logFiles.length === 0 ? 'command -v journalctl >/dev/null 2>&1' : 'false'}; then
  take journal.txt 20 journalctl -q --no-pager -o short-iso -u docker.service -u containerd.service -u podman.service --since "@$since"
fi
if [ ! -s "$work/journal.txt" ]; then
  found=
  for file in ${logs.map(shellQuote).join(' ')}; do
    [ -f "$file" ] || continue
    found=1
    tail -c ${MAX_FILE_BYTES} "$file" | recent | keep "log-\${file##*/}"
    item "log-\${file##*/}" 0 'nothing young enough'
  done
  if [ -z "$found" ]; then item log 1 ${shellQuote(`there is none of ${logs.join(', ')}`)}; fi
fi
{ call 5 dmesg -T || call 5 dmesg || call 10 journalctl -q --no-pager -k --since "@$since"; } 2>/dev/null | tail -n 5000 | keep kernel.txt
item kernel.txt 0 'the kernel log cannot be read'

cap=${MAX_FILE_BYTES}
while :; do
  if ! tar -C "$dir" -czf "$dir/package.tgz" ${shellQuote(name)} 2>"$dir/tar.log"; then line tar - 1 "$(cat "$dir/tar.log")"; exit 0; fi
  size=$(wc -c <"$dir/package.tgz"); size=$((size))
  if [ "$size" -le ${options.maxBytes} ]; then break; fi
  if [ "$cap" -lt 4096 ]; then line tar - 1 "it is $size bytes however it is cut"; exit 0; fi
  cap=$((cap / 4))
  for file in "$work"/*; do
    if [ "$(wc -c <"$file")" -gt "$cap" ]; then tail -c "$cap" "$file" >"$dir/cut" && mv -f "$dir/cut" "$file"; line cut "\${file##*/}" "$cap" ''; fi
  done
done
packed=1
line package "$dir" "$size" ''
`;
}

/** Removes what {@link collectScript} left for the transfer. */
export function removeScript(folder: string): string {
  return `rm -rf -- ${shellQuote(folder)}`;
}

// What a collection that was ended in between left.
const REMOVE_DUMPS = `remove_dumps() {
  find "$root/" -maxdepth 1 \\( -name 'goroutine-stacks-*' -o -name 'daemon-data-*' \\) -newer "$1" -exec rm -f {} +
  if [ -n "$containerd" ]; then find "/proc/$containerd/root/tmp/" -maxdepth 1 -name 'containerd.*stacks.log' -newer "$1" -exec rm -f {} +; fi
}`;

// The name of a value that nobody should see, with its sign.
const SECRET_KEY =
  '"?[A-Za-z0-9_.-]*([Tt][Oo][Kk][Ee][Nn]|[Pp][Aa][Ss][Ss][Ww]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll]|[Aa][Cc][Cc][Ee][Ss][Ss]-?[Kk][Ee][Yy]|[Aa][Pp][Ii]-?[Kk][Ee][Yy])[A-Za-z0-9_.-]*"?[[:space:]]*[=:]';

/**
 * The shell function `redact`. It takes out credentials in addresses, values of keys that are called token, password and the
 * like, and the bodies of requests, which a daemon with debug on logs with the environment of the containers in them.
 */
export const REDACT = `redact() {
  LC_ALL=C sed -E \\
    -e 's#(://)[^/@[:space:]"]+@#\\1[redacted]@#g' \\
    -e 's/(form data: ).*/\\1[redacted]"/' \\
    -e 's/(${SECRET_KEY}[[:space:]]*")[^"]*/\\1[redacted]/g' \\
    -e 's/(${SECRET_KEY}[[:space:]]*)[^",[:space:]]+/\\1[redacted]/g'
}`;
