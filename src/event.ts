/**
 * RunEvent: the one union of everything that happens in a run. The engine produces the events; reports and the store
 * consume them and never mutate them. The journal (NDJSON) is these objects, a line each, so every member is plain
 * JSON data: no classes, no functions, no undefined inside `result`.
 *
 * Words: playbook (a file: list of plays) > play (hosts + tasks) > batch (the hosts of one `serial` step) > task.
 * A task that is started on a host has exactly one `host:result` for that host, always.
 */
import type { ErrorCode, Position } from './errors.ts';

/** How a task ended on a host. `rescued` and `ignored` are not statuses: see {@link HostResultEvent}. */
export type HostStatus = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable';

/** Finer cause of a failed or unreachable result; stable words for reports and filters. */
export type FailureKind =
  | 'failed' // the module says so: non-zero exit, failed_when, assert …
  | 'unreachable' // refused, no route, no address, name not found
  | 'timed_out' // a deadline of ours passed (connect, command, host)
  | 'auth_failed'
  | 'host_key_changed'
  | 'host_key_revoked'
  | 'host_key_unknown'
  | 'become_failed'
  | 'connection_lost' // cut in mid-command
  | 'invalid' // the task's own expressions or arguments are wrong for this host
  | 'interrupted' // Ctrl-C or SIGTERM, or the run's deadline
  | 'internal'; // a bug of ours

/**
 * What was going on when the transport failed: the steps of a connection from the name to the session (`resolve` to `auth`),
 * then those of one command. Also `phase` of the result.
 */
export type Phase =
  | 'resolve'
  | 'connect'
  | 'banner'
  | 'key_exchange'
  | 'auth'
  | 'channel' // the host opens no channel for a command, or does not answer
  | 'become'
  | 'idle' // the command printed nothing for too long
  | 'command'
  | 'transfer'
  | 'close';

/** Why a host's result is `failed` or `unreachable`. */
export interface HostFailure {
  readonly kind: FailureKind;
  readonly code: ErrorCode;
  /** One line, complete, without secrets; the same as `result.msg`. */
  readonly message: string;
  readonly hint?: string;
  /** Where the expression stands that failed, or that made it a failure. */
  readonly source?: Position;
  /** The line at `source`, as the file has it. Left out where it may hold a secret. */
  readonly excerpt?: string;
  readonly phase?: Phase;
  /** What is known of the remote command after a deadline or an interrupt. */
  readonly remote?: RemoteFate;
  /** Pids that were seen alive after KILL, when `remote` is `still_running`. */
  readonly remotePids?: readonly number[];
}

/** `gone`: its process group was seen to be gone; `still_running`: seen alive after KILL; `unknown`: could not look. */
export type RemoteFate = 'gone' | 'still_running' | 'unknown';

/** One planned or made change, as a module's plan names it. */
export interface Change {
  /** One line a person reads: "remove container 4f1c… (web-1, dead since 2026-11-01)". */
  readonly line: string;
  /** Text before and after, for `--diff`. */
  readonly diff?: { readonly before: string; readonly after: string; readonly path?: string };
}

/** A module's result as a playbook sees it through `register`; plain JSON data, Ansible's key names where it has them. */
export type ResultData = Readonly<Record<string, unknown>>;

/** Identifies a task in one run; the same id on every event of that task. */
export interface TaskRef {
  /** Unique in the run, in order of start: "0.2" style is not promised, only uniqueness. */
  readonly taskId: string;
  readonly name: string;
  /** Canonical short name: "command", "docker_prune", "meta". */
  readonly module: string;
  readonly source: Position;
  readonly isHandler: boolean;
  readonly tags: readonly string[];
}

