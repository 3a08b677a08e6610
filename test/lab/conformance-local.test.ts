/** The conformance suite on this machine, with a real sudo; test/transport/local-transport.test.ts has all that needs none. */
import { createLocalTransport } from '../../src/transport/index.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { testTarget } from '../transport/targets.ts';
import { never, TRAITS } from './conformance-lab.ts';

registerTransportTests(
  'local with sudo',
  async () => {
    const transport = createLocalTransport();
    const target = testTarget({ kind: 'local', address: null });
    return { connect: (signal = never()) => transport.connect(target, signal), stop: () => transport.close() };
  },
  { ...TRAITS, canBeCut: false },
  ['become'],
);
