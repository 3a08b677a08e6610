/** What modules need that work with Docker's engine only: podman has no daemon that could hold anything. */

import { ModuleError } from '../../errors.ts';
import type { ArgSchema } from '../contract.ts';
import { ENGINE_ARGS, type Engine, type EngineOptions, engineOptions } from './engine.ts';

/** The arguments that say which Docker is meant, for a module's spec. */
export const DOCKER_ARGS: Readonly<Record<'executable' | 'docker_host', ArgSchema>> = {
  executable: ENGINE_ARGS.executable,
  docker_host: ENGINE_ARGS.docker_host,
};

/**
 * The values of {@link DOCKER_ARGS}.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function dockerOptions(args: Readonly<Record<string, unknown>>): EngineOptions {
  return { ...engineOptions({ executable: args.executable, docker_host: args.docker_host }), engine: 'docker' };
}

/** @throws {@link ModuleError} the host's `docker` is podman's stand-in */
export function refusePodman(engine: Engine, module: string, host: string): void {
  if (engine.kind === 'docker') return;
  throw new ModuleError(
    `${module} works with docker only; on ${host} '${engine.path}' is podman`,
    {},
    { hint: 'leave the host out of the play, or say where docker is with `executable`' },
  );
}
