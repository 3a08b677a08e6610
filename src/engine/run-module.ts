/** Resolves what a module needs on a host (arguments, user, connection, where it runs) and runs one pass of it. */

import { join } from 'node:path';
import { FleetmendError, internalError, ModuleError, type Position, placeText, TransportError } from '../errors.ts';
import type { Host } from '../inventory/types.ts';
import type { Module } from '../modules/contract.ts';
import { validateArgs } from '../playbook/module-args.ts';
import { evaluateDeep, isTemplate, scopeOf, toPlain, toText } from '../template/index.ts';
import type { Connection, Target } from '../transport/types.ts';
import { describeLikelyOctal, likelyOctal, MODE_ARGUMENTS } from '../util/permission-mode.ts';
import { OMIT } from '../vars/magic.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { resolveBecome } from './become.ts';
import { environmentOf, evaluateRaw, flag, numberOf, textOf } from './conditions.ts';
import type { HeldConnection } from './connection-pool.ts';
import { delegateTarget } from './delegation.ts';
import type { HostRun } from './host-run.ts';
import { type Included, readIncluded } from './include.ts';
import type { TaskKeywords } from './inherit.ts';
import { type Pass, type PassOptions, runPass } from './module-runner.ts';
import { renderFile } from './render-file.ts';
import { resolveTarget } from './resolve-target.ts';
import type { PlayContext } from './task-context.ts';
import type { TaskNode } from './tree.ts';
import { evaluateWritten, holdsWritten, type WrittenArgument } from './written-expressions.ts';

export interface ModulePass extends Pass {
  readonly delegatedTo?: string;
  /** What an include found; its tasks run when all hosts have found theirs. */
  readonly included?: Included;
}

/** Runs one pass of a task's module on a host. Throws the host's failure, or FactsNeeded. */
export async function runModule(
  context: PlayContext,
  node: TaskNode,
  hostRun: HostRun,
  scope: LayeredScope,
): Promise<ModulePass> {
  if (node.task.include !== undefined) {
    const { included, data } = readIncluded(context, node, node.task.include, scope);
    return { status: 'ok', data, changes: [], warnings: [], factsDiscovered: false, included };
  }
  const module = context.options.findModule(node.task.module);
  if (module === undefined) throw internalError(`the module '${node.task.module}' was loaded but cannot be found`);
  const args = moduleArgs(module, node, scope);
  warnOfMode(context, node, args);
  return runModuleWith(context, hostRun, {
    module,
    args,
    scope,
    keywords: node.keywords,
    node,
    moreFollow: node.moreFollow,
  });
}

// The keywords that both a task (after inheritance) and a play have.
type ModuleKeywords = Pick<
  TaskKeywords,
  | 'become'
  | 'becomeUser'
  | 'becomeMethod'
  | 'becomeExe'
  | 'becomeFlags'
  | 'remoteUser'
  | 'port'
  | 'connection'
  | 'timeout'
  | 'checkMode'
  | 'diff'
>;

export interface RunModuleOptions {
  readonly module: Module;
  readonly args: Readonly<Record<string, unknown>>;
  readonly scope: LayeredScope;
  readonly keywords?: TaskKeywords;
  readonly node?: TaskNode;
  readonly moreFollow: boolean;
}

