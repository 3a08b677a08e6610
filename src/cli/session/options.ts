/** What a command hands to a session. */
import type { EventSink } from '../../event.ts';
import type { Playbook } from '../../playbook/types.ts';
import type { ExecReportOptions, TerminalReportOptions } from '../../report/index.ts';
import type { Io } from '../io.ts';
import type { ConnectionFlags, InventoryFlags, RunFlags, VaultFlags } from '../options.ts';
import type { VaultAccess } from '../vault/passwords.ts';

export type SessionFlags = InventoryFlags & ConnectionFlags & RunFlags & VaultFlags;

export interface SessionOptions {
  readonly playbooks: readonly Playbook[];
  readonly flags: SessionFlags;
  readonly io: Io;
  readonly vault: VaultAccess;
  /** Lock to hold when the flags name none; undefined: no lock. */
  readonly defaultLock?: string;
  /** Folders whose group_vars/ and host_vars/ count for the plays in them. */
  readonly playbookDirs?: readonly string[];
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly forceHandlers?: boolean;
  readonly step?: boolean;
  /** Makes the report for people. */
  readonly mainReport: (options: MainReportOptions) => MainReport;
}

/** A report that may have to get out of the way while a person is asked something. */
export interface MainReport extends EventSink {
  pause?(): Promise<void>;
  resume?(): void;
}

/** What either report for people is told; `writeStatus` is for notices beside the output of `exec`. */
export type MainReportOptions = TerminalReportOptions & Pick<ExecReportOptions, 'writeStatus'>;
