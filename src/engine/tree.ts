/**
 * A play as the engine walks it: the tasks that tags select, each with the keywords it inherits from its blocks and its
 * play already found. Built once a play, never once a host.
 */

import type { Position } from '../errors.ts';
import type { TaskRef } from '../event.ts';
import type { VarsLayer } from '../inventory/types.ts';
import type { Module } from '../modules/contract.ts';
import type { Block, Condition, Play, Raw, SharedKeywords, Task, TaskOrBlock, VarsBlock } from '../playbook/types.ts';
import { templateLayer } from '../vars/scope.ts';
import { selectsTags } from './tags.ts';

export type Node = TaskNode | BlockNode;

export interface BlockNode {
  readonly kind: 'block';
  readonly block: readonly Node[];
  readonly rescue: readonly Node[];
  readonly always: readonly Node[];
}

/** The keywords of a task after inheritance: the innermost that is written wins, unless said otherwise. */
export interface TaskKeywords extends Omit<SharedKeywords, 'name' | 'tags' | 'source' | 'environment' | 'vars'> {
  /** Conditions of the blocks around it, outermost first, then its own. */
  readonly when: readonly Condition[];
  /** Outermost first; later maps win name by name. */
  readonly environment: readonly Raw[];
  /** Task and block variables, innermost first. */
  readonly vars: readonly VarsLayer[];
  /** Of the innermost that has any. */
  readonly notify: readonly Raw[];
  readonly delegateTo?: Raw;
}

export interface TaskNode {
  readonly kind: 'task';
  readonly task: Task;
  readonly keywords: TaskKeywords;
  readonly ref: TaskRef;
  /** A failure is caught by a `rescue` further out. */
  readonly rescuable: boolean;
  /** Whether a task that may need the host comes later in the play. */
  readonly moreFollow: boolean;
}

/** The four lists of a play. */
export interface PlayTree {
  readonly preTasks: readonly Node[];
  readonly tasks: readonly Node[];
  readonly postTasks: readonly Node[];
  /** In the order they are written; blocks of handlers are flattened. */
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
  const builder = new TreeBuilder(play, playId, options);
  const preTasks = builder.list(play.preTasks, [], false);
  const tasks = builder.list(play.tasks, [], false);
  const postTasks = builder.list(play.postTasks, [], false);
  const handlers = builder.list(play.handlers, [], false, true).flatMap(flattenTasks);
  builder.finish();
  return { preTasks, tasks, postTasks, handlers };
}

/** All tasks under some nodes, in the order they are written. */
export function flattenTasks(node: Node): TaskNode[] {
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
  readonly #play: Play;
  readonly #playId: string;
  readonly #options: TreeOptions;
  #count = 0;
  // After the last task that needs the host, in the order of the file, none follows; set when all are known.
  #last: { moreFollow: boolean } | undefined;

  constructor(play: Play, playId: string, options: TreeOptions) {
    this.#play = play;
    this.#playId = playId;
    this.#options = options;
  }

  list(items: readonly TaskOrBlock[], chain: readonly Block[], rescuable: boolean, isHandler = false): Node[] {
    const nodes: Node[] = [];
    for (const item of items) {
      if (item.kind === 'block') {
        const inner = [...chain, item];
        const node: BlockNode = {
          kind: 'block',
          block: this.list(item.block, inner, rescuable || item.rescue.length > 0, isHandler),
          rescue: this.list(item.rescue, inner, rescuable, isHandler),
          always: this.list(item.always, inner, rescuable, isHandler),
        };
        if (node.block.length + node.rescue.length + node.always.length > 0) nodes.push(node);
      } else {
        const node = this.#task(item, chain, rescuable, isHandler);
        if (node !== undefined) nodes.push(node);
      }
    }
    return nodes;
  }

  finish(): void {
    if (this.#last !== undefined) this.#last.moreFollow = false;
  }

  #task(task: Task, chain: readonly Block[], rescuable: boolean, isHandler: boolean): TaskNode | undefined {
    const tags = [...new Set([...this.#play.tags, ...chain.flatMap((block) => block.tags), ...task.tags])];
    // Handlers are chosen by their notification, and `meta` steers the play, whatever the tags.
    const always = isHandler || task.module === 'meta';
    if (!always && !selectsTags(tags, this.#options)) return undefined;
    this.#count++;
    const node = {
      kind: 'task' as const,
      task,
      keywords: inheritKeywords(this.#play, chain, task),
      ref: {
        taskId: `${this.#playId}.${this.#count}`,
        name: task.name ?? defaultName(task),
        module: task.module,
        source: task.source,
        isHandler,
        tags,
      },
      rescuable,
      moreFollow: true,
    };
    const onController = this.#options.findModule?.(task.module)?.spec.runsOn === 'controller';
    if (!isHandler && !onController) this.#last = node;
    return node;
  }
}

function defaultName(task: Task): string {
  return task.module === 'meta'
    ? `meta: ${String(task.args._raw_params ?? task.args.action ?? '')}`
    : task.moduleAsWritten;
}

function inheritKeywords(play: Play, chain: readonly Block[], task: Task): TaskKeywords {
  const outward: readonly SharedKeywords[] = [task, ...chain.toReversed(), play];
  const pick = <K extends keyof SharedKeywords>(key: K): SharedKeywords[K] | undefined =>
    outward.find((each) => each[key] !== undefined)?.[key];
  const inner: readonly (Task | Block)[] = [task, ...chain.toReversed()];
  return {
    when: [...chain.flatMap((block) => block.when), ...task.when],
    environment: outward.toReversed().flatMap((each) => (each.environment === undefined ? [] : [each.environment])),
    vars: inner.flatMap((each) => (each.vars === undefined ? [] : [varsLayer(each.kind, each.vars)])),
    notify: inner.find((each) => each.notify.length > 0)?.notify ?? [],
    become: pick('become'),
    becomeUser: pick('becomeUser'),
    becomeMethod: pick('becomeMethod'),
    becomeExe: pick('becomeExe'),
    becomeFlags: pick('becomeFlags'),
    ignoreErrors: pick('ignoreErrors'),
    ignoreUnreachable: pick('ignoreUnreachable'),
    anyErrorsFatal: pick('anyErrorsFatal'),
    noLog: pick('noLog'),
    checkMode: pick('checkMode'),
    diff: pick('diff'),
    runOnce: pick('runOnce'),
    timeout: pick('timeout'),
    remoteUser: pick('remoteUser'),
    port: pick('port'),
    connection: pick('connection'),
    delegateTo: inner.find((each) => each.delegateTo !== undefined)?.delegateTo,
  };
}

/** A `vars:` block as a layer of the scope. */
export function varsLayer(origin: string, block: VarsBlock): VarsLayer {
  return templateLayer(origin, block.values, (name): Position | undefined => block.positions[name] ?? block.source);
}
