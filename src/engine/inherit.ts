/** Keywords as they come down to a task: from its play, the roles and blocks around it, and an include. */

import { dirname, resolve } from 'node:path';
import type { Position } from '../errors.ts';
import type { VarsLayer } from '../inventory/types.ts';
import type { Block, Condition, Play, Raw, SharedKeywords, Task, VarsBlock } from '../playbook/types.ts';
import { templateLayer } from '../vars/scope.ts';
import { inRole, type RoleFrame } from './role-frame.ts';

/** The keywords of a task after inheritance: the innermost that is written wins, unless said otherwise. */
export interface TaskKeywords extends Omit<SharedKeywords, 'name' | 'tags' | 'source' | 'environment' | 'vars'> {
  /** Of all around it and its own. */
  readonly tags: readonly string[];
  /** Conditions of the blocks around it, outermost first, then its own. */
  readonly when: readonly Condition[];
  /** Outermost first; later maps win name by name. */
  readonly environment: readonly Raw[];
  /** Task and block variables, innermost first. */
  readonly vars: readonly VarsLayer[];
  /** `vars` of each dynamic include around it, outermost first; they beat `set_fact`. */
  readonly includeVars: readonly (VarsLayer | undefined)[];
  /** The role that it belongs to. */
  readonly role?: RoleFrame;
  /** Folders that names of files count from, before that of the playbook: of the roles around, and of the task's file. */
  readonly folders: readonly string[];
  /** Of the innermost that has any. */
  readonly notify: readonly Raw[];
  readonly delegateTo?: Raw;
  readonly delegateFacts?: Condition;
}

/** What a play hands down. */
export function ofPlay(play: Play): TaskKeywords {
  return {
    ...sharedOf(play),
    moduleDefaults: play.moduleDefaults,
    tags: play.tags,
    when: play.when,
    environment: play.environment === undefined ? [] : [play.environment],
    // Variables of a play have a place of their own in the scope.
    vars: [],
    includeVars: [],
    folders: [],
    notify: [],
  };
}

/** What a block or task makes of what comes down to it. */
export function inherit(outer: TaskKeywords, inner: Block | Task): TaskKeywords {
  const role = inner.kind === 'block' && inner.role !== undefined ? inRole(outer.role, inner.role) : outer.role;
  return {
    ...outer,
    ...sharedOf(inner),
    moduleDefaults:
      inner.moduleDefaults === undefined ? outer.moduleDefaults : { ...outer.moduleDefaults, ...inner.moduleDefaults },
    tags: inner.tags.length === 0 ? outer.tags : [...new Set([...outer.tags, ...inner.tags])],
    when: inner.when.length === 0 ? outer.when : [...outer.when, ...inner.when],
    environment: inner.environment === undefined ? outer.environment : [...outer.environment, inner.environment],
    vars: inner.vars === undefined ? outer.vars : [varsLayer(inner.kind, inner.vars), ...outer.vars],
    notify: inner.notify.length > 0 ? inner.notify : outer.notify,
    ...(inner.delegateTo === undefined ? {} : { delegateTo: inner.delegateTo }),
    ...(inner.delegateFacts === undefined ? {} : { delegateFacts: inner.delegateFacts }),
    role,
    folders: inner.kind === 'task' ? foldersOf(role, inner) : outer.folders,
  };
}

// By role (or none) and folder: tasks beside each other share one list.
const foldersByRole = new WeakMap<object, Map<string, readonly string[]>>();
const NO_ROLE = {};

function foldersOf(role: RoleFrame | undefined, task: Task): readonly string[] {
  const known = foldersByRole.get(role ?? NO_ROLE) ?? new Map<string, readonly string[]>();
  foldersByRole.set(role ?? NO_ROLE, known);
  const folder = resolve(dirname(task.source.file));
  let folders = known.get(folder);
  if (folders === undefined) {
    const roles: string[] = [];
    for (let frame = role; frame !== undefined; frame = frame.outer) roles.push(resolve(frame.use.role.path));
    folders = [...new Set([...roles, folder])];
    known.set(folder, folders);
  }
  return folders;
}

/**
 * What a dynamic include hands down: as in Ansible nothing of its own but variables, and what stands in `apply`. Only
 * `no_log` goes further here: who hides the include means what is in it.
 *
 * @param outer - what came down to the include
 */
export function throughInclude(outer: TaskKeywords, include: Task): TaskKeywords {
  const own = include.vars === undefined ? undefined : varsLayer('include', include.vars);
  const noLog = include.noLog ?? outer.noLog;
  const passed = { ...outer, noLog, includeVars: [...outer.includeVars, own] };
  return include.include?.apply === undefined ? passed : inherit(passed, include.include.apply);
}

// The shared keywords that are written; those that are not do not hide the outer ones.
function sharedOf(owner: Play | Block | Task): Partial<TaskKeywords> {
  const written: Record<string, unknown> = {};
  for (const key of SHARED) if (owner[key] !== undefined) written[key] = owner[key];
  return written;
}

const SHARED = [
  'become',
  'becomeUser',
  'becomeMethod',
  'becomeExe',
  'becomeFlags',
  'ignoreErrors',
  'ignoreUnreachable',
  'anyErrorsFatal',
  'noLog',
  'checkMode',
  'diff',
  'runOnce',
  'timeout',
  'remoteUser',
  'port',
  'connection',
  'throttle',
] as const satisfies readonly (keyof SharedKeywords)[];

/** A `vars:` block as a layer of the scope. */
export function varsLayer(origin: string, block: VarsBlock): VarsLayer {
  return templateLayer(origin, block.values, (name): Position | undefined => block.positions[name] ?? block.source);
}
