import { createLocalTransport } from '../../src/transport/index.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { testTarget } from './targets.ts';

registerTransportTests('local', async () => {
  const transport = createLocalTransport();
  return {
    connect: () => transport.connect(testTarget({ kind: 'local', address: null }), new AbortController().signal),
    stop: () => transport.close(),
  };
});
