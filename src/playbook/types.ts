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
  readonly serial?: Raw;
  readonly maxFailPercentage?: Raw;
  readonly strategy: 'linear' | 'free';
  readonly order?: 'inventory' | 'sorted' | 'reverse_sorted' | 'reverse_inventory' | 'shuffle';
  /** Default when undefined: facts are gathered only when something in the play needs them (see docs/playbooks.md). */
  readonly gatherFacts?: Condition;
  readonly varsFiles: readonly Raw[];
  readonly forceHandlers?: Condition;
  readonly preTasks: readonly TaskOrBlock[];
  readonly tasks: readonly TaskOrBlock[];
  readonly postTasks: readonly TaskOrBlock[];
  readonly handlers: readonly TaskOrBlock[];
}

export type TaskOrBlock = Task | Block;

export interface Block extends SharedKeywords {
  readonly kind: 'block';
  readonly when: readonly Condition[];
  readonly delegateTo?: Raw;
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
  readonly changedWhen?: readonly Condition[];
  readonly failedWhen?: readonly Condition[];
  readonly notify: readonly Raw[];
  /** Handlers only: further names that notify it. */
  readonly listen: readonly string[];
  readonly delegateTo?: Raw;
  readonly delegateFacts?: Condition;
}

export interface Loop {
  /** `loop` takes the list as it is; `items` (`with_items`) flattens one level, as Ansible does. */
  readonly kind: 'loop' | 'items';
  readonly items: Raw;
  readonly loopVar: string;
  readonly indexVar?: string;
  readonly label?: Raw;
  readonly pauseSeconds?: Raw;
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
  /** A JSON Schema object, see modules/contract.ts ArgsSchema. */
  readonly args: {
    readonly properties: Readonly<
      Record<string, { readonly aliases?: readonly string[]; readonly [k: string]: unknown }>
    >;
    readonly required?: readonly string[];
    readonly [k: string]: unknown;
  };
}
