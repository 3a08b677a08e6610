/** `creates` and `removes`: whether a command that says what it makes or takes away still has to run. */
import type { ArgSchema, ModuleContext, Plan } from './contract.ts';
import { hostGlob, hostWord } from './host-word.ts';
import { runScript } from './run-script.ts';

/** The arguments that decide. `chdir` is where relative patterns are looked for. */
export interface CreatesArgs {
  readonly creates?: string;
  readonly removes?: string;
  readonly chdir?: string;
}

/** What the host said; undefined: was not asked. */
export interface CreatesState {
  readonly createsExists?: boolean;
  readonly removesExists?: boolean;
}

export const CREATES_ARGS = {
  creates: { type: 'string', description: 'A path or glob on the host; when it exists, nothing is run.' },
  removes: { type: 'string', description: 'A path or glob on the host; when it does not exist, nothing is run.' },
} as const satisfies Readonly<Record<string, ArgSchema>>;

/** Looks for both patterns in one script; costs no round trip when neither is given. */
export async function probeCreates(args: CreatesArgs, context: ModuleContext): Promise<CreatesState> {
  if (args.creates === undefined && args.removes === undefined) return {};
  const chdir = args.chdir === undefined ? '' : `cd -- ${hostWord(args.chdir)} 2>/dev/null || :\n`;
  const test = (name: string, pattern: string | undefined) =>
    pattern === undefined
      ? ''
      : `found=no\nfor f in ${hostGlob(pattern)}; do if [ -e "$f" ] || [ -L "$f" ]; then found=yes; break; fi; done\necho ${name}=$found\n`;
  const script = `${chdir}${test('creates', args.creates)}${test('removes', args.removes)}`;
  const { stdout } = await runScript(context, 'look for what the task creates or removes', script);
  return {
    ...(args.creates === undefined ? {} : { createsExists: stdout.includes('creates=yes') }),
    ...(args.removes === undefined ? {} : { removesExists: stdout.includes('removes=yes') }),
  };
}

/** Why nothing has to be run, in Ansible's words, or undefined when it has to. */
export function reasonNotToRun(args: CreatesArgs, state: CreatesState): string | undefined {
  if (state.createsExists === true) return `'${args.creates}' exists`;
  if (state.removesExists === false) return `'${args.removes}' does not exist`;
  return undefined;
}

/** The plan of a command that is run unless `creates` or `removes` say otherwise; check mode knows only what these say. */
export function planUnlessCreated(line: string, args: CreatesArgs, state: CreatesState): Plan | undefined {
  if (reasonNotToRun(args, state) !== undefined) return undefined;
  const decided = args.creates !== undefined || args.removes !== undefined;
  return {
    changes: [{ line }],
    unknowable: !decided,
    result: { rc: 0, msg: 'Command would have run if not in check mode' },
  };
}
