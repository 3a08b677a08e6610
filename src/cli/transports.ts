/** The transports of a run. Those that few runs use are loaded when the first host needs them. */
import { internalError } from '../errors.ts';
import {
  createLocalTransport,
  createSshTransport,
  type OpenedProcesses,
  type ProcessTransport,
  type SshTransportOptions,
  type Target,
  type Transport,
  type TransportKind,
} from '../transport/index.ts';

/** One of each kind. */
export function createTransports(options: SshTransportOptions): Readonly<Record<TransportKind, Transport>> {
  const ssh = createSshTransport(options);
  const local = createLocalTransport();
  const openssh = new LazyTransport<ProcessTransport>('openssh', async () => {
    const { createOpensshTransport } = await import('../transport/openssh/openssh-transport.ts');
    return createOpensshTransport({ limits: options.limits, passphraseOf: options.passphraseOf });
  });
  const openProcesses = async (target: Target, signal: AbortSignal): Promise<OpenedProcesses> => {
    switch (target.kind) {
      case 'ssh':
        return ssh.openProcesses(target, signal);
      case 'local':
        return local.openProcesses(target, signal);
      case 'openssh':
        return (await openssh.get()).openProcesses(target, signal);
      case 'docker':
        throw internalError(`${target.name} is a container, which nothing else is reached through`);
    }
  };
  const docker = new LazyTransport('docker', async () => {
    const { createDockerTransport } = await import('../transport/docker/docker-transport.ts');
    return createDockerTransport({ openProcesses });
  });
  return { ssh, openssh, local, docker };
}

class LazyTransport<T extends Transport> implements Transport {
  readonly kind: TransportKind;
  readonly #load: () => Promise<T>;
  #loaded: Promise<T> | undefined;

  constructor(kind: TransportKind, load: () => Promise<T>) {
    this.kind = kind;
    this.#load = load;
  }

  get(): Promise<T> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async connect(...args: Parameters<Transport['connect']>): ReturnType<Transport['connect']> {
    return (await this.get()).connect(...args);
  }

  async close(): Promise<void> {
    await (await this.#loaded)?.close();
  }
}
