/** Inspects containers: one that does not answer never hides the others. */

import { formatDuration } from '../../util/duration.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import { type Container, stateOfWord } from './container.ts';
import type { Engine, EngineKind } from './engine.ts';
import { causeOf, type FailureCause, reasonOf } from './engine-error.ts';
import type { ListOptions } from './list.ts';
import { runScript, type ScriptEnd } from './run-script.ts';
import { callMs, MAX_OUTPUT_BYTES, prelude, type ScriptLine, SLACK_MS, seconds } from './script.ts';

/** A candidate that could not be inspected, so that nothing is known but its ID. */
export interface UnreadContainer {
  readonly id: string;
  readonly cause: FailureCause;
  readonly message: string;
}

export interface Inspection {
  readonly containers: Container[];
  readonly unread: UnreadContainer[];
}

/**
 * Inspects containers in calls of a bounded number. One that is gone meanwhile is in neither list.
 *
 * @throws TransportError when interrupted
 */
export async function inspectContainers(
  context: ModuleContext,
  options: ListOptions,
  engine: Engine,
  ids: readonly string[],
): Promise<Inspection> {
  const inspection: Inspection = { containers: [], unread: [] };
  let answers = true;
  for (let start = 0; start < ids.length; start += CHUNK_SIZE) {
    const chunk = ids.slice(start, start + CHUNK_SIZE);
    if (!answers) {
      inspection.unread.push(...chunk.map((id) => unreadOf(id, undefined, options, engine)));
      continue;
    }
    answers = sortChunk(chunk, await inspectChunk(context, options, engine, chunk), inspection, options, engine);
  }
  return inspection;
}

/**
 * Inspects containers in one call; when it fails or does not answer, one by one. JSON lines for those that answered;
 * lines `inspect ID STATUS TEXT` for those that did not, `skipped ID` for those not tried.
 */
export function inspectScript(options: ListOptions, engine: Engine, ids: readonly string[]): string {
  return `${prelude(options)}
bin=${shellQuote(engine.path)}
inspect() {
  limit=$1; shift
  out=$(call "$limit" "$bin" inspect --type container --format ${shellQuote(inspectFormat(engine.kind))} "$@" 2>&1)
}
set -- ${ids.join(' ')}
if inspect ${seconds(options.listTimeoutMs)} "$@"; then
  printf '%s\\n' "$out"
  exit 0
fi
hung=0
for id in "$@"; do
  if [ "$hung" -ge ${MAX_HUNG_INSPECTS} ]; then line skipped "$id" 0 ''; continue; fi
  if inspect ${seconds(inspectOneMs(options))} "$id"; then
    printf '%s\\n' "$out"
  else
    status=$?
    if is_hung "$status"; then hung=$((hung + 1)); fi
    line inspect "$id" "$status" "$out"
  fi
done
`;
}

/** How long {@link inspectScript} may take at most. */
export function inspectScriptMs(options: ListOptions, count: number): number {
  const one = callMs(inspectOneMs(options));
  return callMs(options.listTimeoutMs) + MAX_HUNG_INSPECTS * one + count * HEALTHY_CALL_MS + SLACK_MS;
}

/** The containers of {@link inspectScript}'s JSON lines, by ID. A line that is no such array is an engine's warning. */
export function parseInspect(stdout: string, engine: Pick<Engine, 'kind'>): Map<string, Container> {
  const containers = new Map<string, Container>();
  for (const line of stdout.split('\n')) {
    const container = line.startsWith('[') ? parseInspectLine(line, engine) : undefined;
    if (container !== undefined) containers.set(container.id, container);
  }
  return containers;
}

// Few enough that one call answers well within its deadline also on a loaded host.
const CHUNK_SIZE = 50;

// Longest that one inspect of one container may take when the call for many did not answer.
const INSPECT_ONE_TIMEOUT_MS = 10_000;

// How many containers of one script may be found hung before the rest is not inspected.
const MAX_HUNG_INSPECTS = 5;

const HEALTHY_CALL_MS = 1000;

// A JSON array a line; `{{json .State}}` whole would bring the logs of health checks along. Podman's template has the names
// of its own fields, not those of its JSON.
function inspectFormat(kind: EngineKind): string {
  const id = kind === 'podman' ? '.ID' : '.Id';
  const fields = [
    id,
    '.Name',
    '.Config.Image',
    '.Image',
    '.Created',
    '.State.Status',
    '.State.FinishedAt',
    '.Config.Labels',
  ];
  return `[${fields.map((field) => `{{json ${field}}}`).join(',')}]`;
}

// Deadline of the inspection of one container on its own.
function inspectOneMs(options: ListOptions): number {
  return Math.min(INSPECT_ONE_TIMEOUT_MS, options.listTimeoutMs);
}

async function inspectChunk(
  context: ModuleContext,
  options: ListOptions,
  engine: Engine,
  ids: readonly string[],
): Promise<ScriptEnd> {
  const end = await runScript(context, inspectScript(options, engine, ids), {
    timeoutMs: inspectScriptMs(options, ids.length),
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
  return end;
}

// Sorts a chunk into read and unread. False: nothing in it answered, so the daemon itself is hung and the chunks that
// follow would only wait for their deadlines.
function sortChunk(
  ids: readonly string[],
  end: ScriptEnd,
  inspection: Inspection,
  options: ListOptions,
  engine: Engine,
): boolean {
  const found = parseInspect(end.stdout, engine);
  const failures = new Map(end.lines.filter(({ word }) => word === 'inspect').map((line) => [line.subject, line]));
  let answered = false;
  for (const id of ids) {
    const container = found.get(id);
    if (container !== undefined) {
      answered = true;
      inspection.containers.push(container);
      continue;
    }
    const unread = unreadOf(id, failures.get(id), options, engine);
    if (unread.cause !== 'hung') answered = true;
    if (unread.cause !== 'already_gone') inspection.unread.push(unread);
  }
  return answered;
}

function unreadOf(id: string, line: ScriptLine | undefined, options: ListOptions, engine: Engine): UnreadContainer {
  if (line === undefined) {
    return { id, cause: 'hung', message: `not inspected: ${engine.kind} did not answer for others before it` };
  }
  const cause = causeOf(line.status, line.text);
  if (cause !== 'hung') {
    return { id, cause, message: reasonOf(line.text) || `\`inspect\` ended with status ${line.status}` };
  }
  return {
    id,
    cause,
    message: `${engine.kind} did not answer \`inspect\` within ${formatDuration(inspectOneMs(options))}`,
  };
}

function parseInspectLine(line: string, engine: Pick<Engine, 'kind'>): Container | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(fields)) return undefined;
  const [id, name, image, imageId, createdAt, status, finishedAt, labels] = fields as unknown[];
  if (typeof id !== 'string') return undefined;
  return {
    id,
    name: String(name ?? '').replace(/^\//, ''),
    image: String(image ?? ''),
    imageId: String(imageId ?? ''),
    state: stateOfWord(String(status ?? ''), engine.kind),
    createdAt: String(createdAt ?? ''),
    // The zero time of Go: it never ran.
    finishedAt: typeof finishedAt === 'string' && !finishedAt.startsWith('0001-') ? finishedAt : undefined,
    labels: typeof labels === 'object' && labels !== null ? (labels as Record<string, string>) : {},
  };
}
