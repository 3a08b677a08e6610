/** The container that a host is, from its variables. */
import { TransportError } from '../errors.ts';
import type { Host } from '../inventory/types.ts';
import type { ContainerTarget, Target } from '../transport/types.ts';
import { splitWords } from '../util/split-words.ts';
import type { ConnectionVars } from './connection-vars.ts';

/**
 * Reads Ansible's variables of its docker connection, and `ansible_docker_via`: the host that the container is on.
 *
 * @param exe - the program that the connection's name stands for
 * @param user - who was asked for, if somebody was
 * @param reach - the target of a host by its name
 * @throws {@link TransportError} CONNECT_FAILED for arguments that cannot be split, or a container within a container
 */
export async function containerTarget(
  host: Host,
  vars: ConnectionVars,
  exe: string,
  user: string | undefined,
  reach: (hostName: string) => Promise<Target>,
): Promise<ContainerTarget> {
  const viaName = vars.text('ansible_docker_via');
  const via = viaName === undefined ? undefined : await reach(viaName);
  if (via?.kind === 'docker') {
    throw new TransportError(
      'CONNECT_FAILED',
      `expected \`ansible_docker_via\` of '${host.name}' to be a machine, found the container '${viaName}'`,
    );
  }
  const address = vars.text('ansible_docker_host');
  return {
    container: vars.text('ansible_host') ?? host.name,
    exe: vars.text('ansible_docker_executable') ?? exe,
    args: [...(address === undefined ? [] : ['-H', address]), ...extraWords(host, vars)],
    user: vars.text('ansible_docker_user') ?? user,
    via,
  };
}

function extraWords(host: Host, vars: ConnectionVars): string[] {
  const words = splitWords(vars.text('ansible_docker_extra_args') ?? '');
  if (typeof words !== 'string') return words.map((word) => word.text);
  throw new TransportError(
    'CONNECT_FAILED',
    `expected \`ansible_docker_extra_args\` of '${host.name}' to be words of a command line, found an ${words}`,
  );
}
