import { createLocalTransport } from '../../src/transport/index.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { testTarget } from './targets.ts';

registerTransportTests(
  'local',
  async () => {
    const transport = createLocalTransport();
    return {
      connect: (signal = new AbortController().signal) =>
        transport.connect(testTarget({ kind: 'local', address: null }), signal),
      stop: () => transport.close(),
    };
  },
  // There is no connection to cut; and sudo need not be there: the lab does that.
  { floodBytes: 200_000_000, largestFileBytes: 8_000_000, canBeCut: false, becomes: [], tellsSignals: true },
);
