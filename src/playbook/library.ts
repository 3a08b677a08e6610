/** Reads the files of tasks and roles that a playbook names, while it is loaded and while it runs. */

import { dirname, isAbsolute, join } from 'node:path';
import { FleetmendError, type Position } from '../errors.ts';
import { Findings } from './findings.ts';
import { readRole } from './role-reader.ts';
import type { SourceFiles } from './source-files.ts';
import type { ImportLibrary, TaskContext } from './task-context.ts';
import { readTaskFile } from './tasks.ts';
import type {
  Block,
  Include,
  LoadedTasks,
  ModuleCatalog,
  RoleRequest,
  TaskHome,
  TaskOrBlock,
  VarsBlock,
} from './types.ts';

export interface LibraryOptions {
  readonly files: SourceFiles;
  readonly catalog: ModuleCatalog;
  /** Folder of the playbook, as it is named in messages. */
  readonly playbookDir: string;
  /** Where roles are looked for after `roles/` beside the playbook. */
  readonly rolesPath: readonly string[];
}

/** Tasks as far as they could be read. */
export interface InspectedTasks extends LoadedTasks {
  readonly findings: Findings;
}

/** One for each playbook file; a file that many hosts include is read once. */
export class Library implements ImportLibrary {
  readonly options: LibraryOptions;
  readonly #loaded = new Map<string, InspectedTasks>();

  constructor(options: LibraryOptions) {
    this.options = options;
  }

  findTasks(name: string, { home, owner }: Include): string {
    // As in Ansible: in a role its folder of tasks comes before the folder of the file that includes.
    return this.#find(name, [...roleFolders(home, owner), ...stackFolders(home)]);
  }

  findImport(name: string, { home, owner }: TaskContext): string {
    return this.#find(name, [...stackFolders(home), ...roleFolders(home, owner)]);
  }

  /** @throws {@link DiagnosticsError} with all that is wrong with it */
  readTasks(path: string, include: Include): LoadedTasks {
    return fine(this.inspectTasks(path, include));
  }

  /** @throws {@link DiagnosticsError} with all that is wrong with it */
  readRole(request: RoleRequest, source: Position, include: Include): LoadedTasks {
    return fine(this.inspectRole(request, source, include));
  }

  /** What can be read of a file of tasks, and what is wrong with it. */
  inspectTasks(path: string, include: Include): InspectedTasks {
    const { home } = include;
    const stack = [path, ...home.stack.filter((each) => each !== path)];
    return this.#load(
      [include.owner, home.role?.key, ...stack],
      include,
      () => this.#open(path),
      (context) => readTaskFile({ ...context, home: { ...context.home, stack, importing: [path] } }),
    );
  }

  /** What can be read of a role, and what is wrong with it. */
  inspectRole(request: RoleRequest, source: Position, include: Include): InspectedTasks {
    const { home } = include;
    const id = ['role', JSON.stringify(request), home.role?.key, ...home.stack];
    return this.#load(
      id,
      include,
      () => this.#open(source.file),
      (context) => {
        const block = this.importRole(request, source, { ...context, home: { ...context.home, importing: [] } });
        return block === undefined ? [] : [block];
      },
    );
  }

  importTasks(path: string, context: TaskContext): TaskOrBlock[] {
    const { home, findings } = context;
    const file = this.#open(path);
    const inner = { ...home, stack: [path, ...home.stack], importing: [path, ...home.importing] };
    const tasks = readTaskFile({ ...context, findings: file, home: inner });
    findings.addAll(file.all());
    return tasks;
  }

  importRole(request: RoleRequest, source: Position, context: TaskContext, vars?: VarsBlock): Block | undefined {
    const role = readRole({ ...request, source, vars, isIncluded: true }, context, this.options);
    if (role === undefined) return undefined;
    context.parts.roles.push(role.use);
    context.parts.handlers.push(...role.handlers);
    return role.block;
  }

  #load(
    id: readonly unknown[],
    { home, owner }: Include,
    open: () => Findings,
    read: (context: TaskContext) => readonly TaskOrBlock[],
  ): InspectedTasks {
    const key = id.join('\0');
    const known = this.#loaded.get(key);
    if (known !== undefined) return known;
    const findings = open();
    const parts: TaskContext['parts'] = { roles: [], handlers: [] };
    const tasks = read({ findings, catalog: this.options.catalog, owner, home: { ...home, library: this }, parts });
    const inspected = { tasks, parts, findings };
    // One that is wrong may be mended while the play runs.
    if (findings.isEmpty) this.#loaded.set(key, inspected);
    return inspected;
  }

  #open(path: string): Findings {
    return new Findings(this.options.files.read(path, 'file of tasks'));
  }

  #find(name: string, folders: readonly string[]): string {
    const candidates = isAbsolute(name) ? [name] : [...new Set(folders.map((folder) => join(folder, name)))];
    const found = candidates.find((path) => this.options.files.kindOf(path) === 'file');
    if (found !== undefined) return found;
    throw new FleetmendError('FILE_NOT_FOUND', `file of tasks '${name}' does not exist`, {
      hint: `looked for ${candidates.map((path) => `'${path}'`).join(', ')}`,
    });
  }
}

function fine(inspected: InspectedTasks): LoadedTasks {
  inspected.findings.throwIfAny();
  return inspected;
}

function stackFolders(home: TaskHome): string[] {
  return home.stack.map((path) => dirname(path));
}

function roleFolders({ role }: TaskHome, owner: 'task' | 'handler'): string[] {
  if (role === undefined) return [];
  const tasks = join(role.role.path, 'tasks');
  return owner === 'handler' ? [join(role.role.path, 'handlers'), tasks] : [tasks];
}
