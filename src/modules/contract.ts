/**
 * The contract of a module: probe, plan, apply.
 *
 * The engine renders and validates the args, then calls `probe` (reads the host, changes nothing), then `plan` (pure),
 * and, when the plan is not empty and check mode is off, `apply` with that same plan. Check mode is probe + plan, so it
 * cannot show anything else than what apply receives. A module whose plan is empty is `ok`, otherwise `changed`.
 *
 * Modules that only run what they are told (command, shell, script, raw) return a plan whose `unknowable` is set: check
 * mode skips them, as Ansible does, unless `creates`/`removes` decide. Modules with `checkMode: 'none'` that have work of
 * their own (debug, set_fact, setup, pause) plan one change and do it in `apply`, which check mode runs too; they report
 * `changed: false`.
 *
 * Failures are thrown as ModuleError (its `result` is merged into the host's result) or TransportError.
 */
import type { Change } from '../event.ts';
import type { VarsLayer } from '../inventory/types.ts';
import type { TemplateSyntax } from '../template/syntax.ts';
import type { SourcePlace } from '../template/types.ts';
import type { Become, Connection, ExecResult } from '../transport/types.ts';

/** JSON Schema of the module's args, in the subset that ajv's default draft-07 knows. Must be an object schema. */
export interface ArgsSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, ArgSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly [keyword: string]: unknown;
}

/** One argument. `description` is shown by `fleetmend doc`; `default` is filled in by the engine before probe. */
export interface ArgSchema {
  readonly type?: string | readonly string[];
  readonly description: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: unknown;
  /** Other names for the same argument, as Ansible has them (`dest`/`path`, `cmd`). Ours, not JSON Schema's. */
  readonly aliases?: readonly string[];
  /** Value is a secret: never printed. Ours. */
  readonly secret?: boolean;
  readonly [keyword: string]: unknown;
}

export interface ModuleSpec {
  /** Short name: `copy`. It also answers to its full name. */
  readonly name: string;
  /** `ansible.builtin` for what Ansible has, `fleetmend` for ours. */
  readonly namespace: 'ansible.builtin' | 'fleetmend';
  readonly summary: string;
  readonly args: ArgsSchema;
  /** The argument that takes `module: free text` (`cmd` of command); `key=value` words before it are args. */
  readonly freeForm?: string;
  /** Arguments whose texts are conditions: they come as they are written, for {@link ModuleContext.holds}. */
  readonly conditions?: readonly string[];
  /** What comes back beside Ansible's common keys: name -> one line. */
  readonly returns: Readonly<Record<string, string>>;
  readonly examples: readonly string[];
  /** `none`: never changes a host. `skip`: unknowable, skipped in check mode. `full`: the plan says all. */
  readonly checkMode: 'full' | 'skip' | 'none';
  /**
   * `remote` (default) needs a connection. `controller` never does (debug, assert, set_fact, pause, fail): `context.connection`
   * then throws if it is read. `local`: its connection is to the controller itself, whatever the host is, unless `delegate_to`
   * names another machine; the play's `become` then holds for that other machine only.
   */
  readonly runsOn?: 'remote' | 'controller' | 'local';
  /**
   * It opens the connection itself, by {@link ModuleContext.reconnect}, so that a host that cannot be reached is no failure
   * before it begins (wait_for_connection).
   */
  readonly connectsItself?: boolean;
  /** Done once for all hosts of the batch, on the first of them, whatever `run_once` says (pause). */
  readonly runOnce?: boolean;
  /** It can be started and left alone (`async`); then it looks at {@link ModuleContext.job}. */
  readonly async?: boolean;
}

/** How `set_stats` notes its values. */
export interface StatsOptions {
  /** Whether they are those of the host, not of the run. */
  readonly perHost: boolean;
  /** Whether they are added to what is there. */
  readonly aggregate: boolean;
}

/** What a module may change of the run itself. */
export interface WholeRun {
  /** Adds a host to the inventory of the run, or groups and variables to a known one. @returns whether that was news */
  addHost(name: string, groups: readonly string[], vars: Readonly<Record<string, unknown>>): boolean;
  /**
   * Makes the host a member of a group, which is made as a child of these parents.
   *
   * @returns whether that was news
   * @throws InventoryError INVENTORY_INVALID when the group would be its own ancestor
   */
  joinGroup(group: string, parents: readonly string[]): boolean;
  /** Notes values for the end of the run. */
  addStats(data: Readonly<Record<string, unknown>>, options: StatsOptions): void;
}

/** What `async` and `poll` of a task ask for. */
export interface JobWishes {
  /** The job is ended after so many seconds. */
  readonly limitSeconds: number;
  /** How often its end is looked for; 0: not at all. */
  readonly pollSeconds: number;
}

export interface Plan {
  /** Empty: nothing to do. Each is one line a person can act on. */
  readonly changes: readonly Change[];
  /** True: cannot be known without running it; check mode reports the host as skipped. */
  readonly unknowable?: boolean;
  /** In check mode and when nothing is to be done: the result data to return. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** Skipped for a reason of the module's (`creates` exists): shown as `ok` with this message, as Ansible does. */
  readonly note?: string;
  /** Things a person should know that are no failure; of a plan that is carried out, those of the outcome count. */
  readonly warnings?: readonly string[];
}

