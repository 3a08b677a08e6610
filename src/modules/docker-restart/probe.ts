/** Reads what a restart must know: the daemon's process, how it is managed, what runs, and whether that outlives a stop. */

import { ModuleError } from '../../errors.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import { type DaemonFlags, lastFlag } from '../docker/daemon-flags.ts';
import { DAEMON_PROCESS, type DaemonProcess, parseDaemonProcess, sessionAddress } from '../docker/daemon-process.ts';
import { type Listing, listContainers } from '../docker/list.ts';
import { runScript } from '../docker/run-script.ts';
import { callMs, MAX_OUTPUT_BYTES, prelude, type ScriptLine, SLACK_MS, seconds } from '../docker/script.ts';
import type { Manager, RestartOptions } from './options.ts';
import { parseRunning, parseStored, RUNNING_FORMAT, type RunningContainer } from './running-set.ts';

/** A host's daemon before it is touched. */
export interface DaemonState {
  readonly manager: Manager;
  /** A systemd socket starts the daemon as soon as anyone calls it, so it is stopped too. */
  readonly hasSocketUnit: boolean;
  /** Undefined: none is seen. */
  readonly daemon?: DaemonProcess;
  /** Undefined when `ps` answered; else what became of it. */
  readonly noAnswer?: string;
  /** Undefined: not known. */
  readonly running?: readonly RunningContainer[];
  readonly runningSource: 'engine' | 'processes' | 'unknown';
  /** Whether containers keep running without the daemon; undefined: not known. */
  readonly liveRestore?: boolean;
}

/**
 * Reads the state of the daemon.
 *
 * @throws {@link ModuleError} no `docker`, no permission, no way to stop and start it; TransportError when interrupted
 */
export async function readDaemon(context: ModuleContext, options: RestartOptions): Promise<DaemonState> {
  const lines = await look(context, options);
  const daemon = parseDaemonProcess(lines);
  const common = { ...managerOf(lines, options, context.host), daemon };
  const listing = await list(context, options);
  if (typeof listing !== 'string') {
    const ids = runningIds(listing);
    return { ...common, ...(await askEngine(context, options, listing, ids)), runningSource: 'engine' };
  }
  const isDefault = sessionAddress(lines) === '';
  const isRoot = lines.some(({ word, subject }) => word === 'user' && subject === '0');
  // Without its command line, where another daemon keeps its files is not known.
  if (!isRoot || (daemon === undefined && !isDefault)) {
    return { ...common, noAnswer: listing, runningSource: 'unknown' };
  }
  const shims = lines.flatMap(({ word, text }) => (word === 'shim' ? (/\b[0-9a-f]{64}\b/.exec(text) ?? []) : []));
  const stored = await readStored(context, options, daemon?.flags ?? new Map(), [...new Set(shims)]);
  return { ...common, noAnswer: listing, ...stored, runningSource: 'processes' };
}

/** IDs of the containers that run, are paused, or are between two starts. */
export function runningIds({ listed }: Pick<Listing, 'listed'>): string[] {
  return listed.filter(({ state }) => ['running', 'paused', 'restarting'].includes(state)).map(({ id }) => id);
}

async function look(context: ModuleContext, options: RestartOptions): Promise<readonly ScriptLine[]> {
  const { service } = options;
  const script = `${prelude(options)}
line user "$(id -u)" 0 ''
${DAEMON_PROCESS}
own=$(readlink /proc/self/ns/pid)
for dir in /proc/[0-9]*; do
  read -r name 2>/dev/null <"$dir/comm" || continue
  case $name in containerd-shim*|docker-containe*) ;; *) continue ;; esac
  [ "$(readlink "$dir/ns/pid" 2>/dev/null)" = "$own" ] || continue
  line shim "\${dir#/proc/}" 0 "$(tr '\\000' ' ' 2>/dev/null <"$dir/cmdline")"
done
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
  line manager systemd 0 "$(call 10 systemctl show -p LoadState ${service}.service 2>&1)"
  if call 10 systemctl is-active --quiet ${service}.socket 2>/dev/null; then line socket - 0 ''; fi
elif [ -x /etc/init.d/${service} ] && command -v service >/dev/null 2>&1; then line manager service 0 ''
fi
`;
  const end = await runScript(context, script, { timeoutMs: 2 * callMs(10_000) + SLACK_MS });
  if (end.cut !== undefined) throw end.cut;
  return end.lines;
}

