import { ModuleError } from '../errors.ts';
import { defineModule, type Outcome } from './contract.ts';
import { pollConnection } from './poll-connection.ts';

interface WaitForConnectionArgs {
  readonly connect_timeout?: number;
  readonly delay?: number;
  readonly sleep?: number;
  readonly timeout?: number;
}

/**
 * Waits until the host can be logged in to and runs a script.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/wait_for_connection_module.html
 */
export const waitForConnection = defineModule<WaitForConnectionArgs, undefined>({
  spec: {
    name: 'wait_for_connection',
    namespace: 'ansible.builtin',
    summary: 'Wait until the host can be worked with',
    checkMode: 'skip',
    connectsItself: true,
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        connect_timeout: {
          type: 'integer',
          default: 5,
          minimum: 1,
          description: 'Seconds that connecting, the login and the script may take, each.',
        },
        delay: { type: 'integer', default: 0, minimum: 0, description: 'Seconds before the first attempt.' },
        sleep: { type: 'integer', default: 1, minimum: 0, description: 'Seconds between attempts.' },
        timeout: { type: 'integer', default: 600, minimum: 0, description: 'Seconds to wait at most.' },
      },
    },
    returns: { elapsed: 'Seconds that it took.' },
    examples: ['- wait_for_connection:\n    delay: 10\n    timeout: 300'],
  },

  probe: async () => undefined,

  plan: () => ({ changes: [{ line: 'wait for a connection' }], unknowable: true }),

  async apply(args, _state, _plan, context): Promise<Outcome> {
    const startMs = context.nowMs();
    const result = () => ({ elapsed: Math.floor((context.nowMs() - startMs) / 1000) });
    const connectTimeoutMs = (args.connect_timeout ?? 5) * 1000;
    if ((args.delay ?? 0) > 0) await context.sleep((args.delay ?? 0) * 1000);
    await pollConnection(context, {
      timeoutMs: (args.timeout ?? 600) * 1000,
      connectTimeoutMs,
      sleepMs: (args.sleep ?? 1) * 1000,
      waitingFor: 'connection',
      result,
      look: async () => {
        const { exitCode, stderr } = await context.run('exit 0', { timeoutMs: connectTimeoutMs });
        if (exitCode !== 0) throw new ModuleError(`a script cannot be run: ${stderr.trim()}`);
      },
    });
    return { changed: false, result: result() };
  },
});
