import { basename } from 'node:path';
import { ModuleError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import { splitWords } from '../util/split-words.ts';
import { runAsync } from './async-job.ts';
import { commandOutcome } from './command-result.ts';
import { defineModule, type Outcome } from './contract.ts';
import { CREATES_ARGS, type CreatesArgs, type CreatesState, probeCreates, reasonNotToRun } from './creates.ts';
import { hostWord } from './host-word.ts';
import { findLocal, readContent, readOpened } from './local-files.ts';

interface ScriptArgs extends CreatesArgs {
  readonly cmd: string;
  readonly executable?: string;
  readonly decrypt?: boolean;
}

interface ScriptState extends CreatesState {
  readonly localPath: string;
}

/**
 * Runs a file of the controller on the host. It is sent as the script's stdin, run from a temporary directory and
 * removed, all in one round trip.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/script_module.html
 */
export const script = defineModule<ScriptArgs, ScriptState>({
  spec: {
    name: 'script',
    namespace: 'ansible.builtin',
    summary: 'Run a file of the controller on the host',
    freeForm: 'cmd',
    checkMode: 'skip',
    async: true,
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['cmd'],
      properties: {
        cmd: {
          type: 'string',
          aliases: ['_raw_params', 'free_form'],
          description: 'Path of the file, then arguments; these are read by the shell of the host.',
        },
        chdir: { type: 'string', description: 'Directory on the host to change into first.' },
        ...CREATES_ARGS,
        executable: {
          type: 'string',
          description: 'Program of the host that runs the file, with its options; default: its `#!` line.',
        },
        decrypt: {
          type: 'boolean',
          default: true,
          description: 'Whether a file that ansible-vault encrypted is decrypted first.',
        },
      },
    },
    returns: {
      rc: 'Exit status.',
      stdout: 'Standard output.',
      stdout_lines: 'Lines of `stdout`.',
      stderr: 'Standard error.',
      stderr_lines: 'Lines of `stderr`.',
      msg: 'Why it failed or was skipped.',
    },
    examples: [
      '- script: repair.sh --all\n  args:\n    creates: /var/lib/repaired',
      '- script: report.py\n  args:\n    executable: python3',
    ],
  },

  async probe(args, context) {
    const localPath = await findLocal(splitScript(args.cmd).path, context.searchPaths);
    return { localPath, ...(await probeCreates(args, context)) };
  },

  plan(args, state) {
    const reason = reasonNotToRun(args, state);
    return { changes: [{ line: reason === undefined ? `run: ${args.cmd}` : `skip: ${reason}` }], unknowable: true };
  },

  async apply(args, state, _plan, context): Promise<Outcome> {
    const reason = reasonNotToRun(args, state);
    if (reason !== undefined) return { changed: false, skipped: true, result: { msg: `skipped, since ${reason}` } };
    const content =
      args.decrypt === false
        ? await readContent(state.localPath)
        : (await readOpened(state.localPath, context.openVaultFile)).content;
    const script = runnerScript(args, basename(state.localPath));
    if (context.job !== undefined) {
      return await runAsync({ script, stdin: content, cmd: args.cmd, stripEmptyEnds: false }, context.job, context);
    }
    const exec = await context.run(script, { stdin: content });
    return commandOutcome(exec, { stripEmptyEnds: false });
  },
});

function splitScript(cmd: string): { readonly path: string; readonly rest: string } {
  const words = splitWords(cmd);
  const first = typeof words === 'string' ? undefined : words[0];
  if (first === undefined) {
    const problem = typeof words === 'string' ? words : 'no file is named';
    throw new ModuleError(
      `cannot find the file in the command line: ${problem} in: ${cmd}`,
      {},
      { code: 'INVALID_ARGUMENT' },
    );
  }
  return { path: first.text, rest: cmd.slice(first.endOffset) };
}

// Where /tmp forbids programs (mounted noexec, so that `test -x` denies it), the next place is taken.
function runnerScript(args: ScriptArgs, name: string): string {
  const { rest } = splitScript(args.cmd);
  const start = args.executable === undefined ? '"$f"' : `${args.executable} "$f"`;
  return `for base in "\${TMPDIR:-/tmp}" "$HOME" /var/tmp; do
  d=$(umask 077; mktemp -d -- "$base/fleetmend.XXXXXX" 2>/dev/null) || continue
  f=$d/${shellQuote(name)}
  : >"$f" && chmod 700 -- "$f" && [ -x "$f" ] && break
  rm -rf -- "$d"
  d=
done
if [ -z "$d" ]; then echo 'no directory for temporary files that allows programs' >&2; exit 1; fi
trap 'rm -rf -- "$d"' EXIT
trap 'exit 143' HUP INT PIPE TERM
cat >"$f" || exit
${args.chdir === undefined ? '' : `cd -- ${hostWord(args.chdir)} || exit\n`}${start}${rest} </dev/null
`;
}
