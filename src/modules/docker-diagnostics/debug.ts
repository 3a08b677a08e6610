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

/**
 * Shell functions `debug_on`, `debug_off` and `debug_restore`, which print lines `debug`. `debug_restore` may be called at any
 * time, and needs about a second; `daemon`, `bin`, `call`, `line`, `catches` and `nap` are those of {@link collectScript}.
 */
export function debugFunctions(plan: DebugPlan): string {
  if (plan.kind === 'skip') {
    return `debug_on() { line debug - 1 ${shellQuote(`not switched on: ${plan.reason}`)}; }
debug_off() { :; }
debug_restore() { :; }`;
  }
  return `config=${shellQuote(plan.path)}
kept=${shellQuote(keptPath(plan.path))}
touched=
# Written beside it and renamed, so that a full disk leaves the old file; the copy has its owner and mode.
put() {
  if [ -e "$config" ]; then cp -p "$config" "$config.fleetmend-new" || return 1; else (umask 022; : >"$config.fleetmend-new") || return 1; fi
  printf %s "$1" >"$config.fleetmend-new" && mv -f "$config.fleetmend-new" "$config" && return 0
  rm -f "$config.fleetmend-new"
  return 1
}
debug_is() {
  end=$(($(date +%s) + 6))
  while [ "$(date +%s)" -lt "$end" ]; do
    if [ "$(call 3 "$bin" info --format '{{.Debug}}' 2>/dev/null)" = "$1" ]; then return 0; fi
    nap
  done
  return 1
}
debug_on() {
  if ! catches "$daemon" 0x1; then line debug - 1 'not switched on: the daemon does not heed SIGHUP'; return; fi
  if [ ! -e "$kept" ]; then
    if [ -e "$config" ]; then cp -p "$config" "$kept"; else mkdir -p "$(dirname "$config")" && : >"$kept"; fi ||
      { line debug - 1 'not switched on: daemon.json cannot be kept'; return; }
  fi
  touched=1
  if ! put ${shellQuote(plan.on)}; then line debug - 1 'not switched on: daemon.json cannot be written'; debug_restore; return; fi
  kill -HUP "$daemon"
  if debug_is true; then line debug - 0 on; else line debug - 1 'asked for, but the daemon did not say that it is on'; fi
}
debug_off() {
  if [ -z "$touched" ]; then return; fi
  put ${shellQuote(plan.off)} && kill -HUP "$daemon"
  if debug_is false; then line debug - 0 off; else line debug - 1 'the daemon did not say that it is off again'; fi
  debug_restore
}
debug_restore() {
  if [ -z "$touched" ]; then return; fi
  # The daemon reads the file after the signal, not with it.
  if [ "$1" = early ]; then put ${shellQuote(plan.off)} && kill -HUP "$daemon" 2>/dev/null && sleep 1; fi
  if [ -s "$kept" ]; then mv -f "$kept" "$config"; else rm -f "$config" "$kept"; fi || { line debug - 2 "daemon.json is not restored: $kept has it"; return; }
  touched=
  line restored - 0 ''
}`;
}
