/** Runs a module as the engine does: probe, plan, and apply when there is something to do and check mode is off. */
import { internalError, ModuleError, TransportError } from '../../src/errors.ts';
import type { Change } from '../../src/event.ts';
import type { JobWishes, Module, ModuleContext, Plan, WholeRun } from '../../src/modules/contract.ts';
import {
  compileTemplateFile,
  createEnvironment,
  createTemplateLoader,
  scopeOf,
  toText,
  truthy,
} from '../../src/template/index.ts';
import type { Connection } from '../../src/transport/types.ts';
import { createFakeConnection, type FakeConnectionOptions } from './fake-connection.ts';

export interface ModuleRun {
  readonly status: 'ok' | 'changed' | 'skipped' | 'failed';
  readonly result: Readonly<Record<string, unknown>>;
  readonly changes: readonly Change[];
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  /** Scripts that were run on the host. */
  readonly scripts: readonly string[];
}

export interface RunModuleOptions extends FakeConnectionOptions {
  /** Instead of a fake one. */
  readonly connection?: Connection;
  readonly checkMode?: boolean;
  readonly diffMode?: boolean;
  readonly verbosity?: number;
  readonly searchPaths?: readonly string[];
  readonly templatePaths?: readonly string[];
  /** What templates see. */
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly evaluate?: (expression: string) => unknown;
  readonly prompt?: ModuleContext['prompt'];
  readonly sleep?: ModuleContext['sleep'];
  readonly job?: JobWishes;
  /** Whether the connection is lost before a script runs. */
  readonly loseConnection?: (script: string) => boolean;
  readonly reconnect?: ModuleContext['reconnect'];
  readonly nowMs?: () => number;
}

/** For modules that read no variables. */
export function noVarsFile(path: string): never {
  throw internalError(`nothing should read '${path}'`);
}

/** For modules that leave the run alone. */
export const noWholeRun: WholeRun = { addHost: fail('run'), joinGroup: fail('run'), addStats: fail('run') };

/** The module's defaults are filled in; args are not validated. */
export async function runModule(
  module: Module,
  args: Readonly<Record<string, unknown>>,
  options: RunModuleOptions = {},
): Promise<ModuleRun> {
  const scripts: string[] = [];
  const context = createContext(options.connection ?? createFakeConnection(options), scripts, options);
  const filled = { ...defaultsOf(module), ...args };
  const base = { scripts, changes: [], warnings: [] };
  try {
    const state = await module.probe(filled, context);
    const plan: Plan = module.plan(filled, state);
    const warnings = plan.warnings ?? [];
    const planned = { ...base, changes: plan.changes, result: plan.result ?? {}, warnings };
    if (plan.changes.length === 0 && plan.unknowable !== true) return { ...planned, status: 'ok' };
    if (options.checkMode === true && plan.unknowable === true) return { ...planned, status: 'skipped' };
    if (options.checkMode === true && module.spec.checkMode !== 'none') return { ...planned, status: 'changed' };
    const outcome = await module.apply(filled, state, plan, context);
    const status = outcome.failed === true ? 'failed' : outcome.changed === false ? 'ok' : 'changed';
    return {
      ...base,
      status: outcome.skipped === true ? 'skipped' : status,
      result: outcome.result,
      changes: outcome.changes ?? plan.changes,
      ...(outcome.facts === undefined ? {} : { facts: outcome.facts }),
      warnings: outcome.warnings ?? [],
    };
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    return { ...base, status: 'failed', result: { msg: error.message, ...error.result } };
  }
}

function defaultsOf(module: Module): Record<string, unknown> {
  const entries = Object.entries(module.spec.args.properties).filter(([, schema]) => schema.default !== undefined);
  return Object.fromEntries(entries.map(([name, schema]) => [name, schema.default]));
}

function createContext(connection: Connection, scripts: string[], options: RunModuleOptions): ModuleContext {
  const { signal } = new AbortController();
  const timeoutMs = 15_000;
  return {
    runId: 'run-1',
    host: 'fake',
    checkMode: options.checkMode ?? false,
    diffMode: options.diffMode ?? false,
    verbosity: options.verbosity ?? 0,
    searchPaths: options.searchPaths ?? [],
    templatePaths: options.templatePaths ?? [],
    varsPaths: [],
    readVarsFile: noVarsFile,
    wholeRun: noWholeRun,
    timeoutMs,
    signal,
    environment: options.environment ?? {},
    connection,
    job: options.job,
    async run(script, runOptions) {
      scripts.push(script);
      if (options.loseConnection?.(script)) throw new TransportError('CONNECTION_LOST', 'lost');
      return connection.exec({ script, timeoutMs, signal, environment: options.environment, ...runOptions });
    },
    evaluate: options.evaluate ?? fail('evaluate'),
    holds: (condition) => truthy((options.evaluate ?? fail('evaluate'))(condition)),
    openVaultFile: (content) => content,
    placeOf: () => ({}),
    render: (text, path, { places, syntax, vars }) => {
      const environment = { ...createEnvironment(), templates: createTemplateLoader(places) };
      const scope = scopeOf({ ...options.vars, ...vars });
      return toText(compileTemplateFile(text, path, environment, syntax).evaluate(scope));
    },
    prompt: options.prompt ?? (() => Promise.reject(new ModuleError('no terminal to ask at'))),
    reconnect: options.reconnect ?? fail('reconnect'),
    sleep: options.sleep ?? fail('sleep'),
    nowMs: options.nowMs ?? Date.now,
  };
}

function fail(what: string): () => never {
  return () => {
    throw internalError(`the test gave no ${what}`);
  };
}