function managerOf(
  lines: readonly ScriptLine[],
  options: RestartOptions,
  host: string,
): Pick<DaemonState, 'manager' | 'hasSocketUnit'> {
  if (options.manager === 'commands') return { manager: 'commands', hasSocketUnit: false };
  const found = lines.find(({ word }) => word === 'manager');
  const manager = options.manager === 'auto' ? found?.subject : options.manager;
  const hint = 'say which service it is with `service`, or how it is done with `stop_command` and `start_command`';
  if (found === undefined || (manager !== 'systemd' && manager !== 'service')) {
    const what = `neither systemd nor /etc/init.d/${options.service}`;
    throw new ModuleError(`expected a way to stop and start the daemon on ${host}, found ${what}`, {}, { hint });
  }
  if (manager === 'systemd' && found.text.includes('not-found')) {
    throw new ModuleError(`expected a systemd unit '${options.service}' on ${host}, found none`, {}, { hint });
  }
  return { manager, hasSocketUnit: lines.some(({ word }) => word === 'socket') };
}

// The listing, or in words why there is none.
async function list(context: ModuleContext, options: RestartOptions): Promise<Listing | string> {
  try {
    return await listContainers(context, options);
  } catch (error) {
    // Those that a restart may cure; without a cause there is no engine.
    const causes: readonly unknown[] = ['hung', 'daemon_down', 'error'];
    if (error instanceof ModuleError && causes.includes(error.result.cause)) return error.message;
    throw error;
  }
}

async function askEngine(
  context: ModuleContext,
  options: RestartOptions,
  { engine }: Listing,
  ids: readonly string[],
): Promise<Pick<DaemonState, 'running' | 'liveRestore'>> {
  const limit = seconds(options.listTimeoutMs);
  const bin = shellQuote(engine.path);
  const script = `${prelude(options)}
line live "$(call ${limit} ${bin} info --format '{{.LiveRestoreEnabled}}' 2>/dev/null)" 0 ''
set -- ${ids.join(' ')}
[ $# -eq 0 ] && exit 0
call ${limit} ${bin} inspect --type container --format ${shellQuote(RUNNING_FORMAT)} "$@" 2>/dev/null && exit 0
# One that does not answer hides no other.
for id in "$@"; do call 5 ${bin} inspect --type container --format ${shellQuote(RUNNING_FORMAT)} "$id" 2>/dev/null; done
`;
  const timeoutMs = 2 * callMs(options.listTimeoutMs) + ids.length * callMs(5000) + SLACK_MS;
  const end = await runScript(context, script, { timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES });
  if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
  const found = new Map(parseRunning(end.stdout).map((container) => [container.id, container]));
  const live = end.lines.find(({ word }) => word === 'live')?.subject;
  return {
    running: ids.map((id) => found.get(id) ?? unreadContainer(id)),
    liveRestore: live === 'true' || live === 'false' ? live === 'true' : undefined,
  };
}

// The daemon keeps two files of each container, which say the same as `inspect`.
async function readStored(
  context: ModuleContext,
  options: RestartOptions,
  flags: DaemonFlags,
  ids: readonly string[],
): Promise<Pick<DaemonState, 'running' | 'liveRestore'>> {
  const configFile = lastFlag(flags, 'config-file') ?? '/etc/docker/daemon.json';
  const script = `${prelude(options)}
line file - 0 "$(cat ${shellQuote(configFile)} 2>/dev/null)"
`;
  const settings = settingsOf((await runScript(context, script, { timeoutMs: SLACK_MS })).lines);
  const root = lastFlag(flags, 'data-root') ?? textOf(settings['data-root'] ?? settings.graph) ?? '/var/lib/docker';
  const live = lastFlag(flags, 'live-restore') ?? settings['live-restore'] ?? false;
  const files = `${prelude(options)}
for id in ${ids.join(' ')}; do
  dir=${shellQuote(root)}/containers/$id
  [ -r "$dir/config.v2.json" ] || continue
  line config "$id" 0 "$(cat "$dir/config.v2.json")"
  line hostconfig "$id" 0 "$(cat "$dir/hostconfig.json" 2>/dev/null)"
done
`;
  const end = await runScript(context, files, {
    timeoutMs: SLACK_MS + ids.length * 100,
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  if (end.cut !== undefined) throw end.cut;
  // Shims without such a file belong to another daemon.
  return { running: parseStored(end.lines), liveRestore: String(live) === 'true' };
}

function settingsOf(lines: readonly ScriptLine[]): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(lines.find(({ word }) => word === 'file')?.text ?? '') as Record<string, unknown>;
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function unreadContainer(id: string): RunningContainer {
  const unread = { name: 'not inspected', image: '', imageId: '', createdAt: '', startedAt: '', labels: {} };
  return { ...unread, id, state: 'running', restartPolicy: 'unknown', autoRemove: false };
}
