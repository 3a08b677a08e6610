/** The conformance suite over the system's ssh against a real sshd. */
import { createOpensshTransport } from '../../src/transport/openssh/openssh-transport.ts';
import { opensshWords } from '../../src/transport/openssh/words.ts';
import { registerTransportTests } from '../conformance/transport.ts';
import { testTarget } from '../transport/targets.ts';
import { cutSessions, never, TRAITS, useConformanceLab } from './conformance-lab.ts';

const lab = useConformanceLab();

registerTransportTests(
  'openssh to sshd',
  async () => {
    const transport = createOpensshTransport();
    const target = testTarget({
      kind: 'openssh',
      port: lab().sshd.port,
      user: 'root',
      password: undefined,
      opensshArgs: [
        ...['-F', 'none'],
        ...opensshWords({
          port: lab().sshd.port,
          user: 'root',
          keyFile: lab().user.keyFile,
          hostKeyPolicy: 'off',
          knownHostsFiles: ['/dev/null'],
        }),
      ],
    });
    return {
      connect: (signal = never()) => transport.connect(target, signal),
      cut: () => cutSessions(lab().sshd),
      stop: () => transport.close(),
    };
  },
  TRAITS,
);
