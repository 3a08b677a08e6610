/**
 * Calls of the Rancher CLI, of both generations. Its habits: it prints one JSON object a line; v1 prints its log and its
 * errors on stdout; without a terminal it can print a menu for ever; with its debug switch it prints requests.
 */
import { type ProgramRequest, type ProgramResult, runProgram } from '../../util/run-program.ts';
import { jsonEntries, parseJson } from '../json.ts';
import { type FailureOptions, programFailure } from '../program-failure.ts';

export interface RancherCliOptions {
  readonly cli: string;
  /** The whole environment of the calls, see {@link rancherEnv}. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
  readonly secrets: readonly string[];
  /** Told of what the CLI says beside good data. */
  readonly warn: (message: string) => void;
}

/** One line of output. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows of a call, with the call for errors about them. */
export interface Listing {
  readonly rows: readonly Row[];
  /** The error for rows that cannot be right. */
  fail(problem: string, hint?: string): Error;
}

const LOG_LINE = /^time="/;
/** The question under the endless menu of environments. */
const MENU = /(?:^|\n)Select: /;
const MAX_WARNINGS = 5;

/**
 * The environment for the CLI: PATH, HOME, trusted certificates, and RANCHER_* without the debug switch, which would mix
 * requests into the output.
 */
export function rancherEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const isWanted =
      /^(?:PATH|HOME|SSL_CERT_FILE|SSL_CERT_DIR|RANCHER_.*)$/.test(name) && name !== 'RANCHER_CLIENT_DEBUG';
    if (isWanted && value !== undefined) kept[name] = value;
  }
  return kept;
}

export class RancherCli {
  readonly #options: RancherCliOptions;

  constructor(options: RancherCliOptions) {
    this.#options = options;
  }

  /** The same CLI with more variables in its environment. */
  withEnv(env: Readonly<Record<string, string>>): RancherCli {
    return new RancherCli({ ...this.#options, env: { ...this.#options.env, ...env } });
  }

  /**
   * What `--version` says.
   *
   * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED also when it is neither generation
   */
  async version(): Promise<{ readonly major: number; readonly minor: number; readonly patch: number }> {
    const { request, result } = await this.#call(['--version']);
    const match = /\bversion v?(\d+)\.(\d+)\.(\d+)/.exec(result.stdout);
    const [major = -1, minor = 0, patch = 0] = (match ?? []).slice(1).map(Number);
    if (major === 0 || major === 2) return { major, minor, patch };
    throw this.#failure(request, result, {
      problem: "printed no version that is known (expected 'rancher version v0.…' or 'v2.…')",
      hint: "set 'version: v1' or 'version: v2' in the inventory file",
    });
  }

  /**
   * Rows of a listing; every line must be a JSON object with a text `ID`. Nothing at all is a list of none.
   *
   * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED
   */
  async list(args: readonly string[]): Promise<Listing> {
    const { request, result } = await this.#call(args);
    const fail = (problem: string, hint?: string) => this.#failure(request, result, { problem, hint });
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const line of result.stdout.split('\n')) {
      if (line.trim() === '') continue;
      if (LOG_LINE.test(line)) {
        if (/\blevel=(?:error|fatal|panic)\b/.test(line)) throw fail('reported an error');
        notes.push(line);
        continue;
      }
      rows.push(parseRow(line, fail));
    }
    notes.push(...result.stderr.split('\n').filter((line) => line.trim() !== ''));
    for (const note of notes.slice(0, MAX_WARNINGS)) this.#options.warn(`the Rancher CLI says: ${note.trim()}`);
    return { rows, fail };
  }

  async #call(args: readonly string[]): Promise<{ request: ProgramRequest; result: ProgramResult }> {
    const { cli, env, timeoutMs, maxOutputBytes, signal } = this.#options;
    const request: ProgramRequest = { file: cli, args, env, timeoutMs, maxOutputBytes, signal, endless: MENU };
    const result = await runProgram(request);
    if (result.ended === 'exited' && result.status === 0) return { request, result };
    throw this.#failure(request, result, { hint: hintFor(result) });
  }

  #failure(request: ProgramRequest, result: ProgramResult, options: FailureOptions): Error {
    // Of a flood or a long list the end says enough; of an error all of it is there.
    return programFailure(request, result, { ...options, showStdout: true, secrets: this.#options.secrets });
  }
}

function parseRow(line: string, fail: (problem: string) => Error): Row {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch {
    throw fail(`printed a line that is no JSON: '${line.slice(0, 200)}'`);
  }
  const entries = jsonEntries(value);
  const row = entries === undefined ? undefined : Object.fromEntries(entries);
  if (typeof row?.ID !== 'string' || row.ID === '') throw fail(`printed a line without an ID: '${line.slice(0, 200)}'`);
  return row;
}

function hintFor(result: ProgramResult): string | undefined {
  if (result.startError === 'ENOENT') return "install the Rancher CLI, or set 'cli:' in the inventory file to its path";
  if (result.ended === 'endless') return 'the CLI wants to be told which environment or context to use';
  if (/\b401\b/.test(result.stdout + result.stderr)) return 'check the API key';
  return undefined;
}

/** A member of a row that is an object; an empty one when it is missing or something else. */
export function objectOf(row: Row, key: string): Row {
  const entries = jsonEntries(row[key]);
  return entries === undefined ? {} : Object.fromEntries(entries);
}

/** A member of a row that is a text and not empty. */
export function textOf(row: Row, key: string): string | undefined {
  const value = row[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
