// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text
/**
 * Jobs of `async`: scripts that go on on the host without us. A job has a folder that only its user may enter, with what
 * runs (`job`, `stdin`), what came of it (`stdout`, `stderr`, `status`) and who runs it (`runner`, `pid`, `boot`).
 */
import { randomInt } from 'node:crypto';
import { ModuleError, TransportError } from '../errors.ts';
import type { ExecResult } from '../transport/types.ts';
import { bytesWord, writeBytes } from '../util/shell-bytes.ts';
import { commandOutcome } from './command-result.ts';
import type { JobWishes, ModuleContext, Outcome } from './contract.ts';
import { runScript } from './run-script.ts';
import { formatTiming } from './timing.ts';

/** What a job's result needs beside its output. */
export interface JobNotes {
  readonly cmd?: string | readonly string[];
  readonly stripEmptyEnds: boolean;
}

export interface JobScript extends JobNotes {
  readonly script: string;
  readonly stdin?: Uint8Array;
}

/** How a job stands. */
export type JobState =
  | { readonly kind: 'missing' }
  /** Its processes are gone and it left no exit status: the host was rebooted, or somebody killed them all. */
  | { readonly kind: 'lost'; readonly path: string }
  | { readonly kind: 'running'; readonly path: string }
  | { readonly kind: 'finished'; readonly path: string; readonly expired: boolean; readonly outcome: Outcome };

/**
 * Starts a job and, where `poll` says so, waits for its end.
 *
 * @throws {@link ModuleError} when the host has no place for the job
 */
export async function runAsync(job: JobScript, wishes: JobWishes, context: ModuleContext): Promise<Outcome> {
  const id = `j${randomInt(1e11, 1e12)}.${randomInt(1e4, 1e5)}`;
  const startedAtMs = context.nowMs();
  const path = await startJob(id, job, wishes.limitSeconds, context);
  if (wishes.pollSeconds === 0) return { changed: true, result: jobKeys(id, path, false) };
  return await waitForJob(id, path, wishes, startedAtMs, context);
}

/** The keys that every result of a job has. */
export function jobKeys(id: string, path: string, finished: boolean): Readonly<Record<string, unknown>> {
  return { ansible_job_id: id, results_file: `${path}/status`, started: true, finished };
}

/** What Ansible calls a job that does not exist (any more). */
export function missingJob(id: string, reason = 'could not find job'): Outcome {
  return {
    changed: false,
    failed: true,
    result: { ansible_job_id: id, started: true, finished: true, msg: reason },
  };
}

export const LOST_JOB = 'could not find job: it left no exit status and does not run (was the host rebooted?)';

/** Looks at a job. */
export async function readJob(id: string, context: ModuleContext): Promise<JobState> {
  if (!isJobId(id)) return { kind: 'missing' };
  const exec = await context.run(`${findJob(id)}${STATUS_SCRIPT}`);
  if (exec.exitCode !== 0) {
    throw new ModuleError(`could not look at job ${id}: ${exec.stderr.trim() || `exit status ${exec.exitCode}`}`);
  }
  const [head = '', notes = '', ...output] = exec.stdout.split('\n');
  const [kind, rc, start, end, expired, ...path] = head.split(' ');
  switch (kind) {
    case 'running':
    case 'lost':
      return { kind, path: head.slice(kind.length + 1) };
    case 'finished':
      return {
        kind,
        path: path.join(' '),
        expired: expired === 'expired',
        outcome: outcomeOf({ ...exec, exitCode: Number(rc), stdout: output.join('\n') }, notes, {
          startMs: 1000 * Number.parseFloat(start ?? ''),
          endMs: 1000 * Number.parseFloat(end ?? ''),
        }),
      };
    default:
      return { kind: 'missing' };
  }
}

/** Removes what is kept of a job. @returns the path of its result; undefined when there was none */
export async function forgetJob(id: string, context: ModuleContext): Promise<string | undefined> {
  if (!isJobId(id)) return undefined;
  const script = `${findJob(id)}[ -z "$d" ] || { rm -rf -- "$d" && printf %s "$d"; }\n`;
  const { stdout } = await runScript(context, `remove job ${id}`, script);
  return stdout === '' ? undefined : `${stdout}/status`;
}

async function startJob(id: string, job: JobScript, limitSeconds: number, context: ModuleContext): Promise<string> {
  const notes = JSON.stringify({ cmd: job.cmd, stripEmptyEnds: job.stripEmptyEnds });
  const files = [
    ['notes', notes],
    ['job', job.script],
    ['run', RUNNER],
  ];
  const script = `umask 077
${makeFolder(id)}${job.stdin === undefined ? '' : 'cat >"$d/stdin" || exit\n'}put() { ${writeBytes('2')} >"$d/$1"; }
{
${files.map(([name = '', text = '']) => `put ${name} ${bytesWord(Buffer.from(text))}`).join(' &&\n')}
} || exit
cat /proc/sys/kernel/random/boot_id >"$d/boot" 2>/dev/null
if command -v setsid >/dev/null; then set -- setsid; else set --; trap '' HUP; fi
"$@" sh "$d/run" "$d" ${limitSeconds} </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
echo "$!" >"$d/runner"
printf %s "$d"
`;
  const { stdout } = await runScript(context, 'start the job', script, job.stdin && { stdin: job.stdin });
  return stdout;
}

