/** Switching the daemon's debug messages on for a while: its configuration file is changed, and is restored whatever happens. */

import { shellQuote } from '../../util/shell-quote.ts';

/** The daemon's configuration file as it was found. */
export interface DaemonConfig {
  /** Links resolved. */
  readonly path: string;
  /** Undefined: there is none. */
  readonly text?: string;
}

/** What is to be done about debug messages. */
export type DebugPlan =
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'switch'; readonly path: string; readonly on: string; readonly off: string };

/**
 * Plans the switch.
 *
 * A daemon keeps what a reload does not mention, so switching off is a file that says `false`; the old file comes after it.
 *
 * @param flags - of the daemon's command line: a key that is in both makes the daemon refuse the reload
 */
export function planDebug(config: DaemonConfig, flags: readonly string[]): DebugPlan {
  if (flags.some((flag) => /^(-D|--debug(=.*)?)$/.test(flag))) {
    return { kind: 'skip', reason: 'it is set on the command line of the daemon' };
  }
  let keys: unknown = {};
  try {
    if (config.text !== undefined && config.text.trim() !== '') keys = JSON.parse(config.text);
  } catch {
    return { kind: 'skip', reason: `${config.path} is no valid JSON` };
  }
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) {
    return { kind: 'skip', reason: `${config.path} is no JSON object` };
  }
  if ('debug' in keys && keys.debug === true) return { kind: 'skip', reason: 'it is on already' };
  const text = (debug: boolean) => `${JSON.stringify({ ...keys, debug }, undefined, 2)}\n`;
  return { kind: 'switch', path: config.path, on: text(true), off: text(false) };
}

/** Where the old file is kept while another is in its place; empty when there was none. A run that was killed leaves it. */
export function keptPath(configPath: string): string {
  return `${configPath}.before-fleetmend-debug`;
}

/** The shell function `nap`, a wait of a moment. */
export const NAP = 'nap() { sleep 0.3 2>/dev/null || sleep 1; }';

/**
 * Shell functions `debug_on`, `debug_off` and `debug_restore`, which print lines `debug`. `debug_restore` may be called at any
 * time; `daemon`, `bin`, `call`, `line`, `catches` and `nap` are those of {@link collectScript}.
 *
 * A script that is ended in between has no time to wait for the daemon, which reads its file some time after the signal, and
 * may be killed while it puts things back. So where there is `setsid`, a process that no kill of the script reaches waits for
 * its end and does that.
 *
 * @param prelude - what such a process needs to call the engine, and the function `remove_dumps FILE`: those younger than a file
 */
export function debugFunctions(plan: DebugPlan, prelude: string, debugSeconds: number): string {
  if (plan.kind === 'skip') {
    return `debug_on() { line debug - 1 ${shellQuote(`not switched on: ${plan.reason}`)}; }
debug_off() { :; }
debug_restore() { :; }`;
  }
  const functions = switchFunctions(plan);
  const keeper = `${prelude}\n${NAP}\n${functions}\n${keeperLoop(debugSeconds + KEEPER_SLACK_SECONDS)}`;
  return `${functions}
touched= kept_by=
debug_on() {
  if ! catches "$daemon" 0x1; then line debug - 1 'not switched on: the daemon does not heed SIGHUP'; return; fi
  if [ ! -e "$kept" ]; then
    if [ -e "$config" ]; then cp -p "$config" "$kept"; else mkdir -p "$(dirname "$config")" && : >"$kept"; fi ||
      { line debug - 1 'not switched on: daemon.json cannot be kept'; return; }
  fi
  touched=1
  if command -v setsid >/dev/null; then
    # It lets go of the substitution's pipe once it is in a session of its own.
    kept_by=keeper$(keeper=${shellQuote(keeper)} owner=$$ daemon=$daemon containerd=$containerd root=$root bin=$bin \
      setsid sh -c 'mark=$(mktemp); exec >/dev/null; text=$keeper; unset keeper; eval "$text"' </dev/null 2>/dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &)
  fi
  if ! put_on; then line debug - 1 'not switched on: daemon.json cannot be written'; debug_restore; return; fi
  kill -HUP "$daemon"
  if debug_is true; then line debug - 0 on; else line debug - 1 'asked for, but the daemon did not say that it is on'; fi
}
debug_off() {
  if [ -z "$touched" ]; then return; fi
  put_off && kill -HUP "$daemon"
  if debug_is false; then line debug - 0 off; else line debug - 1 'the daemon did not say that it is off again'; fi
  debug_restore
}
debug_restore() {
  if [ -z "$touched" ] || [ "$1$kept_by" = earlykeeper ]; then return; fi
  # The daemon reads the file after the signal, not with it.
  if [ "$1" = early ]; then put_off && kill -HUP "$daemon" 2>/dev/null && sleep 1; fi
  put_back || { line debug - 2 "daemon.json is not restored: $kept has it"; return; }
  touched=
}`;
}

/** How much longer than debug messages are asked for the script may need, before they are switched off whatever it does. */
const KEEPER_SLACK_SECONDS = 120;

// Files are written beside the old one and renamed, so that a full disk leaves that; the copy has its owner and mode.
function switchFunctions({ path, on, off }: DebugPlan & { readonly kind: 'switch' }): string {
  return `config=${shellQuote(path)}
kept=${shellQuote(keptPath(path))}
put() {
  if [ -e "$config" ]; then cp -p "$config" "$config.fleetmend-new" || return 1; else (umask 022; : >"$config.fleetmend-new") || return 1; fi
  printf %s "$1" >"$config.fleetmend-new" && mv -f "$config.fleetmend-new" "$config" && return 0
  rm -f "$config.fleetmend-new"
  return 1
}
put_on() { put ${shellQuote(on)}; }
put_off() { put ${shellQuote(off)}; }
put_back() { if [ -s "$kept" ]; then mv -f "$kept" "$config"; else rm -f "$config" "$kept"; fi; }
# Without its daemon the client says 'false' of itself, but no version.
debug_is() {
  end=$(($(date +%s) + 6))
  while [ "$(date +%s)" -lt "$end" ]; do
    case $(call 3 "$bin" info --format '{{.ServerVersion}}/{{.Debug}}' 2>/dev/null) in ?*/"$1") return 0 ;; esac
    nap
  done
  return 1
}`;
}

// Waits until the script has put the file back, which is most often so, or is gone. A daemon that does not answer is waited for.
function keeperLoop(limitSeconds: number): string {
  return `limit=$(($(date +%s) + ${limitSeconds}))
while [ -e "$kept" ] && kill -0 "$owner" && [ "$(date +%s)" -lt "$limit" ]; do nap; done
if [ ! -e "$kept" ]; then rm -f "$mark"; exit; fi
put_off && kill -HUP "$daemon"
limit=$(($(date +%s) + ${KEEPER_SLACK_SECONDS}))
until debug_is false || ! kill -0 "$daemon" || [ "$(date +%s)" -ge "$limit" ]; do :; done
remove_dumps "$mark"
rm -f "$mark"
put_back`;
}