/** Runs one pass of any module on a host; without keywords the play's own hold. */
export async function runModuleWith(
  context: PlayContext,
  hostRun: HostRun,
  run: RunModuleOptions,
): Promise<ModulePass> {
  const { options, play } = context;
  const { scope, module } = run;
  const keywords: ModuleKeywords = run.keywords ?? play;
  const environmentRaw = run.keywords?.environment ?? (play.environment === undefined ? [] : [play.environment]);
  const delegate = textOf(run.keywords?.delegateTo, scope);
  const target =
    delegate === undefined ? { host: hostRun.host, scope } : delegateTarget(context, hostRun, delegate, run.keywords);
  const onController = module.spec.runsOn === 'controller';
  const isLocal = module.spec.runsOn === 'local' && delegate === undefined;
  const become =
    onController || isLocal
      ? undefined
      : resolveBecome({
          keywords,
          scope,
          hostVars: target.scope,
          hostName: target.host.name,
          defaults: options.connection,
          onSecret: options.onSecret,
        });
  const timeoutSeconds = numberOf(keywords.timeout, 'timeout', scope);
  const work = (connection?: Connection, reconnect?: PassOptions['reconnect']): Promise<Pass> => {
    if (!hostRun.signal.aborted) hostRun.begin();
    return runPass({
      runId: options.runId,
      host: hostRun.name,
      module,
      args: run.args,
      checkMode: keywords.checkMode === undefined ? options.checkMode : flag(keywords.checkMode, scope),
      diffMode: keywords.diff === undefined ? options.diffMode : flag(keywords.diff, scope),
      verbosity: options.verbosity,
      searchPaths: searchPaths('files', context, run.keywords),
      templatePaths: searchPaths('templates', context, run.keywords),
      varsPaths: searchPaths('vars', context, run.keywords),
      readVarsFile: context.readVarsFile,
      commandTimeoutMs: options.commandTimeoutMs,
      // As in Ansible, 0 means that the task has no deadline of its own; ours for each command still holds.
      taskTimeoutMs: timeoutSeconds === undefined || timeoutSeconds === 0 ? undefined : timeoutSeconds * 1000,
      idleTimeoutMs: idleTimeoutMs(scope, hostRun.name),
      signal: hostRun.signal,
      become,
      environment: environmentOf(environmentRaw, scope),
      job: jobWishes(run.node, scope),
      connection,
      reconnect,
      moreFollow: run.moreFollow,
      openVaultFile: options.openVaultFile ?? noVault,
      wholeRun: {
        addHost: (name, groups, vars) => options.inventory.addHost(name, groups, vars),
        joinGroup: (group, parents) => options.inventory.addToGroup(hostRun.host, group, parents),
        addStats: (data, how) => {
          // What `no_log` hides is not shown at the end either.
          if (!flag(run.keywords?.noLog, scope)) context.stats.add(hostRun.name, data, how);
        },
      },
      evaluate: (expression, argument) =>
        evaluateWritten(expression, argument === undefined ? undefined : written(run.node, argument), scope),
      holds: (condition, argument) => holdsWritten(condition, written(run.node, argument), options, scope),
      placeOf: (text, argument) => {
        const source = positionOf(run.node, argument);
        return source === undefined ? {} : (scope.environment?.sources?.placeOf(text, source, 0) ?? { source });
      },
      render: (text, path, how) => renderFile(text, path, how, scope),
      prompt: options.prompt,
      nowMs: options.nowMs,
    });
  };
  const connectionTarget = (): Promise<Target> => {
    if (isLocal) return localTarget(context);
    const user = textOf(keywords.remoteUser, scope);
    const port = numberOf(keywords.port, 'port', scope);
    const connection = textOf(keywords.connection, scope);
    const words = { user, port, connection };
    const { connection: defaults, onSecret } = options;
    // A host that a container is on is reached as it would be for tasks of its own.
    const reach = (name: string): Promise<Target> => {
      const other = delegateTarget(context, hostRun, name, run.keywords);
      return resolveTarget(other.host, other.scope, {}, defaults, onSecret, noFurther(name));
    };
    return resolveTarget(target.host, target.scope, words, defaults, onSecret, reach);
  };
  if (onController) {
    const pass = await work();
    return delegate === undefined ? pass : { ...pass, delegatedTo: delegate };
  }
  const { pool } = context;
  const reach = await connectionTarget();
  const hold = (to: Target) => pool.hold(to, hostRun.signal, hostRun.connecting);
  let held: HeldConnection | undefined;
  const reconnect = async (timeoutMs?: number): Promise<Connection> => {
    held?.release();
    held = undefined;
    await pool.reset(reach.name);
    const limits = timeoutMs === undefined ? {} : { connectTimeoutMs: timeoutMs, authTimeoutMs: timeoutMs };
    held = await hold({ ...reach, ...limits, connectRetries: 0 });
    return held.connection;
  };
  try {
    if (module.spec.connectsItself !== true) held = await hold(reach);
    const pass = await work(held?.connection, reconnect);
    return delegate === undefined ? pass : { ...pass, delegatedTo: delegate };
  } finally {
    held?.release();
  }
}

// This machine, whatever an inventory says of a host that it calls localhost.
function localTarget({ options }: PlayContext): Promise<Target> {
  const { connection: defaults, onSecret } = options;
  const host: Host = { name: 'localhost', groups: new Set(), layers: [] };
  return resolveTarget(host, scopeOf({}), { connection: 'local' }, defaults, onSecret, noFurther(host.name));
}

// `async: 0` is no job, as in Ansible; it waits for the end every 15 seconds unless `poll` says otherwise.
function jobWishes(node: TaskNode | undefined, scope: LayeredScope): PassOptions['job'] {
  const limitSeconds = numberOf(node?.task.asyncSeconds, 'async', scope) ?? 0;
  if (limitSeconds === 0) return undefined;
  return { limitSeconds, pollSeconds: numberOf(node?.task.pollSeconds, 'poll', scope) ?? 15 };
}

