/** A host of the Docker lab as modules have it: over ssh, as root by sudo, one task after the other. */
import { runPass } from '../../src/engine/module-runner.ts';
import { ModuleError } from '../../src/errors.ts';
import type { Change } from '../../src/event.ts';
import type { Module } from '../../src/modules/contract.ts';
import { type Connection, createSshTransport } from '../../src/transport/index.ts';
import { noVarsFile, noWholeRun } from '../util/module-runner.ts';
import type { DockerLab, DockerLabHost } from './docker-lab.ts';

/** How a task ended; a failure of the module is one too. */
export interface Ended {
  readonly status: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly changes: readonly Change[];
  readonly warnings: readonly string[];
}

export interface ModuleHost {
  run(
    module: Module,
    args: Readonly<Record<string, unknown>>,
    options?: { readonly checkMode?: boolean },
  ): Promise<Ended>;
  close(): Promise<void>;
}

/** A connection to a host of the lab, and what closes it. */
export async function connectTo(
  lab: DockerLab,
  host: DockerLabHost,
): Promise<{ readonly connection: Connection; close(): Promise<void> }> {
  const transport = createSshTransport();
  const target = {
    name: host.name,
    kind: 'ssh' as const,
    address: '127.0.0.1',
    port: host.port,
    user: lab.user,
    privateKeyFiles: [lab.keyFile],
    hostKeyPolicy: 'strict' as const,
    knownHostsFiles: [lab.knownHosts],
    connectTimeoutMs: 10_000,
    authTimeoutMs: 10_000,
  };
  const connection = await transport.connect(target, new AbortController().signal);
  return {
    connection,
    async close() {
      await connection.close();
      await transport.close();
    },
  };
}

export async function openModuleHost(lab: DockerLab, host: DockerLabHost): Promise<ModuleHost> {
  const { connection, close } = await connectTo(lab, host);
  return {
    run: (module, args, { checkMode = false } = {}) =>
      runPass({
        runId: 'run-1',
        host: host.name,
        module,
        args,
        checkMode,
        diffMode: true,
        verbosity: 0,
        searchPaths: [],
        templatePaths: [],
        render: (text) => text,
        varsPaths: [],
        openVaultFile: (content) => content,
        readVarsFile: noVarsFile,
        wholeRun: noWholeRun,
        commandTimeoutMs: 300_000,
        signal: new AbortController().signal,
        become: { method: 'sudo', user: 'root' },
        environment: {},
        connection,
        moreFollow: false,
        evaluate: () => undefined,
        holds: () => false,
        placeOf: () => ({}),
        nowMs: Date.now,
      }).catch(failedOf),
    close,
  };
}

function failedOf(error: unknown): Ended {
  if (!(error instanceof ModuleError)) throw error;
  return { status: 'failed', data: { ...error.result, msg: error.message }, changes: [], warnings: [] };
}
