/**
 * The script that stops and starts the daemon. Its work is done by a process of its own session: when the run or the
 * connection ends in between, a daemon that was stopped is started all the same.
 */

import { shellQuote } from '../../util/shell-quote.ts';
import { lastFlag } from '../docker/daemon-flags.ts';
import { LINE_FUNCTION, prelude, type ScriptLine } from '../docker/script.ts';
import type { RestartOptions } from './options.ts';
import { isUp } from './plan.ts';
import type { DaemonState } from './probe.ts';

/** What the worker did. */
export interface WorkerReport {
  /** Undefined: it was not to stop the daemon, or could not. */
  readonly stopMs?: number;
  /** From the start command until `ps` answered; undefined: it was not to start the daemon, or could not. */
  readonly startMs?: number;
  /** The main process had to be killed. */
  readonly killed: boolean;
  /** The start was tried a second time. */
  readonly startedTwice: boolean;
  readonly failure?: {
    /** `stop`: nothing was stopped. `stopping`: it goes on. `start`: the command failed. `ready`: no answer to `ps`. */
    readonly step: 'stop' | 'stopping' | 'start' | 'ready';
    /** The last line that the command or `ps` printed. */
    readonly text: string;
    /** The last twenty lines. */
    readonly output: string;
  };
}

/** Lines `stopped`, `started`, `killed`, `again` and `failed`, and `end` when all was done. */
export function workerScript(options: RestartOptions, state: DaemonState, enginePath: string): string {
  const commands = commandsOf(options, state);
  const work = `${prelude(options)}
dir=$1
bin=${shellQuote(enginePath)}
${STEPS}
${options.state !== 'started' && isUp(state) ? stopStep(options, state, commands.stop) : ''}
${options.state === 'stopped' ? '' : startStep(options, state, commands.start)}
line end - 0 ''
`;
  return `dir=$(mktemp -d) || exit 1
cat >"$dir/work" <<'END-OF-WORK'
${work}
END-OF-WORK
session=$(command -v setsid)
# Nobody may be left to read its output, which then goes with it.
$session sh -c 'trap "" HUP; sh "$1/work" "$1" >"$1/report" 2>/dev/null; touch "$1/done"; kill -0 "$2" 2>/dev/null || rm -rf "$1"' sh "$dir" $$ \\
  </dev/null >/dev/null 2>&1 &
until [ -e "$dir/done" ]; do sleep 0.1 2>/dev/null || sleep 1; done
cat "$dir/report"
rm -rf "$dir"
`;
}

/** What {@link workerScript} printed; undefined when it did not come to an end. */
export function parseReport(lines: readonly ScriptLine[]): WorkerReport | undefined {
  const of = (wanted: string) => lines.find(({ word }) => word === wanted);
  const failed = of('failed');
  if (of('end') === undefined && failed === undefined) return undefined;
  const step = failed?.subject as NonNullable<WorkerReport['failure']>['step'] | undefined;
  return {
    ...durationOf('stopMs', of('stopped')),
    ...durationOf('startMs', of('started')),
    killed: of('killed') !== undefined,
    startedTwice: of('again') !== undefined,
    ...(failed === undefined || step === undefined
      ? {}
      : { failure: { step, text: failed.text.trim(), output: of('output')?.text.trim() ?? '' } }),
  };
}

function durationOf<K extends string>(key: K, line: ScriptLine | undefined): { readonly [P in K]?: number } {
  return line === undefined ? {} : ({ [key]: Number(line.subject) * 10 } as { readonly [P in K]?: number });
}

function commandsOf(options: RestartOptions, { manager, hasSocketUnit }: DaemonState): { stop: string; start: string } {
  const { service } = options;
  const socket = hasSocketUnit ? `${service}.socket ` : '';
  switch (manager) {
    case 'commands':
      return { stop: options.stopCommand ?? '', start: options.startCommand ?? '' };
    case 'service':
      return { stop: `service ${service} stop`, start: `service ${service} start` };
    case 'systemd':
      return {
        stop: `systemctl stop ${socket}${service}.service`,
        // A unit that failed too often in a row refuses to start.
        start: `systemctl reset-failed ${service}.service 2>/dev/null; systemctl start ${socket}${service}.service`,
      };
  }
}

