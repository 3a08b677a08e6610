/** What the readers of tasks are given beside the text. */

import type { Position } from '../errors.ts';
import type { Findings } from './findings.ts';
import type {
  Block,
  ModuleCatalog,
  RoleRequest,
  RoleUse,
  TaskHome,
  TaskLibrary,
  TaskOrBlock,
  VarsBlock,
} from './types.ts';

/** Where a list of tasks stands. */
export interface TaskContext {
  readonly findings: Findings;
  readonly catalog: ModuleCatalog;
  readonly owner: 'task' | 'handler';
  readonly home: TaskHome & { readonly library: ImportLibrary };
  /** Takes what `import_role` brings to the play. */
  readonly parts: { readonly roles: RoleUse[]; readonly handlers: Block[] };
}

/** What can be read while a playbook is loaded. What is wrong in it goes to the findings of the context. */
export interface ImportLibrary extends TaskLibrary {
  /** @throws FleetmendError FILE_NOT_FOUND with the places that were looked in */
  findImport(name: string, context: TaskContext): string;
  importTasks(path: string, context: TaskContext): readonly TaskOrBlock[];
  /** @param vars - of the task that imports it */
  importRole(request: RoleRequest, source: Position, context: TaskContext, vars?: VarsBlock): Block | undefined;
}
