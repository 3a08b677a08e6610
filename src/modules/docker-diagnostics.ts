/** `docker_diagnostics`: collects what tells why an engine hangs, and fetches it. It restarts nothing. */

import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorMessage, ModuleError } from '../errors.ts';
import { writeFileAtomic } from '../util/atomic-file.ts';
import { formatDuration } from '../util/duration.ts';
import { defineModule, type Module, type ModuleContext, type Outcome, type Plan } from './contract.ts';
import { runScript } from './docker/run-script.ts';
import { type DebugPlan, planDebug } from './docker-diagnostics/debug.ts';
import { type DiagnosticsOptions, normalizeOptions } from './docker-diagnostics/options.ts';
import { type Collected, messageOf, parseCollected } from './docker-diagnostics/outcome.ts';
import { type HostState, probeHost } from './docker-diagnostics/probe.ts';
import { collectScript, removeScript } from './docker-diagnostics/script.ts';
import { spec } from './docker-diagnostics/spec.ts';

type Args = Readonly<Record<string, unknown>>;

/** The module, under `fleetmend.docker_diagnostics` and `docker_diagnostics`. */
export const dockerDiagnostics: Module = defineModule<Args, HostState>({
  spec,

  probe: (args, context) => probeHost(context, normalizeOptions(args)),

  plan(args, state): Plan {
    const options = normalizeOptions(args);
    const { daemon, engine } = state;
    const debug = debugOf(options, state);
    const lines = [`collect diagnostics of ${engine.kind} into ${options.dest}`];
    if (daemon !== undefined) lines.push(`ask the daemon (pid ${daemon.pid}) and its containerd for a stack dump`);
    if (debug.kind === 'switch') {
      lines.push(
        `set debug in ${debug.path} for ${formatDuration(options.debugMs).replace('.0 s', ' s')} and put it back`,
      );
    }
    return {
      changes: lines.map((line) => ({ line })),
      result: { msg: `would collect diagnostics of ${engine.kind}`, daemon: daemonEntry(state) },
    };
  },

  async apply(args, state, _plan, context): Promise<Outcome> {
    const options = normalizeOptions(args);
    const name = safeName(context.host);
    const script = collectScript(options, state.engine, debugOf(options, state), name);
    const end = await runScript(context, script, { timeoutMs: options.timeoutMs });
    const collected = parseCollected(end.lines);
    try {
      if (collected.unrestored !== undefined) throw new ModuleError(collected.unrestored, { items: collected.items });
      if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
      if (collected.folder === undefined) throw notPacked(collected, end.cut, end.stderr);
      const dest = destination(options.dest, context.runId, name);
      const sizeBytes = await fetchPackage(context, options, collected.folder, dest);
      return {
        result: {
          msg: messageOf(dest, sizeBytes, collected),
          dest,
          size_bytes: sizeBytes,
          items: collected.items,
          daemon: daemonEntry(state),
          debug: collected.debug,
          shortened: collected.shortened,
        },
      };
    } finally {
      if (collected.folder !== undefined) await removeFolder(context, collected.folder);
    }
  },
});

function debugOf(options: DiagnosticsOptions, { daemon, config, debugFlags }: HostState): DebugPlan {
  if (options.debugMs === 0) return { kind: 'skip', reason: '`debug_for` is 0' };
  if (daemon === undefined || config === undefined) return { kind: 'skip', reason: 'no daemon was found' };
  if (daemon.state === 'T') return { kind: 'skip', reason: 'the daemon is stopped (state T)' };
  return planDebug(config, debugFlags);
}

function daemonEntry({ daemon }: HostState): Readonly<Record<string, unknown>> | null {
  return daemon === undefined ? null : { pid: daemon.pid, state: daemon.state };
}

function destination(dest: string, runId: string, name: string): string {
  return resolve(dest.endsWith('/') ? join(dest, runId, `${name}.tgz`) : dest);
}

// A host's name as one part of a path.
function safeName(host: string): string {
  return host.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_');
}

function notPacked({ failure, items }: Collected, cut: Error | undefined, stderr: string): ModuleError {
  const reason = failure ?? cut?.message ?? (stderr.trim() || 'the script ended early');
  return new ModuleError(`no diagnostics were collected: ${reason}`, { items });
}

async function fetchPackage(
  context: ModuleContext,
  options: DiagnosticsOptions,
  folder: string,
  dest: string,
): Promise<number> {
  const content = await context.connection.download({
    remotePath: `${folder}/package.tgz`,
    become: context.become,
    timeoutMs: options.timeoutMs,
    signal: context.signal,
    maxBytes: options.maxBytes,
  });
  try {
    await mkdir(dirname(dest), { recursive: true });
    // Stacks and logs are nobody else's business.
    await writeFileAtomic(dest, [content], { mode: 0o600 });
  } catch (error) {
    throw new ModuleError(`could not write '${dest}' on the controller: ${errorMessage(error)}`);
  }
  return content.byteLength;
}

// Also after an interrupt, whose signal would end it at once.
async function removeFolder(context: ModuleContext, folder: string): Promise<void> {
  const { connection, become } = context;
  const request = {
    script: removeScript(folder),
    become,
    timeoutMs: REMOVE_TIMEOUT_MS,
    signal: new AbortController().signal,
  };
  // A connection that is lost cannot be helped; the folder is in a place for temporary files.
  await connection.exec(request).catch(() => undefined);
}

const REMOVE_TIMEOUT_MS = 5000;
