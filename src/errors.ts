/**
 * Error codes and classes. Expected failures of a host are values ({@link HostFailure} in event.ts), never thrown;
 * what is thrown here ends the run before or beside the hosts (usage, files, inventory) or is caught at a host's
 * boundary and turned into its result (transport, module).
 */
import type { Phase } from './event.ts';

/** Every code that an error of ours can carry. Each has a row in docs/errors.md; a test compares both ways. */
export type ErrorCode =
  // usage and configuration
  | 'USAGE'
  | 'CONFIG_INVALID'
  | 'FILE_NOT_FOUND'
  | 'FILE_UNREADABLE'
  // playbooks and expressions
  | 'YAML_SYNTAX'
  | 'PLAYBOOK_INVALID'
  | 'UNKNOWN_KEYWORD'
  | 'UNKNOWN_MODULE'
  | 'UNKNOWN_ARGUMENT'
  | 'INVALID_ARGUMENT'
  | 'TEMPLATE_SYNTAX'
  | 'TEMPLATE_UNDEFINED'
  | 'TEMPLATE_ERROR'
  // vault
  | 'VAULT_LOCKED'
  | 'VAULT_DAMAGED'
  // inventory
  | 'INVENTORY_INVALID'
  | 'INVENTORY_SOURCE_FAILED'
  | 'INVENTORY_EMPTY'
  | 'INVENTORY_TOO_SMALL'
  | 'PATTERN_INVALID'
  | 'NO_HOSTS_MATCHED'
  // transport
  | 'CONNECT_REFUSED'
  | 'CONNECT_TIMEOUT'
  | 'CONNECT_FAILED'
  | 'NO_ADDRESS'
  | 'JUMP_FAILED'
  | 'AUTH_FAILED'
  | 'AUTH_TIMEOUT'
  | 'HOST_KEY_UNKNOWN'
  | 'HOST_KEY_CHANGED'
  | 'HOST_KEY_REVOKED'
  | 'KEY_UNREADABLE'
  | 'KEY_ENCRYPTED'
  | 'CHANNEL_FAILED'
  | 'CHANNEL_TIMEOUT'
  | 'CONNECTION_LOST'
  | 'COMMAND_TIMEOUT'
  | 'BECOME_FAILED'
  | 'BECOME_TIMEOUT'
  | 'TRANSFER_FAILED'
  // modules and runs
  | 'MODULE_FAILED'
  | 'HOST_TIMEOUT'
  | 'RUN_DEADLINE'
  | 'INTERRUPTED'
  | 'LOCKED'
  | 'STATE_UNWRITABLE'
  | 'REPORT_FAILED'
  | 'INTERNAL';

/** Where a thing stands in a user's file. Lines and columns count from 1; columns count UTF-16 code units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A place for messages: `file:line:column`. */
export function placeText({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/** One finding in a user's file. */
export interface Diagnostic {
  readonly code: ErrorCode;
  /** One sentence: what was expected, what was found; no trailing full stop. */
  readonly message: string;
  readonly source?: Position;
  /** What to do next, one sentence ("did you mean 'tasks'?"). */
  readonly hint?: string;
  /** The text of the line at `source`, for the caret; filled by {@link withExcerpt}. */
  readonly excerpt?: string;
}

/** Base of all errors that we throw on purpose. `message` is complete: it can be printed as it is. */
export class FleetmendError extends Error {
  readonly code: ErrorCode;
  /** What the process exits with when this error ends it (DESIGN: 1 could not start, 75 locked, …). */
  readonly exitCode: number;
  readonly hint?: string;
  readonly source?: Position;
  /** The text of the line at `source`, where it may be shown; not part of `message`. */
  readonly excerpt?: string;

  constructor(
    code: ErrorCode,
    message: string,
    options: { exitCode?: number; hint?: string; source?: Position; excerpt?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.exitCode = options.exitCode ?? 1;
    this.hint = options.hint;
    this.source = options.source;
    this.excerpt = options.excerpt;
  }
}

/** Wrong argv, unknown option, contradiction between options. */
export class UsageError extends FleetmendError {
  constructor(message: string, options: { hint?: string } = {}) {
    super('USAGE', message, options);
  }
}

/** All findings of one or more user files at once; never thrown for a single file before the file is read whole. */
export class DiagnosticsError extends FleetmendError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const first = diagnostics[0];
    if (first === undefined) throw internalError('DiagnosticsError without a diagnostic');
    super(first.code, diagnostics.map(formatDiagnostic).join('\n'), { source: first.source });
    this.diagnostics = diagnostics;
  }
}

/** An inventory source or pattern that cannot be used; the run does not start. */
export class InventoryError extends FleetmendError {}

/** An expression that cannot be compiled or evaluated; `source` says where the expression stands. */
export class TemplateError extends FleetmendError {}

/** A connection or command that failed below the module; becomes the host's `unreachable` or `failed` result. */
export class TransportError extends FleetmendError {
  readonly phase?: Phase;
  /** How often connecting was tried, when more than once. */
  readonly attempts?: number;
  /** Whether another attempt to connect may succeed. */
  readonly mayPass: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; phase?: Phase; attempts?: number; mayPass?: boolean } = {},
  ) {
    super(code, message, options);
    this.phase = options.phase ?? PHASE_OF[code];
    this.attempts = options.attempts;
    this.mayPass = options.mayPass === true;
  }
}

