import { shellQuote } from '../util/shell-quote.ts';
import { commandOutcome } from './command-result.ts';
import { defineModule } from './contract.ts';

interface RawArgs {
  readonly cmd: string;
  readonly executable?: string;
}

/**
 * Hands a line to the login shell of the host as it is: for hosts without a POSIX `sh`, or to put one there.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/raw_module.html
 */
export const raw = defineModule<RawArgs, undefined>({
  spec: {
    name: 'raw',
    namespace: 'ansible.builtin',
    summary: 'Hand a line to the login shell as it is',
    freeForm: 'cmd',
    checkMode: 'skip',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['cmd'],
      properties: {
        cmd: { type: 'string', aliases: ['_raw_params', 'free_form'], description: 'The line for the login shell.' },
        executable: { type: 'string', description: 'A shell to run the line with, by absolute path.' },
      },
    },
    returns: {
      rc: 'Exit status.',
      stdout: 'Standard output.',
      stdout_lines: 'Lines of `stdout`.',
      stderr: 'Standard error.',
      stderr_lines: 'Lines of `stderr`.',
      msg: 'Why it failed.',
    },
    examples: ['- raw: cat /etc/version'],
  },

  async probe() {
    return undefined;
  },

  plan: (args) => ({ changes: [{ line: `run: ${args.cmd}` }], unknowable: true }),

  async apply(args, _state, _plan, context) {
    const line = args.executable === undefined ? args.cmd : `${args.executable} -c ${shellQuote(args.cmd)}`;
    return commandOutcome(await context.run(line, { raw: true }), { stripEmptyEnds: false });
  },
});
