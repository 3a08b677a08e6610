/** Transports that start processes on a target, for those that reach further from there. */
import type { ProcessOpener } from './shell/channel.ts';
import type { Target, Transport } from './types.ts';

/** A target that processes can be started on. */
export interface OpenedProcesses {
  readonly opener: ProcessOpener;
  /** Who they run as. */
  readonly user: string;
}

export interface ProcessTransport extends Transport {
  /** As {@link Transport.connect}, one floor below the shells. */
  openProcesses(target: Target, signal: AbortSignal): Promise<OpenedProcesses>;
}