/** What apply made: the result's data; `changed` defaults to true (a plan was carried out). */
export interface Outcome {
  readonly changed?: boolean;
  /** True: the result is `failed` although something was done; `result.msg` must say why. */
  readonly failed?: boolean;
  /** Module finished without doing its work, as in Ansible's `skipped`. */
  readonly skipped?: boolean;
  readonly result: Readonly<Record<string, unknown>>;
  /** Changes as they were really made, when they differ from the plan. */
  readonly changes?: readonly Change[];
  /**
   * Variables to set on the host. Declared ones (`set_fact`) have the names the user gave; discovered ones (`setup`) are
   * without the `ansible_` prefix: the engine puts them under `ansible_facts` and injects them as `ansible_NAME`.
   */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The facts are also under `ansible_facts` and are discovered ones (setup), not declared ones (set_fact). */
  readonly factsDiscovered?: boolean;
  /** Declared facts are kept for later runs too. */
  readonly factsCacheable?: boolean;
  /** Variables as a file has them, for the rest of the run on this host; templates in them are evaluated when read. */
  readonly includedVars?: VarsLayer;
  /** Things a person should know that are no failure. */
  readonly warnings?: readonly string[];
}

/** What a module may touch. */
/** How a template file is rendered. */
export interface RenderOptions {
  /** Folders that `include`, `import` and `extends` look in. */
  readonly places: readonly string[];
  /** What differs from Jinja's syntax as Ansible sets it. */
  readonly syntax: Partial<TemplateSyntax>;
  /** Variables on top of the host's. */
  readonly vars: Readonly<Record<string, unknown>>;
}

export interface ModuleContext {
  /** Identifies the run in reports and in what is left on hosts. */
  readonly runId: string;
  readonly host: string;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly verbosity: number;
  /** Where relative paths of `src` are looked for, in order (playbook's `files/`, its folder). */
  readonly searchPaths: readonly string[];
  /** Where templates are looked for, in order (`templates/` beside the tasks, their folder, those of the playbook). */
  readonly templatePaths: readonly string[];
  /** Where files of variables are looked for, in order (a role's `vars/`, the playbook's). */
  readonly varsPaths: readonly string[];
  /** Deadline of the whole task, from the task's `timeout` or the default; milliseconds for each script. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly become?: Become;
  readonly environment: Readonly<Record<string, string>>;
  /** Set when the task is `async`; only for modules whose spec says that they can be. */
  readonly job?: JobWishes;
  readonly connection: Connection;
  /**
   * Drops the connection to the host and opens another; `connection` and `run` use that one from then on.
   *
   * @param timeoutMs - for each phase of connecting; default: what holds for the host
   * @throws {@link TransportError} those of Transport.connect
   */
  reconnect(timeoutMs?: number): Promise<void>;
  /** Runs a script as the task's user with its environment, deadline and signal. A timeout or interrupt is thrown as TransportError. */
  run(script: string, options?: RunOptions): Promise<ExecResult>;
  /** A file of variables of the controller, decrypted where it is encrypted; read once a run. */
  readVarsFile(path: string): VarsLayer;
  /**
   * What an encrypted file of the controller holds.
   *
   * @throws FleetmendError VAULT_LOCKED, VAULT_DAMAGED
   */
  openVaultFile(content: Buffer, path: string): Buffer;
  readonly wholeRun: WholeRun;
  /**
   * Evaluates an expression in the host's scope (`debug var=`). A text of an argument that a template gave is evaluated only if
   * it is a variable's name or a path into one.
   *
   * @param argument - the argument that holds it; none: the module made the expression itself
   */
  evaluate(expression: string, argument?: string): unknown;
  /**
   * Whether a condition of {@link ModuleSpec.conditions} holds in the host's scope (`assert`).
   *
   * @throws ModuleError when it does not stand in the playbook; TemplateError, also for one that gives no boolean where the run allows no others
   */
  holds(condition: string, argument: string): boolean;
  /** Where a text of an argument stands in the user's file, for an error; empty: it is not known. */
  placeOf(text: string, argument: string): Partial<SourcePlace>;
  /**
   * Renders the text of a template file in the host's scope.
   *
   * @param path - where the text was read from, for errors
   * @throws TemplateError
   */
  render(text: string, path: string, options: RenderOptions): string;
  /** Reads a line from the person at the terminal (`pause`); rejects with ModuleError when there is none. */
  prompt(text: string, options: { echo: boolean; timeoutMs?: number }): Promise<string>;
  /** Waits; rejects when the signal fires. */
  sleep(durationMs: number): Promise<void>;
  nowMs(): number;
}

export interface RunOptions {
  readonly stdin?: Uint8Array;
  /** Shorter deadline for this one script. */
  readonly timeoutMs?: number;
  readonly raw?: boolean;
  readonly maxOutputBytes?: number;
}

export interface Module<Args = Readonly<Record<string, unknown>>, State = unknown> {
  readonly spec: ModuleSpec;
  probe(args: Args, context: ModuleContext): Promise<State>;
  plan(args: Args, state: State): Plan;
  apply(args: Args, state: State, plan: Plan, context: ModuleContext): Promise<Outcome>;
}

/** Ties the type parameters together and forgets them, so that modules of all kinds fit one table. */
export function defineModule<Args, State>(module: Module<Args, State>): Module {
  return module as unknown as Module;
}