// Polls until the job has ended. A connection that is lost meanwhile is no end: the job goes on, and the host may come back.
async function waitForJob(
  id: string,
  path: string,
  { limitSeconds, pollSeconds }: JobWishes,
  startedAtMs: number,
  context: ModuleContext,
): Promise<Outcome> {
  const endsAtMs = startedAtMs + 1000 * limitSeconds + END_GRACE_MS;
  for (;;) {
    const leftMs = endsAtMs - context.nowMs();
    if (leftMs <= 0) return overdue(id, path, limitSeconds);
    await context.sleep(Math.min(1000 * pollSeconds, leftMs));
    const state = await readAgain(id, context);
    if (state === undefined || state.kind === 'running') continue;
    if (state.kind !== 'finished') return missingJob(id, LOST_JOB);
    await forgetJob(id, context);
    if (state.expired) return overdue(id, path, limitSeconds, state.outcome.result);
    return { ...state.outcome, result: { ...state.outcome.result, ...jobKeys(id, path, true) } };
  }
}

// The watcher on the host needs a moment to end the job.
const END_GRACE_MS = 5000;

async function readAgain(id: string, context: ModuleContext): Promise<JobState | undefined> {
  try {
    return await readJob(id, context);
  } catch (error) {
    if (!(error instanceof TransportError) || context.signal.aborted) throw error;
    await context.reconnect().catch((reason: unknown) => {
      if (context.signal.aborted) throw reason;
    });
    return undefined;
  }
}

function overdue(
  id: string,
  path: string,
  limitSeconds: number,
  output: Readonly<Record<string, unknown>> = {},
): Outcome {
  const msg = `async task did not complete within the requested time - ${limitSeconds}s`;
  return { changed: false, failed: true, result: { ...output, ...jobKeys(id, path, true), msg } };
}

function outcomeOf(
  exec: ExecResult,
  notesText: string,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): Outcome {
  let notes: JobNotes;
  try {
    notes = JSON.parse(notesText) as JobNotes;
  } catch (cause) {
    throw new ModuleError('the notes of the job cannot be read: its folder was changed', {}, { cause });
  }
  const timing = Number.isFinite(startMs) && Number.isFinite(endMs) ? formatTiming(startMs, endMs) : {};
  const extra = { ...(notes.cmd === undefined ? {} : { cmd: notes.cmd }), ...timing };
  return commandOutcome(exec, { extra, stripEmptyEnds: notes.stripEmptyEnds });
}

// It becomes part of a path.
function isJobId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id);
}

// In the user's home folder, else where everybody may write; never through somebody else's folder.
const PLACES = '"${HOME:-/nonexistent}/.fleetmend-async" "/tmp/.fleetmend-async-$(id -u)"';

function makeFolder(id: string): string {
  return `d=
for root in ${PLACES}; do
  [ -d "$root" ] || mkdir -- "$root" 2>/dev/null || continue
  [ -O "$root" ] && [ ! -L "$root" ] && mkdir -- "$root/${id}" 2>/dev/null || continue
  d=$root/${id}
  break
done
[ -n "$d" ] || { echo 'neither the home folder nor /tmp can be written to' >&2; exit 1; }
`;
}

function findJob(id: string): string {
  return `d=
for root in ${PLACES}; do
  [ -d "$root/${id}" ] && [ -O "$root" ] && [ ! -L "$root" ] || continue
  d=$root/${id}
  break
done
`;
}

// The job leads a process group, so that all of it is ended at its deadline. `status` is there only when it is whole.
const RUNNER = `d=$1 limit=$2
started=$(date +%s.%N)
in=/dev/null
[ -f "$d/stdin" ] && in=$d/stdin
if command -v setsid >/dev/null; then
  group=-
  setsid sh "$d/job" <"$in" >"$d/stdout" 2>"$d/stderr" &
else
  group=
  sh "$d/job" <"$in" >"$d/stdout" 2>"$d/stderr" &
fi
job=$!
echo "$job" >"$d/pid"
(
  trap 'kill "$nap"; exit 0' TERM
  sleep "$limit" & nap=$!
  wait "$nap"
  : >"$d/expired"
  kill -s TERM -- "$group$job"
  sleep 2 & nap=$!
  wait "$nap"
  kill -s KILL -- "$group$job"
) &
watcher=$!
wait "$job"
status=$?
kill "$watcher"
rm -f -- "$d/job" "$d/stdin"
echo "$status $started $(date +%s.%N)" >"$d/status.new"
mv -- "$d/status.new" "$d/status"
`;

// First line: the state; second: the notes; then the output. A process of that number may be another one
// since a reboot, or dead where nobody reaps the dead (a container).
const STATUS_SCRIPT = `if [ -z "$d" ]; then
  echo missing
elif [ -f "$d/status" ]; then
  read -r line <"$d/status"
  [ -f "$d/expired" ] && end=expired || end=ended
  echo "finished $line $end $d"
  cat "$d/notes"
  echo
  cat "$d/stdout"
  cat "$d/stderr" >&2
elif { [ ! -s "$d/boot" ] || [ "$(cat "$d/boot")" = "$(cat /proc/sys/kernel/random/boot_id)" ]; } &&
  read -r pid <"$d/runner" && kill -0 "$pid" 2>/dev/null &&
  ! grep -q ') Z ' "/proc/$pid/stat" 2>/dev/null; then
  echo "running $d"
elif [ -f "$d/status" ]; then
  echo "running $d"
else
  echo "lost $d"
fi
`;
