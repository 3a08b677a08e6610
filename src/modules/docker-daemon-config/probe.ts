/** Reads daemon.json, the daemon's command line, and what the daemon says that it works with. */

import { ModuleError } from '../../errors.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import { DAEMON_PROCESS, type DaemonProcess, parseDaemonProcess } from '../docker/daemon-process.ts';
import { runScript } from '../docker/run-script.ts';
import { callMs, findEngine, MAX_OUTPUT_BYTES, prelude, SLACK_MS, seconds } from '../docker/script.ts';
import { type DaemonState, readDaemon } from '../docker-restart/probe.ts';
import { parseDocument, type Settings } from './document.ts';
import type { ConfigOptions } from './options.ts';

/** What is there before. */
export interface ConfigState {
  readonly path: string;
  readonly exists: boolean;
  readonly text: string;
  readonly settings: Settings;
  readonly daemon?: DaemonProcess;
  /** Path of the program that runs, or that would. */
  readonly program?: string;
  /** Undefined: the daemon does not answer. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** The engine's command. */
  readonly enginePath: string;
  /** Where a restart was asked for. */
  readonly restart?: DaemonState;
}

// Between the lines and the file, which has lines of its own.
const MARK = '\n#fleetmend file\n';

/**
 * Reads the state.
 *
 * @throws {@link ModuleError} a file that is no JSON, or cannot be read; TransportError when interrupted
 */
export async function readConfig(context: ModuleContext, options: ConfigOptions): Promise<ConfigState> {
  const limit = seconds(options.timeoutMs);
  const script = `${prelude(options)}
${findEngine(options, options.timeoutMs)}
${DAEMON_PROCESS}
program=
if [ -n "$daemon" ]; then program=$(readlink "/proc/$daemon/exe" 2>/dev/null); fi
[ -n "$program" ] || program=$(command -v dockerd 2>/dev/null)
line program "\${program% (deleted)}" 0 ''
file=${options.path === undefined ? '$(daemon_flag --config-file)' : shellQuote(options.path)}
[ -n "$file" ] || file=/etc/docker/daemon.json
if [ -L "$file" ]; then file=$(readlink -f "$file"); fi
info=$(call ${limit} "$bin" info --format '{{json .}}' 2>/dev/null) || info=
line info - 0 "$info"
if [ -f "$file" ]; then kind=file; elif [ -e "$file" ]; then kind=other; else kind=none; fi
line file "$file" 0 "$kind"
if [ $kind = file ]; then
  printf '${MARK.replaceAll('\n', '\\n')}'
  cat "$file" || exit 1
fi
`;
  const end = await runScript(context, script, {
    timeoutMs: 2 * callMs(options.timeoutMs) + SLACK_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  if (end.cut !== undefined) throw end.cut;
  const of = (wanted: string) => end.lines.find(({ word }) => word === wanted);
  if (of('missing') !== undefined || of('engine') === undefined)
    throw new ModuleError(`there is no docker on ${context.host}`);
  const path = of('file')?.subject ?? '';
  const kind = of('file')?.text;
  if (kind === 'other') throw new ModuleError(`expected ${path} to be a file, found something else`, { path });
  if (end.exitCode !== 0) {
    throw new ModuleError(`could not read ${path}: ${end.stderr.trim()}`, { path }, { hint: 'set `become: true`' });
  }
  const at = end.stdout.indexOf(MARK);
  const text = at < 0 ? '' : end.stdout.slice(at + MARK.length);
  return {
    path,
    exists: kind === 'file',
    text,
    settings: parseDocument(text, path),
    daemon: parseDaemonProcess(end.lines),
    program: of('program')?.subject || undefined,
    info: infoOf(of('info')?.text ?? ''),
    enginePath: of('engine')?.subject ?? 'docker',
    ...(options.restart === undefined ? {} : { restart: await readDaemon(context, options.restart) }),
  };
}

/** `docker info` as JSON; undefined when it holds errors only (a client without its daemon) or is none. */
export function infoOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const info = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    return typeof info?.DockerRootDir === 'string' && info.DockerRootDir !== '' ? info : undefined;
  } catch {
    return undefined;
  }
}
