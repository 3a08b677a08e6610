/** What is known of a host before anything is collected. */

import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import { DAEMON_FUNCTIONS, type Daemon, parseDaemon } from '../docker/daemon.ts';
import { type Engine, parseEngine } from '../docker/engine.ts';
import { hungDaemon, missingEngine } from '../docker/engine-failure.ts';
import { runScript } from '../docker/run-script.ts';
import { findEngine, prelude } from '../docker/script.ts';
import { type DaemonConfig, keptPath } from './debug.ts';
import type { DiagnosticsOptions } from './options.ts';

export interface HostState {
  readonly engine: Engine;
  readonly daemon?: Daemon;
  readonly config?: DaemonConfig;
  /** The daemon's flags for debug messages. */
  readonly debugFlags: readonly string[];
}

const PROBE_TIMEOUT_MS = 20_000;

/**
 * Finds engine and daemon, and reads the daemon's configuration file.
 *
 * @throws {@link ModuleError} no engine; TransportError when interrupted
 */
export async function probeHost(context: ModuleContext, options: DiagnosticsOptions): Promise<HostState> {
  const script = `${prelude(options)}
${DAEMON_FUNCTIONS}
${findEngine(options, 5000)}
daemon_line
if [ -n "$daemon" ]; then
  line flags - 0 "$(tr '\\000' '\\n' <"/proc/$daemon/cmdline" | grep -e '^-D$' -e '^--debug' | tr '\\n' ' ')"
fi
`;
  const end = await runScript(context, script, { timeoutMs: PROBE_TIMEOUT_MS });
  if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
  if (end.lines.some(({ word }) => word === 'missing')) throw missingEngine(options, context.host);
  const found = end.lines.find(({ word }) => word === 'engine');
  if (found === undefined) throw hungDaemon('the container engine', context.host, '--version', PROBE_TIMEOUT_MS);
  const daemon = parseDaemon(end.lines);
  return {
    engine: parseEngine(found.subject, found.text),
    daemon,
    config: daemon === undefined ? undefined : await readConfig(context, daemon.configFile),
    debugFlags: (end.lines.find(({ word }) => word === 'flags')?.text ?? '').split(' ').filter((flag) => flag !== ''),
  };
}

// A first line with the path, links resolved; then the file, if there is one. What a run that was killed left behind is the
// file as it was before.
async function readConfig(context: ModuleContext, path: string): Promise<DaemonConfig> {
  const script = `path=$(readlink -f ${shellQuote(path)} 2>/dev/null) && [ -n "$path" ] || path=${shellQuote(path)}
printf '%s\\n' "$path"
kept="${keptPath('$path')}"
if [ -e "$kept" ]; then [ -s "$kept" ] && cat "$kept"; elif [ -e "$path" ]; then cat "$path"; fi
true`;
  const { stdout } = await context.run(script, { timeoutMs: PROBE_TIMEOUT_MS });
  const lineEnd = stdout.indexOf('\n');
  const text = stdout.slice(lineEnd + 1);
  return { path: stdout.slice(0, lineEnd), text: text === '' ? undefined : text };
}
