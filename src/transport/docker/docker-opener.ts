/** Processes inside a container: each is the `docker exec` of another opener. */
import type { ChannelListener, ProcessChannel, ProcessCommand, ProcessExit, ProcessOpener } from '../shell/channel.ts';
import type { ContainerTarget } from '../types.ts';
import { dockerWords, isStillRunning } from './container-state.ts';

/**
 * Exit statuses that also are the program's own, not the command's: it failed, it could not start the command, and what
 * all processes of a container that stops get (137).
 */
const DOUBTFUL_STATUSES: ReadonlySet<number | null> = new Set([1, 125, 137, 255, null]);

export class DockerOpener implements ProcessOpener {
  endedBecause: string | undefined;
  readonly #base: ProcessOpener;
  readonly #docker: ContainerTarget;
  #hasStopped = false;
  #looking: Promise<boolean> | undefined;

  /** @param base - starts processes where the program is; from now on its only user */
  constructor(base: ProcessOpener, docker: ContainerTarget) {
    this.#base = base;
    this.#docker = docker;
  }

  get isOpen(): boolean {
    return !this.#hasStopped && this.#base.isOpen;
  }

  open(command: ProcessCommand, listener: ChannelListener): Promise<ProcessChannel> {
    const { container, user } = this.#docker;
    const inside = command.kind === 'words' ? command.words : ['sh', '-c', command.line];
    const asUser = user === undefined ? [] : ['-u', user];
    const words = [...dockerWords(this.#docker), 'exec', '-i', ...asUser, container, ...inside];
    return this.#base.open({ kind: 'words', words }, this.#watch(listener));
  }

  async close(): Promise<void> {
    await this.#base.close();
  }

  destroy(): void {
    this.#base.destroy();
  }

  // An exit that may mean that the container is gone is told once that is known.
  #watch(listener: ChannelListener): ChannelListener {
    let exit: ProcessExit | undefined;
    return {
      onStdout: (chunk) => listener.onStdout(chunk),
      onStderr: (chunk) => listener.onStderr(chunk),
      onExit: (how) => {
        if (DOUBTFUL_STATUSES.has(how.code) && this.isOpen) exit = how;
        else listener.onExit(how);
      },
      onClose: () => {
        if (exit === undefined) return listener.onClose();
        const doubtful = exit;
        void this.#look().then((runs) => {
          if (runs) listener.onExit(doubtful);
          listener.onClose();
        });
      },
    };
  }

  // Several commands end at once when a container stops: one look is enough for them.
  #look(): Promise<boolean> {
    this.#looking ??= isStillRunning(this.#base, this.#docker).then((runs) => {
      this.#looking = undefined;
      if (!runs) {
        this.#hasStopped = true;
        this.endedBecause ??= `the container '${this.#docker.container}' does not run any more`;
      }
      return runs;
    });
    return this.#looking;
  }
}
