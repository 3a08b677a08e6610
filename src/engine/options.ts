/** What the engine is given: everything outside of it comes through here, so that it reads no global and prints nothing. */

import type { RunEvent } from '../event.ts';
import type { Host, Inventory, VarsLayer } from '../inventory/types.ts';
import type { Module } from '../modules/contract.ts';
import type { Playbook } from '../playbook/types.ts';
import type { SshTargets } from '../transport/index.ts';
import type { Transports } from '../transport/types.ts';
import type { Secret } from '../util/secret.ts';
import type { SourceText } from '../util/source-text.ts';
import type { FactStore } from '../vars/host-vars.ts';

/** How hosts are reached where neither play nor variables say otherwise. What is undefined is left to ssh_config. */
export interface ConnectionDefaults {
  readonly user?: string;
  readonly port?: number;
  readonly password?: Secret;
  /** Whole path. */
  readonly privateKeyFile?: string;
  readonly passphrase?: Secret;
  readonly connectTimeoutMs?: number;
  /** Options of ssh's command line, where a host's variables of these names have none. */
  readonly sshArgs?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  /** Joins what is said with ssh_config. */
  readonly ssh: SshTargets;
  readonly become: boolean;
  readonly becomeMethod: string;
  readonly becomeUser: string;
  readonly becomeExe?: string;
  /** As written; words as in a shell. */
  readonly becomeFlags?: string;
  readonly becomePassword?: Secret;
  /** Undefined: the transport's own deadline. */
  readonly becomeTimeoutMs?: number;
  /** Home folder for `~` in key paths of variables. */
  readonly home: string;
  /** Name of the connection of every host without one of its own (`-c`), as {@link findConnectionKind} knows it. */
  readonly connection: string;
}

export interface EngineOptions {
  readonly runId: string;
  readonly version: string;
  readonly trigger: 'cli' | 'cron' | 'ci' | 'api';
  readonly playbooks: readonly Playbook[];
  readonly inventory: Inventory;
  /** Hosts of a pattern in inventory order, after `--limit`. May throw PATTERN_INVALID. */
  readonly selectHosts: (pattern: string) => readonly Host[];
  /** Reads the inventory's sources again; undefined: it has none. */
  readonly refreshInventory?: () => Promise<void>;
  readonly findModule: (name: string) => Module | undefined;
  readonly transports: Transports;
  readonly connection: ConnectionDefaults;
  /** Hosts worked on at once. */
  readonly forks: number;
  /** Hosts being connected at once, beside those that are worked on. */
  readonly connecting: number;
  /** Connections that may be open at once; undefined: any number. */
  readonly maxOpenConnections?: number;
  /** What a person should know before the first task; emitted as warnings. */
  readonly warnings?: readonly string[];
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly verbosity: number;
  readonly limit?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask?: string;
  /** `--force-handlers`, where the play does not say itself. */
  readonly forceHandlers?: boolean;
  readonly extraVars: readonly VarsLayer[];
  /** Whether maps of several levels of precedence are merged, in place of the highest one hiding the others. */
  readonly mergeHashes?: boolean;
  /** Whether a condition that gives no boolean counts by Python's truth; false: it is an error. Default: true. */
  readonly allowBrokenConditionals?: boolean;
  /** When facts are gathered where the play does not say it, as Ansible's `gathering`; default: implicit. */
  readonly gathering?: 'implicit' | 'explicit' | 'smart';
  /** Where the facts of a host are kept between runs; undefined: nowhere. */
  readonly factStore?: (host: string) => FactStore;
  /** Deadline of one command where the task has no `timeout`. */
  readonly commandTimeoutMs: number;
  /** Deadline for all work on one host, counted from its first task. */
  readonly hostTimeoutMs?: number;
  /** Fires to end the run; its reason is a FleetmendError INTERRUPTED or RUN_DEADLINE. */
  readonly signal: AbortSignal;
  /** A run in which no play matched a host is fine. */
  readonly allowEmpty: boolean;
  readonly emit: (event: RunEvent) => void;
  /** Called with each secret that shows up in variables, before it is used, so that sinks can hide it. */
  readonly onSecret: (secret: string) => void;
  readonly readVarsFile: (path: string) => VarsLayer;
  /** A file of the user's as text, to show a line of it beside an error; undefined: it cannot be read, or is encrypted. */
  readonly readSource?: (path: string) => SourceText | undefined;
  /** Asks the person at the terminal; undefined: there is none. */
  readonly prompt?: (text: string, options: { echo: boolean; signal: AbortSignal }) => Promise<string>;
  /** Before each task: run it, leave it out, or run all that follow (`--step`). */
  readonly confirmTask?: (name: string) => Promise<'yes' | 'no' | 'continue'>;
  /** Opens the text of a `!vault` value. @throws FleetmendError VAULT_LOCKED, VAULT_DAMAGED */
  readonly openVault?: (text: string) => string;
  /** Opens an encrypted file that a module sends. @throws FleetmendError VAULT_LOCKED, VAULT_DAMAGED */
  readonly openVaultFile?: (content: Buffer, path: string) => Buffer;
  /** Environment variables that lookups may read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch, by a clock that never steps: durations and deadlines are taken from it as well. */
  readonly nowMs: () => number;
}
