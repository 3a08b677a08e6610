import { ModuleError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import { defineModule, type Outcome } from './contract.ts';
import { type CreatesState, probeCreates } from './creates.ts';
import { hostWord } from './host-word.ts';
import { plainCommand } from './plain-command.ts';
import { planCommand, RUN_COMMAND_ARGS, RUN_COMMAND_RETURNS, type RunCommandArgs, runCommand } from './run-command.ts';

interface ShellArgs extends RunCommandArgs {
  readonly cmd?: string;
  readonly executable?: string;
}

const DEFAULT_SHELL = '/bin/sh';

/**
 * Runs a text in a shell of its own, `/bin/sh -c` unless `executable` names another. A plain command is run without it.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/shell_module.html
 */
export const shell = defineModule<ShellArgs, CreatesState>({
  spec: {
    name: 'shell',
    namespace: 'ansible.builtin',
    summary: 'Run a text in a shell',
    freeForm: 'cmd',
    checkMode: 'skip',
    async: true,
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        cmd: {
          type: 'string',
          aliases: ['_raw_params'],
          description:
            'What the shell is to run; a plain command, with nothing in it for a shell, is started without it.',
        },
        ...RUN_COMMAND_ARGS,
        executable: { type: 'string', default: DEFAULT_SHELL, description: 'Path of the shell on the host.' },
      },
    },
    returns: RUN_COMMAND_RETURNS,
    examples: [
      '- shell: df -h / | tail -1',
      '- shell:\n    cmd: set -o pipefail; zcat dump.gz | psql app\n    executable: /bin/bash\n    chdir: /srv',
    ],
  },

  async probe(args, context) {
    shellText(args);
    return probeCreates(args, context);
  },

  plan: (args, state) => planCommand(shellText(args), args, state),

  async apply(args, _state, _plan, context): Promise<Outcome> {
    const cmd = shellText(args);
    const executable = args.executable ?? DEFAULT_SHELL;
    const plain = executable === DEFAULT_SHELL ? plainCommand(cmd) : undefined;
    // A shell of its own: `$$`, `$0`, traps and options are the user's, not those of the script around it.
    const line = plain ?? `exec ${hostWord(executable)} -c ${shellQuote(cmd)}`;
    return (await runCommand(line, cmd, args, context)).outcome;
  },
});

function shellText(args: ShellArgs): string {
  if (args.cmd === undefined || args.cmd.trim() === '') {
    throw new ModuleError('no command given', { rc: 256 }, { code: 'INVALID_ARGUMENT' });
  }
  return args.cmd;
}
