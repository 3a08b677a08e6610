/**
 * A play as the engine walks it: the tasks that tags select, each with the keywords it inherits from its blocks, roles
 * and play already found. Built once a play, and once for what an include brings; never once a host.
 */

import type { TaskRef } from '../event.ts';
import type { Module } from '../modules/contract.ts';
import type { LoadedTasks, Play, RoleUse, Task, TaskOrBlock } from '../playbook/types.ts';
import { inherit, ofPlay, type TaskKeywords, throughInclude } from './inherit.ts';
import { selectsTags } from './tags.ts';

export type Node = TaskNode | BlockNode;

export interface BlockNode {
  readonly kind: 'block';
  /** Set when these are the tasks of a role. */
  readonly role?: RoleUse;
  readonly block: readonly Node[];
  readonly rescue: readonly Node[];
  readonly always: readonly Node[];
}

export interface TaskNode {
  readonly kind: 'task';
  readonly task: Task;
  readonly keywords: TaskKeywords;
  /** What came down to the task; for an include it is what comes down to what is included. */
  readonly outer: TaskKeywords;
  readonly ref: TaskRef;
  /** A failure is caught by a `rescue` further out. */
  readonly rescuable: boolean;
  /** Whether a task that may need the host comes later in the play. */
  readonly moreFollow: boolean;
}

/** The lists of a play. */
export interface PlayTree {
  readonly preTasks: readonly Node[];
  /** The roles of `roles:`, then `tasks:`. */
  readonly tasks: readonly Node[];
  readonly postTasks: readonly Node[];
  /** Those of roles, of the play, of imported roles; blocks of handlers are flattened. */
  readonly handlers: readonly TaskNode[];
}

export interface TagSelection {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

export interface TreeOptions extends TagSelection {
  /** Finds out which tasks need no host; without it all do. */
  readonly findModule?: (name: string) => Module | undefined;
}

/** Builds the tree of a play. Task ids are `<playId>.<n>`. */
export function buildPlayTree(play: Play, playId: string, options: TreeOptions): PlayTree {
  const builder = new TreeBuilder(playId, options);
  const keywords = ofPlay(play);
  const preTasks = builder.list(play.preTasks, keywords, false);
  const tasks = builder.list([...play.roles, ...play.tasks], keywords, false);
  const postTasks = builder.list(play.postTasks, keywords, false);
  const handlers = builder
    .list([...play.roleHandlers, ...play.handlers, ...play.imported.handlers], keywords, false, true)
    .flatMap(flattenTasks);
  builder.finish();
  return { preTasks, tasks, postTasks, handlers };
}

/** What an include brings: its tasks in the place of the include, and the handlers of its roles. */
export interface IncludedTree {
  readonly nodes: readonly Node[];
  readonly handlers: readonly TaskNode[];
}

/** Builds what an include brings. Task ids are `<id>.<n>`. */
export function buildIncludedTree(node: TaskNode, loaded: LoadedTasks, id: string, options: TreeOptions): IncludedTree {
  const builder = new TreeBuilder(id, options);
  const keywords = throughInclude(node.outer, node.task);
  const nodes = builder.list(loaded.tasks, keywords, node.rescuable, node.ref.isHandler);
  const handlers = builder.list(loaded.parts.handlers, keywords, false, true).flatMap(flattenTasks);
  if (!node.moreFollow) builder.finish();
  return { nodes, handlers };
}

/** All tasks of a play but its handlers, in the order they are written. */
export function tasksOf({ preTasks, tasks, postTasks }: PlayTree): TaskNode[] {
  return [...preTasks, ...tasks, ...postTasks].flatMap(flattenTasks);
}

/** All tasks under some nodes, in the order they are written. */
function flattenTasks(node: Node): TaskNode[] {
  if (node.kind === 'task') return [node];
  return [...node.block, ...node.rescue, ...node.always].flatMap(flattenTasks);
}

/**
 * The tree without the tasks before the first one that `isStart` says yes to (`--start-at-task`); undefined when there is
 * none. Handlers stay.
 */
export function startTreeAt(tree: PlayTree, isStart: (task: TaskNode) => boolean): PlayTree | undefined {
  let found = false;
  const keep = (nodes: readonly Node[]): Node[] =>
    nodes.flatMap((node): Node[] => {
      if (node.kind === 'task') {
        found ||= isStart(node);
        return found ? [node] : [];
      }
      // Evaluated in the order of the file: what comes after the first match stays.
      const block = { ...node, block: keep(node.block), rescue: keep(node.rescue), always: keep(node.always) };
      return found ? [block] : [];
    });
  const started = { ...tree, preTasks: keep(tree.preTasks), tasks: keep(tree.tasks), postTasks: keep(tree.postTasks) };
  return found ? started : undefined;
}

class TreeBuilder {
  readonly #id: string;
  readonly #options: TreeOptions;
  #count = 0;
  // After the last task that needs the host, in the order of the file, none follows; set when all are known.
  #last: { moreFollow: boolean } | undefined;

  constructor(id: string, options: TreeOptions) {
    this.#id = id;
    this.#options = options;
  }

  list(items: readonly TaskOrBlock[], outer: TaskKeywords, rescuable: boolean, isHandler = false): Node[] {
    const nodes: Node[] = [];
    for (const item of items) {
      if (item.kind === 'block') {
        const inner = inherit(outer, item);
        const node: BlockNode = {
          kind: 'block',
          role: item.role,
          block: this.list(item.block, inner, rescuable || item.rescue.length > 0, isHandler),
          rescue: this.list(item.rescue, inner, rescuable, isHandler),
          always: this.list(item.always, inner, rescuable, isHandler),
        };
        if (node.block.length + node.rescue.length + node.always.length > 0) nodes.push(node);
      } else {
        const node = this.#task(item, outer, rescuable, isHandler);
        if (node !== undefined) nodes.push(node);
      }
    }
    return nodes;
  }

  finish(): void {
    if (this.#last !== undefined) this.#last.moreFollow = false;
  }

  #task(task: Task, outer: TaskKeywords, rescuable: boolean, isHandler: boolean): TaskNode | undefined {
    const keywords = inherit(outer, task);
    // Handlers are chosen by their notification, and `meta` steers the play, whatever the tags.
    const always = isHandler || task.module === 'meta';
    if (!always && !selectsTags(keywords.tags, this.#options)) return undefined;
    this.#count++;
    const node = {
      kind: 'task' as const,
      task,
      keywords,
      outer,
      ref: {
        taskId: `${this.#id}.${this.#count}`,
        name: displayName(task, keywords),
        module: task.module,
        source: task.source,
        isHandler,
        tags: keywords.tags,
      },
      rescuable,
      moreFollow: true,
    };
    const runsOn = this.#options.findModule?.(task.module)?.spec.runsOn ?? 'remote';
    if (!isHandler && runsOn === 'remote') this.#last = node;
    return node;
  }
}

// As Ansible shows it: a task of a role has the role's name before its own.
function displayName(task: Task, { role }: TaskKeywords): string {
  const name = task.name ?? defaultName(task);
  return role === undefined || task.include?.kind === 'role' ? name : `${role.use.role.name} : ${name}`;
}

function defaultName(task: Task): string {
  if (task.module === 'meta') return `meta: ${String(task.args._raw_params ?? task.args.action ?? '')}`;
  return task.include?.kind === 'role' ? `include_role : ${String(task.args.name)}` : task.moduleAsWritten;
}
