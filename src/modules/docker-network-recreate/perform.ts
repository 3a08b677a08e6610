/** Does one step on the host, with a line in the journal before and after it. */

import { shellJoin, shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import type { Engine } from '../docker/engine.ts';
import { causeOf, type FailureCause, reasonOf } from '../docker/engine-error.ts';
import { runScript } from '../docker/run-script.ts';
import { callMs, prelude, SLACK_MS, seconds } from '../docker/script.ts';
import { noteFunction, type OpenJournal } from './journal.ts';
import type { RecreateOptions } from './options.ts';
import type { Step, Surgery } from './surgery.ts';

/** Why a step was not done. */
export interface StepFailure {
  readonly cause: FailureCause;
  /** One line. */
  readonly reason: string;
}

/**
 * Does a step.
 *
 * @returns undefined when it is done
 * @throws TransportError when interrupted or cut off, so that its end is not known
 */
export async function performStep(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  journal: OpenJournal,
  index: number,
): Promise<StepFailure | undefined> {
  const { surgery, path } = journal;
  const step = surgery.steps[index];
  if (step === undefined) throw new Error(`Internal error: the surgery has no step ${index}`);
  return run(context, options, step, stepCommand(step, surgery, options, engine), path, `${index}`);
}

/**
 * Undoes what was begun before the point of no return: connects and starts again, both of which do no harm where nothing
 * was undone yet.
 *
 * @returns the first failure; undefined when all is as it was
 * @throws TransportError when interrupted or cut off
 */
export async function undoSteps(
  context: ModuleContext,
  options: RecreateOptions,
  engine: Engine,
  { surgery, begun, path }: OpenJournal,
): Promise<StepFailure | undefined> {
  let first: StepFailure | undefined;
  for (const step of undoOrder(surgery, begun)) {
    const words = [engine.path, ...(step.do === 'connect' ? connect(step, surgery.network.id) : ['start', step.id])];
    const command = { words, accept: step.do === 'connect' ? ALREADY_CONNECTED : [], timeoutMs: options.timeoutMs };
    first ??= await run(context, options, step, command, path, undefined);
  }
  return first;
}

/** The steps that undo those that were begun: connect, then start in the order of starting. */
export function undoOrder(
  { steps }: Surgery,
  begun: ReadonlySet<number>,
): readonly Extract<Step, { do: 'connect' | 'start' }>[] {
  const undone = (word: 'stop' | 'disconnect') =>
    new Set(steps.flatMap((step, index) => (step.do === word && begun.has(index) ? [step.id] : [])));
  const stopped = undone('stop');
  const disconnected = undone('disconnect');
  return steps.filter(
    (step): step is Extract<Step, { do: 'connect' | 'start' }> =>
      (step.do === 'connect' && disconnected.has(step.id)) || (step.do === 'start' && stopped.has(step.id)),
  );
}

interface StepCommand {
  readonly words: readonly string[];
  /** Words in the engine's answer that say that the step is done already. */
  readonly accept: readonly string[];
  readonly timeoutMs: number;
  /** A command that succeeds when there is nothing to do. */
  readonly unless?: readonly string[];
}

const ALREADY_CONNECTED = ['already exists in network', 'is already attached to network'];
const GONE = ['No such container'];

/** The command of a step. */
export function stepCommand(
  step: Step,
  { network }: Surgery,
  { timeoutMs, stopSeconds }: Pick<RecreateOptions, 'timeoutMs' | 'stopSeconds'>,
  { path }: Pick<Engine, 'path'>,
): StepCommand {
  switch (step.do) {
    case 'stop':
      return {
        words: [path, 'stop', '-t', String(stopSeconds), step.id],
        accept: GONE,
        timeoutMs: timeoutMs + stopSeconds * 1000,
      };
    case 'disconnect':
      return {
        words: [path, 'network', 'disconnect', network.id, step.id],
        accept: ['is not connected to', ...GONE],
        timeoutMs,
      };
    case 'drop':
      return {
        words: [path, 'network', 'disconnect', '-f', network.id, step.name],
        accept: ['is not connected to', `endpoint ${step.name} not found`, ...GONE],
        timeoutMs,
      };
    case 'remove':
      return {
        words: [path, 'network', 'rm', network.id],
        accept: [`network ${network.id} not found`, 'No such network'],
        timeoutMs,
      };
    case 'create':
      return {
        words: [path, 'network', 'create', ...step.words, '--', network.name],
        // By the run before this one, whose last command outlived it; how it was made is verified in the end.
        accept: [`network with name ${network.name} already exists`],
        timeoutMs,
        unless: [path, 'network', 'inspect', '--format', '{{.Id}}', '--', network.name],
      };
    case 'connect':
      return { words: [path, ...connect(step, network.name)], accept: [...ALREADY_CONNECTED, ...GONE], timeoutMs };
    case 'start':
      return { words: [path, 'start', step.id], accept: [], timeoutMs };
    case 'verify':
      return { words: ['true'], accept: [], timeoutMs };
  }
}

function connect(step: Extract<Step, { do: 'connect' }>, network: string): string[] {
  return ['network', 'connect', ...step.words, '--', network, step.id];
}

async function run(
  context: ModuleContext,
  options: RecreateOptions,
  step: Step,
  command: StepCommand,
  journalPath: string,
  index: string | undefined,
): Promise<StepFailure | undefined> {
  const limit = seconds(command.timeoutMs);
  const call = `call ${limit} ${shellJoin(command.words)}`;
  const unless = command.unless === undefined ? '' : `call ${limit} ${shellJoin(command.unless)} >/dev/null 2>&1 || `;
  const accept = command.accept.map((words) => `*${shellQuote(words)}*`).join(' | ');
  const script = `${prelude(options)}
${noteFunction(journalPath)}
${index === undefined ? '' : `note 'start ${index}'`}
out=$(${unless}${call} 2>&1)
status=$?
${accept === '' ? '' : `case $out in ${accept}) status=0 ;; esac`}
${index === undefined ? '' : `[ "$status" -ne 0 ] || note 'done ${index}'`}
line step - "$status" "$out"
`;
  const end = await runScript(context, script, { timeoutMs: 2 * callMs(command.timeoutMs) + SLACK_MS });
  if (end.cut !== undefined) throw end.cut;
  const last = end.lines.findLast(({ word }) => word === 'step' || word === 'journal');
  if (last?.word === 'journal') return { cause: 'error', reason: last.text };
  if (last === undefined) return { cause: 'error', reason: end.stderr.trim() || `\`${step.do}\` ended with no word` };
  if (last.status === 0) return undefined;
  const cause = causeOf(last.status, last.text);
  const unsaid = cause === 'hung' ? `no answer within ${limit} s` : `it ended with status ${last.status}`;
  return { cause, reason: reasonOf(last.text) || unsaid };
}
