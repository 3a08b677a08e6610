/** Which container engine of a host is called, and with which command. */

import type { ArgSchema } from '../contract.ts';
import { describe, given, invalid, optionalText } from './arguments.ts';

/** The engine's own word for itself. */
export type EngineKind = 'docker' | 'podman';

/** The engine that was found on the host. */
export interface Engine {
  readonly kind: EngineKind;
  /** The command to call. */
  readonly path: string;
  /** Of the client: "20.10.24+dfsg1", as `--version` has it. */
  readonly version: string;
}

/** What a user may say of the engine. */
export interface EngineOptions {
  readonly engine: 'auto' | EngineKind;
  /** Path or name of the command. */
  readonly executable?: string;
  /** Address of the daemon. */
  readonly engineHost?: string;
}

/** The arguments of {@link EngineOptions}, for a module's spec. */
export const ENGINE_ARGS: Readonly<Record<'engine' | 'executable' | 'docker_host', ArgSchema>> = {
  engine: {
    type: ['string', 'null'],
    enum: ['auto', 'docker', 'podman', null],
    default: 'auto',
    description: 'Which engine to call; auto takes docker where there is one, else podman.',
  },
  executable: {
    type: ['string', 'null'],
    description: "Path or name of the engine's command, when it is not in PATH.",
  },
  docker_host: {
    type: ['string', 'null'],
    description: 'Address of the daemon, as DOCKER_HOST has it; default: what the environment on the host says.',
  },
};

/**
 * The values of {@link ENGINE_ARGS}.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function engineOptions(args: Readonly<Record<string, unknown>>): EngineOptions {
  const engine = given(args.engine) ?? 'auto';
  if (engine !== 'auto' && engine !== 'docker' && engine !== 'podman') {
    throw invalid(`expected \`engine\` to be auto, docker or podman, found ${describe(engine)}`);
  }
  return { engine, executable: optionalText(args.executable), engineHost: optionalText(args.docker_host) };
}

/** What `--version` printed: "Docker version 20.10.24+dfsg1, build 297e128". A `docker` that says podman is its shim. */
export function parseEngine(path: string, versionText: string): Engine {
  return {
    kind: /^podman/i.test(versionText) ? 'podman' : 'docker',
    path,
    version: /version ([^\s,]+)/.exec(versionText)?.[1] ?? 'unknown',
  };
}
