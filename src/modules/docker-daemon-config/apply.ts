/** Writes daemon.json and makes the daemon take it; puts the old file back where that fails. */

import { ModuleError } from '../../errors.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import { runScript } from '../docker/run-script.ts';
import { callMs, prelude, SLACK_MS, seconds } from '../docker/script.ts';
import type { ConfigOptions } from './options.ts';
import type { ConfigState } from './probe.ts';
import { infoOf } from './probe.ts';
import type { Testimony } from './taken.ts';

/**
 * Writes the text in one step, with owner and mode of the file that it replaces.
 *
 * @returns path of the backup; undefined where none was asked for, or there was no file
 * @throws {@link ModuleError} not written, or refused by `dockerd --validate`; the old file is in its place
 */
export async function writeFile(
  context: ModuleContext,
  options: ConfigOptions,
  state: ConfigState,
  text: string,
): Promise<string | undefined> {
  // `--validate` came with version 23. It judges the file alone: of the daemon's flags it knows nothing.
  const validate =
    state.program === undefined
      ? ''
      : `if said=$(call 20 ${shellQuote(state.program)} --validate --config-file "$new" 2>&1); then :
else case $said in *'unknown flag'*) ;; *) line invalid - 0 "$said"; exit 0 ;; esac; fi`;
  const script = `set -e
${prelude(options)}
file=${shellQuote(state.path)}
[ -d "$(dirname "$file")" ] || mkdir -p "$(dirname "$file")"
new=$(umask 077; mktemp "$(dirname "$file")/.fleetmend.XXXXXX")
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$new"
[ "$(wc -c <"$new")" -eq ${Buffer.byteLength(text)} ] || { echo 'the file did not come whole' >&2; exit 1; }
${validate}
if [ -f "$file" ]; then
  chown "$(stat -c %u:%g "$file")" "$new"
  chmod "$(stat -c %a "$file")" "$new"
  backup=
  ${options.backup ? 'backup=$file.$(date +%Y-%m-%d@%H:%M:%S)~; cp -p "$file" "$backup"' : ':'}
  line backup "$backup" 0 ''
else chmod 644 "$new"
fi
sync -d "$new" 2>/dev/null || :
mv -f "$new" "$file"
line written - 0 ''
`;
  const end = await runScript(context, script, { timeoutMs: callMs(20_000) + SLACK_MS, stdin: Buffer.from(text) });
  if (end.cut !== undefined) throw end.cut;
  const { path } = state;
  const refused = end.lines.find(({ word }) => word === 'invalid');
  if (refused !== undefined) {
    throw new ModuleError(`the daemon refuses the settings: ${refused.text.trim()}; ${path} was left as it is`, {
      path,
    });
  }
  if (end.exitCode !== 0) throw new ModuleError(`could not write ${path}: ${end.stderr.trim()}`, { path });
  return end.lines.find(({ word }) => word === 'backup')?.subject || undefined;
}

/**
 * Puts the text of before back. Its mode and owner are still those of the file.
 *
 * @throws {@link ModuleError} it could not be written
 */
export async function restoreFile(context: ModuleContext, options: ConfigOptions, state: ConfigState): Promise<void> {
  if (state.exists) {
    await writeFile(context, { ...options, backup: false }, { ...state, program: undefined }, state.text);
    return;
  }
  const { exitCode, stderr } = await context.run(`rm -f -- ${shellQuote(state.path)}`);
  if (exitCode !== 0) throw new ModuleError(`could not remove ${state.path}: ${stderr.trim()}`, { path: state.path });
}

/**
 * Sends SIGHUP and waits for the event that the daemon makes of a reload. SIGHUP itself says nothing: a file that the
 * daemon refuses is a line in its log.
 *
 * @returns undefined when no reload was seen in time
 */
export async function reloadDaemon(
  context: ModuleContext,
  options: ConfigOptions,
  state: ConfigState,
): Promise<Testimony | undefined> {
  const limit = seconds(options.timeoutMs);
  const script = `${prelude(options)}
bin=${shellQuote(state.enginePath)}
begin=$(date +%s)
kill -HUP ${state.daemon?.pid ?? ''} || exit 1
while :; do
  now=$(date +%s)
  seen=$(call 5 "$bin" events --since "$begin" --until "$((now + 1))" --filter type=daemon --format '{{json .Actor.Attributes}}' 2>/dev/null | tail -n 1)
  [ -n "$seen" ] && break
  [ $((now - begin)) -lt ${limit} ] || break
done
line reloaded - 0 "$seen"
line info - 0 "$(call ${limit} "$bin" info --format '{{json .}}' 2>/dev/null)"
`;
  const end = await runScript(context, script, { timeoutMs: 2 * callMs(options.timeoutMs) + SLACK_MS });
  if (end.cut !== undefined) throw end.cut;
  const of = (wanted: string) => end.lines.find(({ word }) => word === wanted)?.text ?? '';
  if (of('reloaded') === '') return undefined;
  return { info: infoOf(of('info')), reloaded: JSON.parse(of('reloaded')) as Record<string, string> };
}

/** What the daemon says of itself now. */
export async function askDaemon(
  context: ModuleContext,
  options: ConfigOptions,
  state: ConfigState,
): Promise<Testimony> {
  const script = `${prelude(options)}
line info - 0 "$(call ${seconds(options.timeoutMs)} ${shellQuote(state.enginePath)} info --format '{{json .}}' 2>/dev/null)"
`;
  const end = await runScript(context, script, { timeoutMs: callMs(options.timeoutMs) + SLACK_MS });
  return { info: infoOf(end.lines.find(({ word }) => word === 'info')?.text ?? '') };
}