// Codes that mean one phase, wherever they are thrown.
const PHASE_OF: Partial<Record<ErrorCode, Phase>> = {
  NO_ADDRESS: 'resolve',
  AUTH_FAILED: 'auth',
  AUTH_TIMEOUT: 'auth',
  KEY_UNREADABLE: 'auth',
  KEY_ENCRYPTED: 'auth',
  HOST_KEY_UNKNOWN: 'key_exchange',
  HOST_KEY_CHANGED: 'key_exchange',
  HOST_KEY_REVOKED: 'key_exchange',
  CHANNEL_FAILED: 'channel',
  CHANNEL_TIMEOUT: 'channel',
  CONNECTION_LOST: 'command',
  COMMAND_TIMEOUT: 'command',
  BECOME_FAILED: 'become',
  BECOME_TIMEOUT: 'become',
  TRANSFER_FAILED: 'transfer',
};

/** A module that cannot do what was asked; becomes the host's `failed` result. `result` is merged into it. */
export class ModuleError extends FleetmendError {
  readonly result: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    result: Readonly<Record<string, unknown>> = {},
    options: { code?: ErrorCode; hint?: string; source?: Position; excerpt?: string; cause?: unknown } = {},
  ) {
    super(options.code ?? 'MODULE_FAILED', message, options);
    this.result = result;
  }
}

/** A bug of ours: `Internal error: …`, with the state named. Never for what a user or a host did. */
export function internalError(message: string, cause?: unknown): FleetmendError {
  return new FleetmendError('INTERNAL', `Internal error: ${message}`, { cause });
}

/**
 * Formats a finding for the terminal: `file:line:column: message; hint`, then the line and a caret when the excerpt
 * is known. No colour, no trailing newline.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { source, excerpt } = diagnostic;
  const head = source === undefined ? '' : `${placeText(source)}: `;
  const hint = diagnostic.hint === undefined ? '' : `; ${diagnostic.hint}`;
  const caret = source === undefined || excerpt === undefined ? [] : caretLines(source, excerpt);
  return [`${head}${diagnostic.message}${hint}`, ...caret.map((line) => `  ${line}`)].join('\n');
}

const MAX_EXCERPT_CHARS = 160;

/** A line of a file with its number, and under it a caret at the place in it. */
export function caretLines({ line, column }: Position, excerpt: string): [string, string] {
  const gutter = String(line);
  // Of a very long line (data in one piece) what stands around the place.
  const start = excerpt.length > MAX_EXCERPT_CHARS ? Math.max(0, column - 1 - MAX_EXCERPT_CHARS / 2) : 0;
  const shown = excerpt.slice(start, start + MAX_EXCERPT_CHARS);
  const pad = shown.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  return [`${gutter} | ${shown}`, `${' '.repeat(gutter.length)} | ${pad}^`];
}

/** The same finding with the text of its line, taken from the file's whole text. */
export function withExcerpt(diagnostic: Diagnostic, fileText: string): Diagnostic {
  if (diagnostic.source === undefined) return diagnostic;
  const excerpt = fileText.split(/\r?\n/, diagnostic.source.line)[diagnostic.source.line - 1];
  return excerpt === undefined ? diagnostic : { ...diagnostic, excerpt };
}

/** The text of whatever was thrown, for a host's result; never empty. */
export function errorMessage(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error) || 'unknown error';
}
