import { ModuleError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import { defineModule } from './contract.ts';
import { runScript } from './run-script.ts';

interface PingArgs {
  readonly data?: string;
}

/**
 * Runs a script on the host, to show that a task can.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ping_module.html
 */
export const ping = defineModule<PingArgs, string>({
  spec: {
    name: 'ping',
    namespace: 'ansible.builtin',
    summary: 'Run a script on the host and bring back its answer',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        data: { type: 'string', default: 'pong', description: 'What the host is to answer; `crash` makes it fail.' },
      },
    },
    returns: { ping: 'The answer of the host.' },
    examples: ['- ping:'],
  },

  async probe(args, context) {
    const data = args.data ?? 'pong';
    if (data === 'crash') throw new ModuleError("crashed as asked by 'data: crash'");
    const { stdout } = await runScript(context, 'run a script', `printf '%s\\n' ${shellQuote(data)}`);
    if (stdout !== `${data}\n`) {
      throw new ModuleError(`expected the host to answer '${data}', it answered '${stdout.trimEnd()}'`, { stdout });
    }
    return data;
  },

  plan: (_args, answer) => ({ changes: [], result: { ping: answer } }),

  apply: async (_args, answer) => ({ changed: false, result: { ping: answer } }),
});
