/**
 * A playbook once it is read and validated: typed, positioned, nothing evaluated. Values that may hold `{{ }}` keep
 * their raw form; the engine evaluates them for each host.
 */
import type { Position } from '../errors.ts';

/** A value as written, with its place. `raw` may be text with `{{ }}`, or lists and maps that hold such text. */
export interface Raw {
  readonly value: unknown;
  readonly source: Position;
}

/** A bare expression (`when`, `changed_when` …): text without `{{ }}`, or a literal boolean. */
export interface Condition {
  readonly text: string | boolean;
  readonly source: Position;
  /** It was written as one `{{ }}`: a text that it gives is neither true nor false. */
  readonly isWhole?: boolean;
}

export interface Playbook {
  readonly path: string;
  readonly plays: readonly Play[];
}

/** Keywords that plays, blocks and tasks share; undefined: not written here, the parent's holds. */
export interface SharedKeywords {
  readonly name?: string;
  readonly tags: readonly string[];
  readonly become?: Raw;
  readonly becomeUser?: Raw;
  readonly becomeMethod?: Raw;
  readonly becomeExe?: Raw;
  readonly becomeFlags?: Raw;
  readonly environment?: Raw;
  readonly vars?: VarsBlock;
  readonly ignoreErrors?: Condition;
  readonly ignoreUnreachable?: Condition;
  readonly anyErrorsFatal?: Condition;
  readonly noLog?: Condition;
  readonly checkMode?: Condition;
  readonly diff?: Condition;
  readonly runOnce?: Condition;
  readonly timeout?: Raw;
  readonly remoteUser?: Raw;
  readonly port?: Raw;
  readonly connection?: Raw;
  readonly throttle?: Raw;
  /** By canonical name of the module. */
  readonly moduleDefaults?: Readonly<Record<string, VarsBlock>>;
  readonly source: Position;
}

/** A `vars:` map with the place of each value. */
export interface VarsBlock {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positions: Readonly<Record<string, Position>>;
  readonly source: Position;
}

export interface Play extends SharedKeywords {
  readonly kind: 'play';
  readonly hosts: Raw;
  /** Of the `import_playbook` that brought it. */
  readonly when: readonly Condition[];
  readonly serial?: Raw;
  readonly maxFailPercentage?: Raw;
  /** Each value a number of hosts or a percentage. */
  readonly maxFail?: Readonly<Partial<Record<'failed' | 'unreachable' | 'total', Raw>>>;
  readonly strategy: 'linear' | 'free';
  readonly order?: 'inventory' | 'sorted' | 'reverse_sorted' | 'reverse_inventory' | 'shuffle';
  /** Default when undefined: facts are gathered only when something in the play needs them (see docs/playbooks.md). */
  readonly gatherFacts?: Condition;
  /** `gather_subset`, `gather_timeout` and `fact_path`, as arguments of `setup`. */
  readonly factsArgs: Readonly<Record<string, unknown>>;
  readonly varsFiles: readonly Raw[];
  readonly varsPrompt: readonly VarsPrompt[];
  readonly forceHandlers?: Condition;
  /** The roles of `roles:`, each as a block of its tasks. */
  readonly roles: readonly Block[];
  readonly roleUses: readonly RoleUse[];
  /** Handlers of these roles; they come before the play's own. */
  readonly roleHandlers: readonly Block[];
  /** What `import_role` in any list of the play brought; its handlers come after the play's own. */
  readonly imported: RoleParts;
  readonly preTasks: readonly TaskOrBlock[];
  readonly tasks: readonly TaskOrBlock[];
  readonly postTasks: readonly TaskOrBlock[];
  readonly handlers: readonly TaskOrBlock[];
}

/** A variable that a person is asked for; answers are hidden unless `private` is false. */
export interface VarsPrompt {
  readonly name: string;
  /** The question. */
  readonly prompt?: Raw;
  readonly default?: Raw;
  readonly private?: Condition;
  /** Asked twice. */
  readonly confirm?: Condition;
  /** The answer is hashed for a login: `sha512_crypt` … */
  readonly encrypt?: Raw;
  readonly salt?: Raw;
  readonly saltSize?: Raw;
  /** The answer is never templated. */
  readonly unsafe?: Condition;
  readonly source: Position;
}

export type TaskOrBlock = Task | Block;

/** A block as written, or what stands for it: the tasks of `import_tasks` or of a role. */
export interface Block extends SharedKeywords {
  readonly kind: 'block';
  /** Set when these are the tasks of a role. */
  readonly role?: RoleUse;
  readonly when: readonly Condition[];
  readonly delegateTo?: Raw;
  readonly delegateFacts?: Condition;
  readonly notify: readonly Raw[];
  readonly block: readonly TaskOrBlock[];
  readonly rescue: readonly TaskOrBlock[];
  readonly always: readonly TaskOrBlock[];
}

export interface Task extends SharedKeywords {
  readonly kind: 'task';
  /** Canonical short name of the module. */
  readonly module: string;
  /** As written in the file, for messages. */
  readonly moduleAsWritten: string;
  /**
   * The module's arguments, `key=value` text already split, `args:` merged below them, aliases resolved; each value may
   * hold `{{ }}`. When the whole of the args is one template (`args: "{{ x }}"`) it is in `argsTemplate`.
   */
  readonly args: Readonly<Record<string, unknown>>;
  readonly argsTemplate?: Raw;
  /** The place of each argument's value. */
  readonly argPositions: Readonly<Record<string, Position>>;
  readonly when: readonly Condition[];
  readonly loop?: Loop;
  readonly register?: string;
  readonly until?: readonly Condition[];
  readonly retries?: Raw;
  readonly delay?: Raw;
  /** Seconds after which a job on the host is ended; undefined or 0: it is no job. */
  readonly asyncSeconds?: Raw;
  /** Seconds between looks for its end; 0: nobody waits for it. */
  readonly pollSeconds?: Raw;
  readonly changedWhen?: readonly Condition[];
  readonly failedWhen?: readonly Condition[];
  readonly notify: readonly Raw[];
  /** Handlers only: further names that notify it. */
  readonly listen: readonly string[];
  readonly delegateTo?: Raw;
  readonly delegateFacts?: Condition;
  /** What an `include_tasks` or `include_role` reads when it runs. */
  readonly include?: Include;
}

