/** Errors about programs that list hosts: the command, how it ended, and what it said. */
import { InventoryError } from '../errors.ts';
import { createRedactor } from '../util/redact.ts';
import { describeProgramEnd, type ProgramRequest, type ProgramResult } from '../util/run-program.ts';
import { shellJoin } from '../util/shell-quote.ts';

/** How much of what the program printed is shown, from its end. */
const SHOWN_CHARS = 2048;

export interface FailureOptions {
  /** What is wrong although it exited with status 0; without it the way it ended is the reason. */
  readonly problem?: string;
  /** Some programs print their errors on stdout. */
  readonly showStdout?: boolean;
  readonly hint?: string;
  /** Texts that must not be shown. */
  readonly secrets?: readonly string[];
}

/** The error INVENTORY_SOURCE_FAILED for a program; its message holds all that a person needs. */
export function programFailure(
  request: ProgramRequest,
  result: ProgramResult,
  options: FailureOptions = {},
): InventoryError {
  const command = shellJoin([request.file, ...request.args]);
  const end = describeProgramEnd(result, request);
  const lines = [
    `inventory program '${command}' ${options.problem === undefined ? end : `${options.problem} (it ${end})`}`,
  ];
  if (options.hint !== undefined) lines[0] += `; ${options.hint}`;
  if (options.showStdout === true) lines.push(...quoted('stdout', result.stdout));
  lines.push(...quoted('stderr', result.stderr));
  const message = createRedactor(options.secrets ?? [])(lines.join('\n'));
  return new InventoryError('INVENTORY_SOURCE_FAILED', message, { hint: options.hint });
}

function quoted(name: string, text: string): string[] {
  const end = text.trimEnd();
  if (end === '') return [];
  const shown = end.length > SHOWN_CHARS ? `… ${end.slice(-SHOWN_CHARS)}` : end;
  // What a program prints must not move the cursor or colour the terminal.
  const safe = shown.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD');
  return [`${name}:`, ...safe.split('\n').map((line) => `  ${line.trimEnd()}`)];
}
