/** What all plays of a run share. */

import type { Host, VarsLayer } from '../inventory/types.ts';
import type { Play } from '../playbook/types.ts';
import type { Environment } from '../template/types.ts';
import type { MagicFactory } from '../vars/magic.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { CustomStatsCollector } from './custom-stats.ts';
import type { HostRun } from './host-run.ts';
import type { EngineOptions } from './options.ts';
import type { Confirm } from './step.ts';
import type { Limit } from './task-context.ts';
import type { TaskNode } from './tree.ts';

export interface RunContext {
  readonly options: EngineOptions;
  readonly magic: MagicFactory;
  readonly pool: ConnectionPool;
  readonly stats: CustomStatsCollector;
  readonly limit: Limit;
  /** The state of a host, made when first asked for. */
  readonly hostRun: (host: Host) => HostRun;
  /** The state of a host if it has one already. */
  readonly startedHostRun: (name: string) => HostRun | undefined;
  readonly hostRunByName: (name: string) => HostRun | undefined;
  /** A file of variables, read once a run. */
  readonly readVarsFile: (path: string) => VarsLayer;
  /** Answers to the `vars_prompt` of a play, once it has begun; highest precedence first. */
  readonly answers: Map<Play, readonly VarsLayer[]>;
  /** Enters the folder of a play: relative paths start there, and its group_vars/ and host_vars/ hold. */
  readonly enter: (playbookDir: string) => void;
  /** What expressions may use of the controller. */
  readonly environment: Environment;
  /** The same for tasks whose files count from these folders too. */
  readonly environmentOf: (folders: readonly string[]) => Environment;
  /** Grows when a host fails, ends or comes back. */
  readonly standings: { version: number };
  /** `--start-at-task`: finds where a play starts; undefined once a play has started, or when not asked for. */
  startAt: ((task: TaskNode) => boolean) | undefined;
  /** Hosts of the play that runs whose facts are gathered when something reads them. */
  gatherable: Set<HostRun>;
  readonly confirm?: Confirm;
}