interface Timed {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export interface RunStartEvent extends Timed {
  readonly type: 'run:start';
  readonly runId: string;
  readonly version: string;
  readonly playbooks: readonly string[];
  readonly checkMode: boolean;
  readonly trigger: 'cli' | 'cron' | 'ci' | 'api';
  /** Number of hosts in the inventory after --limit. */
  readonly hostCount: number;
  readonly forks: number;
}

export interface PlayStartEvent extends Timed {
  readonly type: 'play:start';
  readonly playId: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly strategy: 'linear' | 'free';
  readonly source: Position;
}

/** A `serial` step begins; a play without `serial` has one batch. */
export interface BatchStartEvent extends Timed {
  readonly type: 'batch:start';
  readonly playId: string;
  readonly index: number;
  readonly count: number;
  readonly hosts: readonly string[];
}

/** The first host of a task (and, with strategy linear, the whole batch) is about to begin. */
export interface TaskStartEvent extends Timed {
  readonly type: 'task:start';
  readonly playId: string;
  readonly task: TaskRef;
  /** How many hosts will run it, as far as known (linear: all of the batch that are still in the play). */
  readonly hostCount: number;
}

/** Work on one host begins (after a place in `forks` was had). */
export interface HostStartEvent extends Timed {
  readonly type: 'host:start';
  readonly playId: string;
  readonly taskId: string;
  readonly host: string;
}

/** One pass of a loop ended; the whole task's `host:result` follows later. */
export interface ItemResultEvent extends Timed {
  readonly type: 'item:result';
  readonly playId: string;
  readonly taskId: string;
  readonly host: string;
  readonly label: string;
  readonly status: HostStatus;
  readonly result: ResultData;
}

/** An `until` attempt failed and another follows. */
export interface HostRetryEvent extends Timed {
  readonly type: 'host:retry';
  readonly playId: string;
  readonly taskId: string;
  readonly host: string;
  readonly attempt: number;
  readonly attemptsLeft: number;
}

/** The one result of a task on a host. */
export interface HostResultEvent extends Timed {
  readonly type: 'host:result';
  readonly playId: string;
  readonly taskId: string;
  readonly host: string;
  /** Where it ran when `delegate_to` sent it elsewhere. */
  readonly delegatedTo?: string;
  readonly status: HostStatus;
  /** The failure was ignored by `ignore_errors`; the recap counts it as ok and ignored. */
  readonly ignored: boolean;
  /** The failure was caught by a `rescue`; the recap counts it as rescued. */
  readonly rescued: boolean;
  readonly durationMs: number;
  readonly result: ResultData;
  readonly changes: readonly Change[];
  readonly failure?: HostFailure;
  /** Set by `no_log`: sinks see only a censored result. */
  readonly noLog: boolean;
}

/** A handler or a host left the play for a reason that is not a task's result. */
export interface PlayEndEvent extends Timed {
  readonly type: 'play:end';
  readonly playId: string;
  /** Why it ended before its last task, when it did. */
  readonly abortedBecause?: string;
}

/** Something a person should know that is no host's failure. */
export interface WarningEvent extends Timed {
  readonly type: 'warning';
  readonly message: string;
  readonly host?: string;
  readonly source?: Position;
}

/** Which hosts a running task still waits for; sent when nothing happened for some seconds. */
export interface WaitingEvent extends Timed {
  readonly type: 'waiting';
  readonly taskId: string;
  readonly hosts: readonly string[];
  readonly forMs: number;
}

/** Per-host counts with the meaning of Ansible's PLAY RECAP (a changed task also counts as ok). */
export interface HostStats {
  readonly ok: number;
  readonly changed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rescued: number;
  readonly ignored: number;
  readonly unreachable: number;
}

/** Last event of every run, also an interrupted one. */
export interface RunEndEvent extends Timed {
  readonly type: 'run:end';
  readonly runId: string;
  readonly durationMs: number;
  readonly exitCode: number;
  /** In inventory order; every host on which work was started. */
  readonly hosts: Readonly<Record<string, HostStats>>;
  /** Hosts that were never started because the run ended before (deadline, interrupt, abort). */
  readonly notStarted: readonly string[];
  /** Hosts that did not fail, but that the run's end kept from tasks which were still to come. */
  readonly notFinished: readonly string[];
  readonly endedBy: 'completed' | 'interrupted' | 'deadline' | 'aborted';
  /** What tasks noted with `set_stats`; undefined: nothing. */
  readonly customStats?: CustomStats;
}

/** Values that tasks noted: of the whole run, and by host. */
export interface CustomStats {
  readonly run: Readonly<Record<string, unknown>>;
  readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export type RunEvent =
  | RunStartEvent
  | PlayStartEvent
  | BatchStartEvent
  | TaskStartEvent
  | HostStartEvent
  | ItemResultEvent
  | HostRetryEvent
  | HostResultEvent
  | PlayEndEvent
  | WarningEvent
  | WaitingEvent
  | RunEndEvent;

/** What consumes a run: called in order, synchronously, and must not throw; slow sinks buffer for themselves. */
export interface EventSink {
  onEvent(event: RunEvent): void;
  /** Called once after `run:end`; resolves when everything is written. Rejects with REPORT_FAILED if it could not be. */
  close(): Promise<void>;
}
