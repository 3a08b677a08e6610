/** The names that inventories, playbooks and `--connection` use for the kinds of connection. */
import { TransportError } from '../errors.ts';
import type { TransportKind } from '../transport/types.ts';
import { didYouMean } from '../util/did-you-mean.ts';

/** A kind of connection, and the container program where the name says one. */
export interface ConnectionKind {
  readonly kind: TransportKind;
  /** `docker` or `podman`; only for kind `docker`. */
  readonly exe?: string;
}

const DOCKER: ConnectionKind = { kind: 'docker', exe: 'docker' };
const PODMAN: ConnectionKind = { kind: 'docker', exe: 'podman' };

/** Ours first, then Ansible's names of the same thing. `paramiko` is SSH without the system's `ssh`, as ours is. */
const KINDS: ReadonlyMap<string, ConnectionKind> = new Map<string, ConnectionKind>([
  ['ssh', { kind: 'ssh' }],
  ['openssh', { kind: 'openssh' }],
  ['local', { kind: 'local' }],
  ['docker', DOCKER],
  ['podman', PODMAN],
  ['smart', { kind: 'ssh' }],
  ['paramiko', { kind: 'ssh' }],
  ['paramiko_ssh', { kind: 'ssh' }],
  ['ansible.builtin.ssh', { kind: 'ssh' }],
  ['ansible.builtin.paramiko_ssh', { kind: 'ssh' }],
  ['ansible.builtin.local', { kind: 'local' }],
  ['community.docker.docker', DOCKER],
  ['community.docker.docker_api', DOCKER],
  ['containers.podman.podman', PODMAN],
]);

/** What {@link findConnectionKind} knows, for messages. */
export const CONNECTION_NAMES = "'ssh', 'openssh', 'local', 'docker' or 'podman'";

/** The kind of connection that a name means; undefined for none. */
export function findConnectionKind(name: string): ConnectionKind | undefined {
  return KINDS.get(name);
}

/** "did you mean 'openssh'?" for a name that is not known; undefined when none is near. */
export function suggestConnectionKind(name: string): string | undefined {
  return didYouMean(name, KINDS.keys());
}

/**
 * The kind of connection of a host.
 *
 * @throws {@link TransportError} CONNECT_FAILED for a name that is not known
 */
export function connectionKind(host: string, name: string): ConnectionKind {
  const found = findConnectionKind(name);
  if (found !== undefined) return found;
  const message = `expected the connection of '${host}' to be ${CONNECTION_NAMES}, found '${name}'`;
  throw new TransportError('CONNECT_FAILED', message, { hint: suggestConnectionKind(name) });
}