// Hundredths of a second from /proc/uptime, since `date` of busybox has whole seconds only.
const STEPS = `${LINE_FUNCTION}
now() { read -r up rest </proc/uptime; echo "\${up%.*}\${up#*.}"; }
rest() { sleep 0.1 2>/dev/null || sleep 1; }
elapsed() { echo $(($(now) - $1)); }
last_line() { grep -v '^ *$' "$dir/output" | tail -n 1 | cut -c 1-500; }
alive() {
  [ -n "$pid" ] || return 1
  stat=$(cat "/proc/$pid/stat" 2>/dev/null) || return 1
  set -- \${stat##*) }
  case $1 in Z|X) return 1 ;; esac
  [ "\${20}" = "$ticks" ]
}
begin() { rm -f "$dir/status"; { sh -c "$1" </dev/null >"$dir/output" 2>&1; echo $? >"$dir/status"; } & }
failed() { line output - 0 "$(tail -n 20 "$dir/output" | tail -c 4000)"; line failed "$1" 0 "$2"; exit 0; }`;

function stopStep(options: RestartOptions, { daemon }: DaemonState, command: string): string {
  const kill =
    options.killAfterMs === undefined
      ? ''
      : `
  if [ -z "$killed" ] && [ "$passed" -ge ${hundredths(options.killAfterMs)} ] && alive; then
    kill -9 "$pid"; killed=1; line killed - 0 ''
  fi`;
  return `pid=${daemon?.pid ?? ''}
ticks=${daemon?.startTicks ?? ''}
killed=
start=$(now)
begin ${shellQuote(command)}
while :; do
  passed=$(elapsed "$start")
  status=$(cat "$dir/status" 2>/dev/null)
  if ! alive && [ -n "$status$killed" ]; then break; fi
  if [ -n "$status" ] && [ "$status" -ne 0 ]; then failed stop "status $status: $(last_line)"; fi${kill}
  if [ "$passed" -ge ${hundredths(options.stopTimeoutMs)} ]; then failed stopping "$(last_line)"; fi
  rest
done
if [ -z "$pid" ] && [ "$status" -ne 0 ]; then failed stop "status $status: $(last_line)"; fi
line stopped "$passed" 0 ''`;
}

// After a kill, the containerd that the daemon had started may end only while the next one waits for it; so one more try.
// A command that leaves its daemon in the background succeeds whatever becomes of it: then the daemon is dead when nobody
// listens and the process of its pid file is gone, for a while.
function startStep(options: RestartOptions, { daemon }: DaemonState, command: string): string {
  return `pid_file=${shellQuote(lastFlag(daemon?.flags ?? new Map(), 'pidfile') ?? '/var/run/docker.pid')}
start=$(now)
begin ${shellQuote(command)}
again=
patience=${hundredths(FIRST_PATIENCE_MS)}
seen=$start
while :; do
  if answer=$(call 10 "$bin" ps -q 2>&1 >/dev/null); then break; fi
  passed=$(elapsed "$start")
  status=$(cat "$dir/status" 2>/dev/null)
  case $answer in *'Cannot connect'*) kill -0 "$(cat "$pid_file" 2>/dev/null)" 2>/dev/null && seen=$(now) ;; *) seen=$(now) ;; esac
  if [ -n "$status" ] && { [ "$status" -ne 0 ] || [ "$(elapsed "$seen")" -ge "$patience" ]; }; then
    if [ -n "$again" ]; then failed start "status $status: $(last_line)"; fi
    again=1; line again - 0 ''
    patience=${hundredths(SECOND_PATIENCE_MS)}
    seen=$(now)
    begin ${shellQuote(command)}
  fi
  if [ "$passed" -ge ${hundredths(options.startTimeoutMs)} ]; then failed ready "$answer"; fi
  rest
done
line started "$(elapsed "$start")" 0 ''`;
}

const FIRST_PATIENCE_MS = 3000;
const SECOND_PATIENCE_MS = 30_000;

function hundredths(durationMs: number): number {
  return Math.ceil(durationMs / 10);
}

/** How long {@link workerScript} may take. */
export function workerMs(options: RestartOptions): number {
  return options.stopTimeoutMs + options.startTimeoutMs + 30_000;
}
