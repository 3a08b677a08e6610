/** The daemon's process as it is recognised again later, with its command line. */

import { DAEMON_FUNCTIONS } from './daemon.ts';
import { type DaemonFlags, parseDaemonFlags } from './daemon-flags.ts';
import type { ScriptLine } from './script.ts';

/** A process of dockerd. */
export interface DaemonProcess {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: tells the process from a later one with the same number. */
  readonly startTicks: string;
  readonly flags: DaemonFlags;
}

/** Shell lines, to follow `prelude`, that print what {@link parseDaemonProcess} reads; they set `daemon` too. */
export const DAEMON_PROCESS = `${DAEMON_FUNCTIONS}
line address - 0 "\${DOCKER_HOST:-}"
find_daemon
if [ -n "$daemon" ] && stat=$(cat "/proc/$daemon/stat" 2>/dev/null); then
  set -- \${stat##*) }
  line process "$daemon" 0 "\${20}$(printf '\\037')$(tr '\\000\\n\\t' '\\037  ' 2>/dev/null <"/proc/$daemon/cmdline")"
fi`;

/** The daemon in the lines of a script; undefined where none was found. */
export function parseDaemonProcess(lines: readonly ScriptLine[]): DaemonProcess | undefined {
  const found = lines.find(({ word }) => word === 'process');
  if (found === undefined) return undefined;
  const [startTicks = '', ...argv] = found.text.split('\u001f');
  return { pid: Number(found.subject), startTicks, flags: parseDaemonFlags(argv.filter((word) => word !== '')) };
}

/** The address that the session's environment gives the client; empty: the default one. */
export function sessionAddress(lines: readonly ScriptLine[]): string {
  return lines.find(({ word }) => word === 'address')?.text ?? '';
}
