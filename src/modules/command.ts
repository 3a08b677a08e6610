import { ModuleError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import { splitWords } from '../util/split-words.ts';
import { defineModule, type ModuleContext, type Outcome } from './contract.ts';
import { type CreatesState, probeCreates } from './creates.ts';
import { hostWord } from './host-word.ts';
import { planCommand, RUN_COMMAND_ARGS, RUN_COMMAND_RETURNS, type RunCommandArgs, runCommand } from './run-command.ts';

interface CommandArgs extends RunCommandArgs {
  readonly cmd?: string;
  readonly argv?: readonly unknown[];
  readonly expand_argument_vars?: boolean;
}

/**
 * Runs a program without a shell: no pipes, no globs, no redirections; `~` and `$NAME` are expanded in each word.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/command_module.html
 */
export const command = defineModule<CommandArgs, CreatesState>({
  spec: {
    name: 'command',
    namespace: 'ansible.builtin',
    summary: 'Run a program, without a shell',
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
          description: 'The command line; quotes group words, nothing else of a shell is understood.',
        },
        argv: { type: 'array', items: {}, description: 'The words of the command instead of a line.' },
        ...RUN_COMMAND_ARGS,
        expand_argument_vars: {
          type: 'boolean',
          default: true,
          description: 'Whether variables (`$NAME`) and a leading `~` are expanded, on the host, in each word.',
        },
      },
    },
    returns: RUN_COMMAND_RETURNS,
    examples: [
      '- command: uptime',
      '- command:\n    cmd: tar -xf /tmp/app.tar\n    chdir: /srv/app\n    creates: /srv/app/bin',
    ],
  },

  async probe(args, context) {
    commandWords(args); // refuses a wrong command before the host is asked anything
    return probeCreates(args, context);
  },

  plan: (args, state) => planCommand(commandWords(args), args, state),

  async apply(args, _state, _plan, context): Promise<Outcome> {
    const words = commandWords(args);
    const quote = args.expand_argument_vars === false ? shellQuote : hostWord;
    const { exec, outcome } = await runCommand(`exec ${words.map(quote).join(' ')}`, words, args, context);
    // A shell says 126 or 127 when it could not start the program, but so may the program; only then it is worth a look.
    if ((exec?.exitCode === 126 || exec?.exitCode === 127) && (await isMissing(quote(words[0] ?? ''), args, context))) {
      const msg = `[Errno 2] No such file or directory: '${words[0]}'`;
      return { changed: false, failed: true, result: { ...outcome.result, rc: 2, msg, stderr: '', stderr_lines: [] } };
    }
    return outcome;
  },
});

function commandWords(args: CommandArgs): readonly string[] {
  if (args.cmd !== undefined && args.argv !== undefined) {
    throw new ModuleError("expected 'cmd' or 'argv', found both", { rc: 256 }, { code: 'INVALID_ARGUMENT' });
  }
  const words = args.argv?.map(String) ?? wordsOfLine(args.cmd ?? '');
  if (words.length === 0 || words[0] === '') {
    throw new ModuleError('no command given', { rc: 256 }, { code: 'INVALID_ARGUMENT' });
  }
  return words;
}

function wordsOfLine(line: string): readonly string[] {
  const words = splitWords(line);
  if (typeof words === 'string') {
    throw new ModuleError(
      `cannot split the command into words: ${words} in: ${line}`,
      {},
      { code: 'INVALID_ARGUMENT' },
    );
  }
  return words.map((word) => word.text);
}

// Whether no executable file answers to the name; builtins of the shell do not count.
async function isMissing(quotedName: string, args: CommandArgs, context: ModuleContext): Promise<boolean> {
  const chdir = args.chdir === undefined ? '' : `cd -- ${hostWord(args.chdir)} || exit 0\n`;
  const { exitCode } = await context.run(`${chdir}name=${quotedName}
case $name in
  */*) [ -f "$name" ] && [ -x "$name" ]; exit ;;
esac
IFS=:
set -f
for directory in $PATH; do
  [ -f "\${directory:-.}/$name" ] && [ -x "\${directory:-.}/$name" ] && exit 0
done
exit 1
`);
  return exitCode !== 0;
}