// Seconds without output after which a script is ended, from the variable `fleetmend_idle_timeout`; 0: never.
function idleTimeoutMs(scope: LayeredScope, host: string): number | undefined {
  const value = scope.get('fleetmend_idle_timeout');
  if (value === undefined || value === null) return undefined;
  const text = toText(value);
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new FleetmendError(
      'INVALID_ARGUMENT',
      `expected \`fleetmend_idle_timeout\` of '${host}' to be a number of seconds, found '${text}'`,
    );
  }
  return seconds === 0 ? undefined : seconds * 1000;
}

const noVault = (_content: Buffer, path: string): Buffer => {
  throw new FleetmendError('VAULT_LOCKED', `'${path}' is encrypted with ansible-vault, and no vault password is given`);
};

const noFurther = (name: string) => async (): Promise<Target> => {
  throw new TransportError('CONNECT_FAILED', `'${name}' is a container itself, which no other one can be on`);
};

function written(node: TaskNode | undefined, name: string): WrittenArgument {
  return { name, value: node?.task.args[name], source: positionOf(node, name) };
}

function positionOf(node: TaskNode | undefined, argument: string | undefined): Position | undefined {
  if (node === undefined || argument === undefined) return undefined;
  return node.task.argPositions[argument] ?? node.task.source;
}

function moduleArgs(module: Module, node: TaskNode, scope: LayeredScope): Readonly<Record<string, unknown>> {
  const { task, keywords } = node;
  const merged: Record<string, unknown> = {};
  const defaults = keywords.moduleDefaults?.[task.module];
  for (const [name, raw] of Object.entries(defaults?.values ?? {})) {
    const value = evaluateDeep(raw, scope, defaults?.positions[name] ?? task.source, scope.environment);
    if (value !== OMIT) merged[name] = dropOmitted(toPlain(value));
  }
  if (task.argsTemplate !== undefined) {
    const whole = toPlain(evaluateRaw(task.argsTemplate, scope));
    if (whole === null || typeof whole !== 'object' || Array.isArray(whole)) {
      throw new ModuleError(
        `expected \`args\` to be a map, found '${toText(whole)}'`,
        {},
        { code: 'INVALID_ARGUMENT' },
      );
    }
    Object.assign(merged, whole);
  }
  for (const [name, raw] of Object.entries(task.args)) {
    const isCondition = module.spec.conditions?.includes(name) === true;
    const source = task.argPositions[name] ?? task.source;
    const value = isCondition ? raw : evaluateDeep(raw, scope, source, scope.environment);
    // `set_fact` may be given names that hold variables.
    const key = isTemplate(name) ? toText(evaluateDeep(name, scope, task.source, scope.environment)) : name;
    if (value !== OMIT) merged[key] = dropOmitted(toPlain(value));
  }
  const { args, problems } = validateArgs(module.spec, merged);
  const first = problems[0];
  if (first !== undefined) {
    const source = task.argPositions[first.argument ?? ''] ?? task.source;
    const message = problems.map((problem) => problem.message).join('; ');
    throw new FleetmendError('INVALID_ARGUMENT', `${placeText(source)}: ${message}`, {
      hint: first.hint,
    });
  }
  return args;
}

// A number that is written in the task itself was warned of before the run.
function warnOfMode(
  { options, warned }: PlayContext,
  { task }: TaskNode,
  args: Readonly<Record<string, unknown>>,
): void {
  for (const argument of MODE_ARGUMENTS) {
    const value = args[argument];
    const octal = value === task.args[argument] ? undefined : likelyOctal(value);
    const source = task.argPositions[argument] ?? task.source;
    const key = `${placeText(source)} ${argument} ${value}`;
    if (octal === undefined || warned.has(key)) continue;
    warned.add(key);
    const { message, hint } = describeLikelyOctal(argument, Number(value), octal);
    options.emit({
      type: 'warning',
      atMs: options.nowMs(),
      message: `${placeText(source)}: ${message}; ${hint}`,
      source,
    });
  }
}

// `omit` inside a map or a list leaves that entry out.
function dropOmitted(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => each !== OMIT).map(dropOmitted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, each]) => each !== OMIT);
  return Object.fromEntries(entries.map(([key, each]) => [key, dropOmitted(each)]));
}

function searchPaths(
  kind: 'files' | 'templates' | 'vars',
  { playbookDir }: PlayContext,
  keywords: TaskKeywords | undefined,
): readonly string[] {
  const folders = [...new Set([...(keywords?.folders ?? []), playbookDir])];
  return folders.flatMap((folder) => [join(folder, kind), folder]);
}
