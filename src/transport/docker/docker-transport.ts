/** The transport into containers: `docker exec` (or podman) on this machine, or on a host that is reached by itself. */
import { internalError, TransportError } from '../../errors.ts';
import type { OpenedProcesses } from '../process-transport.ts';
import { ShellConnection } from '../shell/shell-connection.ts';
import type { Target, Transport } from '../types.ts';
import { checkContainer } from './container-state.ts';
import { DockerOpener } from './docker-opener.ts';

export interface DockerTransportOptions {
  /** Reaches the machine where the program runs: the host of {@link Target.docker}'s `via`, or this one. */
  readonly openProcesses: (target: Target, signal: AbortSignal) => Promise<OpenedProcesses>;
}

/** Opens connections into containers. Each has a connection of its own to the host that it is on. */
export function createDockerTransport({ openProcesses }: DockerTransportOptions): Transport {
  return {
    kind: 'docker',
    async connect(target, signal) {
      const { docker } = target;
      if (docker === undefined) throw internalError(`the target ${target.name} names no container`);
      if (signal.aborted) throw new TransportError('INTERRUPTED', `Interrupted before ${target.name} was connected`);
      const { opener } = await openProcesses(docker.via ?? { ...target, kind: 'local' }, signal);
      try {
        await checkContainer(opener, target, docker, signal);
      } catch (error) {
        await opener.close();
        throw error;
      }
      const user = docker.user ?? 'the user of the container';
      return new ShellConnection({ ...target, user }, new DockerOpener(opener, docker));
    },
    async close() {},
  };
}