/** A role as its folder holds it. */
export interface Role {
  /** As it was asked for; the last part of a path. */
  readonly name: string;
  readonly path: string;
  readonly defaults: VarsBlock;
  readonly vars: VarsBlock;
}

/** One use of a role: in `roles:`, as a dependency, by an import or an include. */
export interface RoleUse {
  readonly role: Role;
  /** Variables written beside the keywords (`{role: x, port: 80}`); they beat `set_fact`. */
  readonly params: VarsBlock;
  /** `vars:` of an entry; the role's own variables beat them. */
  readonly entryVars?: VarsBlock;
  /** The same text for all uses that count as one: a host runs them once. */
  readonly key: string;
  /** Whether it may run again on a host on which it ran. */
  readonly allowDuplicates: boolean;
  /** The roles that it was reached through, outermost first. */
  readonly parents: readonly RoleUse[];
  /** From its `meta/main.yml`, in order. */
  readonly dependencies: readonly RoleUse[];
  /** Whether `import_role` or `include_role` names it. */
  readonly isIncluded: boolean;
}

/** What roles add to a play beside their tasks. */
export interface RoleParts {
  readonly roles: readonly RoleUse[];
  readonly handlers: readonly Block[];
}

export type Include = IncludeTasks | IncludeRole;

interface IncludeCommon {
  /** Keywords for what is included. */
  readonly apply?: Block;
  /** What names in it are relative to, and who reads the files. */
  readonly home: TaskHome;
  readonly owner: 'task' | 'handler';
}

export interface IncludeTasks extends IncludeCommon {
  readonly kind: 'tasks';
}

export interface IncludeRole extends IncludeCommon {
  readonly kind: 'role';
}

/** Where a list of tasks is read. */
export interface TaskHome {
  readonly library: TaskLibrary;
  /** Files from the one that is read outwards to the playbook; as they are named in messages. */
  readonly stack: readonly string[];
  /** Files and folders of roles that import one another right now; a dynamic include starts anew. */
  readonly importing: readonly string[];
  /** The role that the tasks belong to. */
  readonly role?: RoleUse;
  /** Modules for which `module_defaults` give arguments. */
  readonly defaulted: ReadonlySet<string>;
  /** What names of imports may read, highest precedence first: blocks around, role, play, with `-e` before all. */
  readonly vars: readonly Readonly<Record<string, unknown>>[];
}

/** What was read while a task ran. */
export interface LoadedTasks {
  readonly tasks: readonly TaskOrBlock[];
  /** Of `import_role` in them, and of the role itself. */
  readonly parts: RoleParts;
}

/** Files of a role other than `main` (`tasks_from` and the like). */
export interface RoleFiles {
  readonly tasks?: string;
  readonly vars?: string;
  readonly defaults?: string;
  readonly handlers?: string;
}

/** What `include_role` asks for, its templates evaluated. */
export interface RoleRequest {
  readonly name: string;
  readonly from: RoleFiles;
  readonly allowDuplicates: boolean;
  readonly validate: boolean;
}

/** Reads files of tasks and roles while a playbook is loaded, and while it runs; each file once. */
export interface TaskLibrary {
  /**
   * The file that a name means for an include.
   *
   * @throws FleetmendError FILE_NOT_FOUND with the places that were looked in
   */
  findTasks(name: string, include: Include): string;
  /** @throws DiagnosticsError, FleetmendError FILE_UNREADABLE */
  readTasks(path: string, include: Include): LoadedTasks;
  /** @throws DiagnosticsError, FleetmendError FILE_NOT_FOUND */
  readRole(request: RoleRequest, source: Position, include: Include): LoadedTasks;
}

export interface Loop {
  /** Of `with_<lookup>`; undefined: `loop`, which takes the list as it is. */
  readonly lookup?: string;
  readonly items: Raw;
  readonly loopVar: string;
  readonly indexVar?: string;
  readonly label?: Raw;
  readonly pauseSeconds?: Raw;
  /** `ansible_loop` tells where in the loop an item is. */
  readonly extended?: Condition;
  /** Whether `ansible_loop` holds all items; without it: yes. */
  readonly extendedAllItems?: Condition;
  /** Ends the loop behind the item for which all hold. */
  readonly breakWhen?: readonly Condition[];
}

/** What the loader must know of modules; `src/modules/registry.ts` gives it. */
export interface ModuleCatalog {
  /** The module by short or full name. */
  find(name: string): CatalogEntry | undefined;
  /** All names a user can write, for "did you mean". */
  names(): readonly string[];
}

export interface CatalogEntry {
  readonly name: string;
  readonly freeForm?: string;
  /** Arguments whose texts are conditions. */
  readonly conditions?: readonly string[];
  /** Whether it can run as a job (`async`). */
  readonly async?: boolean;
  /** A JSON Schema object, see modules/contract.ts ArgsSchema. */
  readonly args: {
    readonly properties: Readonly<
      Record<string, { readonly aliases?: readonly string[]; readonly [k: string]: unknown }>
    >;
    readonly required?: readonly string[];
    readonly [k: string]: unknown;
  };
}
