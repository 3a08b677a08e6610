/** Runs playbook text on hosts whose every command is answered by the test: no network, no shell. */

import type { EngineOptions } from '../../src/engine/options.ts';
import { type RunResult, runPlaybooks } from '../../src/engine/run.ts';
import { TransportError } from '../../src/errors.ts';
import type { HostResultEvent, RunEvent } from '../../src/event.ts';
import { loadInventory, selectHosts } from '../../src/inventory/index.ts';
import { findModule, moduleCatalog } from '../../src/modules/registry.ts';
import { parsePlaybook } from '../../src/playbook/index.ts';
import { createSshConfigSource, createSshTargets } from '../../src/transport/index.ts';
import type { Connection, ExecRequest, ExecResult, Target, Transport } from '../../src/transport/types.ts';

/** What a host answers to a script: parts of a result, or a promise of them; thrown errors are the transport's. */
export type Answer = (request: ExecRequest, host: string) => Partial<ExecResult> | Promise<Partial<ExecResult>>;

export interface FleetOptions extends Partial<EngineOptions> {
  readonly hosts?: string;
  readonly answer?: Answer;
  /** Hosts that cannot be connected to, with the error that says so. */
  readonly down?: Readonly<Record<string, TransportError>>;
  /** Called before a host is connected, which waits for it. */
  readonly beforeConnect?: (host: string) => Promise<void>;
}

export interface FleetRun {
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
  /** Scripts in the order in which hosts got them, as `host: script`. */
  readonly commands: readonly { readonly host: string; readonly script: string }[];
  readonly connects: readonly string[];
  /** Hosts whose connection was closed, in that order, as `host after N commands` of all hosts together. */
  readonly closes: readonly string[];
  /** Hosts that were told to have a shell ready for a script that follows, once each time. */
  readonly prepared: readonly string[];
  /** The one result of a task on a host. Throws when there is none or more than one. */
  resultOf(task: string, host: string): HostResultEvent;
  /** Names of the tasks that gave a result on a host, in order. */
  tasksOf(host: string): string[];
}

export async function runText(playbook: string, options: FleetOptions = {}): Promise<FleetRun> {
  const events: RunEvent[] = [];
  const commands: { host: string; script: string }[] = [];
  const connects: string[] = [];
  const closes: string[] = [];
  const prepared: string[] = [];
  const inventory = await loadInventory([options.hosts ?? 'web1,web2,web3,'], { cwd: '/', env: {} });
  const transport = scriptedTransport(options, commands, connects, closes, prepared);
  const result = await runPlaybooks({
    runId: 'run',
    version: 'test',
    trigger: 'cli',
    playbooks: [parsePlaybook(playbook, 'play.yml', moduleCatalog)],
    inventory,
    selectHosts: (pattern) => selectHosts(inventory, pattern),
    findModule,
    transports: { ssh: transport, local: transport },
    connection: {
      user: 'ops',
      port: 22,
      ssh: createSshTargets(
        createSshConfigSource({ name: 'me', uid: 0, home: '/home/ops', hostName: 'here', env: {} }, 'none'),
        { authTimeoutMs: 1000, usualKeyFiles: [] },
      ),
      become: false,
      becomeMethod: 'sudo',
      becomeUser: 'root',
      home: '/home/ops',
      connection: 'ssh',
    },
    forks: 10,
    connecting: 10,
    checkMode: false,
    diffMode: false,
    verbosity: 0,
    tags: [],
    skipTags: [],
    extraVars: [],
    commandTimeoutMs: 60_000,
    signal: new AbortController().signal,
    allowEmpty: false,
    emit: (event) => events.push(event),
    onSecret: () => {},
    readVarsFile: (path) => {
      throw new Error(`no file ${path}`);
    },
    env: {},
    nowMs: Date.now,
    ...options,
  });
  const taskIds = new Map(
    events.flatMap((event) => (event.type === 'task:start' ? [[event.task.taskId, event.task.name]] : [])),
  );
  const results = events.filter((event) => event.type === 'host:result');
  return {
    result,
    events,
    commands,
    connects,
    closes,
    prepared,
    resultOf: (task, host) => {
      const found = results.filter((each) => each.host === host && taskIds.get(each.taskId) === task);
      const [only] = found;
      if (only === undefined || found.length > 1)
        throw new Error(`${found.length} results of task '${task}' on ${host}`);
      return only;
    },
    tasksOf: (host) => results.filter((each) => each.host === host).map((each) => taskIds.get(each.taskId) ?? '?'),
  };
}

/** A promise with its resolver, for tests that decide when a command ends. */
export function deferred<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  return Promise.withResolvers<T>();
}

function scriptedTransport(
  options: FleetOptions,
  commands: { host: string; script: string }[],
  connects: string[],
  closes: string[],
  prepared: string[],
): Transport {
  return {
    kind: 'ssh',
    connect: async (target) => {
      connects.push(target.name);
      await options.beforeConnect?.(target.name);
      const error = options.down?.[target.name];
      if (error !== undefined) throw error;
      return scriptedConnection(target, options.answer, commands, closes, prepared);
    },
    close: async () => {},
  };
}

function scriptedConnection(
  target: Target,
  answer: Answer | undefined,
  commands: { host: string; script: string }[],
  closes: string[],
  prepared: string[],
): Connection {
  let isOpen = true;
  const unused = () => Promise.reject(new TransportError('TRANSFER_FAILED', 'scripted hosts move no files'));
  return {
    target,
    get isOpen() {
      return isOpen;
    },
    exec: async (request) => {
      commands.push({ host: target.name, script: request.script });
      // A hung command ends when the signal fires, as on a real host.
      const interrupted = new Promise<Partial<ExecResult>>((resolve) => {
        const end = () => resolve({ ended: 'interrupted', exitCode: null, remote: 'gone' });
        request.signal.addEventListener('abort', end, { once: true });
        if (request.signal.aborted) end();
      });
      const part = await Promise.race([Promise.resolve(answer?.(request, target.name) ?? {}), interrupted]);
      return {
        exitCode: 0,
        stdout: '',
        stderr: '',
        stdoutTruncated: false,
        stderrTruncated: false,
        durationMs: 1,
        ended: 'exited',
        ...part,
      };
    },
    prepare: () => void prepared.push(target.name),
    upload: unused,
    download: unused,
    close: async () => {
      isOpen = false;
      closes.push(`${target.name} after ${commands.length} commands`);
    },
  };
}
