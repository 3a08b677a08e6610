/** The conformance suite over our own SSH against a real sshd. */
import { createSshTransport } from '../../src/transport/index.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { testTarget } from '../transport/targets.ts';
import { cutSessions, never, TRAITS, useConformanceLab } from './conformance-lab.ts';

const lab = useConformanceLab();

registerTransportTests(
  'ssh to sshd',
  async () => {
    const transport = createSshTransport();
    const target = testTarget({
      port: lab().sshd.port,
      user: 'root',
      password: undefined,
      privateKeyFiles: [lab().user.keyFile],
    });
    return {
      connect: (signal = never()) => transport.connect(target, signal),
      cut: () => cutSessions(lab().sshd),
      stop: () => transport.close(),
    };
  },
  TRAITS,
);
