import { ModuleError, TransportError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import { defineModule, type ModuleContext, type Outcome } from './contract.ts';
import { pollConnection } from './poll-connection.ts';

interface RebootArgs {
  readonly boot_time_command?: string;
  readonly connect_timeout?: number;
  readonly msg?: string;
  readonly post_reboot_delay?: number;
  readonly pre_reboot_delay?: number;
  readonly reboot_command?: string;
  readonly reboot_timeout?: number;
  readonly search_paths?: readonly string[];
  readonly test_command?: string;
}

const SEARCH_PATHS = ['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'];
/** Between attempts to reach a host that boots. */
const POLL_MS = 1000;

/**
 * Reboots the host and waits until it is back: over fresh connections, until what its boot leaves behind (an id, a time)
 * is another one, and then until the test command succeeds.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/reboot_module.html
 */
export const reboot = defineModule<RebootArgs, string>({
  spec: {
    name: 'reboot',
    namespace: 'ansible.builtin',
    summary: 'Reboot the host and wait until it is back',
    checkMode: 'full',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        boot_time_command: {
          type: 'string',
          default: 'cat /proc/sys/kernel/random/boot_id',
          description: 'Command whose output is another one after a boot.',
        },
        connect_timeout: {
          type: 'integer',
          minimum: 1,
          description: 'Seconds that connecting and the login may take, each; default: what holds for the host.',
        },
        msg: {
          type: 'string',
          default: 'Reboot initiated by fleetmend',
          description: 'What users of the host are told.',
        },
        post_reboot_delay: {
          type: 'integer',
          default: 0,
          minimum: 0,
          description: 'Seconds after the command before the first look whether the host is back.',
        },
        pre_reboot_delay: {
          type: 'integer',
          default: 0,
          minimum: 0,
          description: 'Seconds that `shutdown` is to wait, in whole minutes; less than 60 is none.',
        },
        reboot_command: {
          type: 'string',
          description:
            'Command that reboots the host, in place of `shutdown` (or `reboot`, where there is no `shutdown`).',
        },
        reboot_timeout: {
          type: 'integer',
          default: 600,
          minimum: 1,
          description: 'Seconds until the host must have booted, and again until the test command must succeed.',
        },
        search_paths: {
          type: 'array',
          items: { type: 'string' },
          default: SEARCH_PATHS,
          description: 'Where the command is looked for; absolute paths.',
        },
        test_command: {
          type: 'string',
          default: 'whoami',
          description: 'Command that succeeds when the host is ready for more tasks.',
        },
      },
    },
    returns: { rebooted: 'Whether the host was rebooted.', elapsed: 'Seconds that it took.' },
    examples: ['- reboot:', '- reboot:\n    reboot_timeout: 3600\n    test_command: systemctl is-system-running'],
  },

  async probe(args, context) {
    const { kind } = context.connection.target;
    if (kind !== 'ssh' && kind !== 'openssh') {
      throw new ModuleError(`a host is rebooted over SSH only, not over the connection '${kind}'`, {
        rebooted: false,
        elapsed: 0,
      });
    }
    return bootMark(args, context);
  },

  plan: () => ({ changes: [{ line: 'reboot the host' }], result: { rebooted: true, elapsed: 0 } }),

  async apply(args, markBefore, _plan, context): Promise<Outcome> {
    const startMs = context.nowMs();
    const timeoutMs = (args.reboot_timeout ?? 600) * 1000;
    const elapsed = () => Math.floor((context.nowMs() - startMs) / 1000);
    await sendReboot(args, context, timeoutMs, elapsed);
    if ((args.post_reboot_delay ?? 0) > 0) await context.sleep((args.post_reboot_delay ?? 0) * 1000);
    const common = {
      timeoutMs,
      connectTimeoutMs: args.connect_timeout === undefined ? undefined : args.connect_timeout * 1000,
      sleepMs: POLL_MS,
    };
    await pollConnection(context, {
      ...common,
      waitingFor: 'boot',
      result: () => ({ rebooted: false, elapsed: elapsed() }),
      look: async () => {
        const mark = await bootMark(args, context);
        if (mark === markBefore) throw new ModuleError(`the host did not boot: it still says '${markBefore}'`);
      },
    });
    await pollConnection(context, {
      ...common,
      waitingFor: 'success of the test command after the boot',
      result: () => ({ rebooted: true, elapsed: elapsed() }),
      look: async () => {
        const command = args.test_command ?? 'whoami';
        const { exitCode, stderr } = await context.run(command);
        if (exitCode !== 0) throw new ModuleError(`'${command}' ended with ${exitCode}: ${stderr.trim()}`);
      },
    });
    return { changed: true, result: { rebooted: true, elapsed: elapsed() } };
  },
});

async function bootMark(args: RebootArgs, context: ModuleContext): Promise<string> {
  const command = args.boot_time_command ?? 'cat /proc/sys/kernel/random/boot_id';
  const { exitCode, stdout, stderr } = await context.run(command);
  const mark = stdout.trim();
  if (exitCode === 0 && mark !== '') return mark;
  const said = exitCode === 0 ? 'it printed nothing' : stderr.trim();
  throw new ModuleError(`the boot time command '${command}' ended with ${exitCode}: ${said}`, {
    rebooted: false,
    elapsed: 0,
  });
}

// The host may go away before the command has ended, which is no failure; that the command could not do it is one.
async function sendReboot(
  args: RebootArgs,
  context: ModuleContext,
  timeoutMs: number,
  elapsed: () => number,
): Promise<void> {
  try {
    const { exitCode, stdout, stderr } = await context.run(rebootScript(args), { timeoutMs });
    // A signal ended it: the host goes down.
    if (exitCode === 0 || exitCode === null) return;
    const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
    const result = { rebooted: false, elapsed: elapsed(), rc: exitCode, stdout, stderr };
    throw new ModuleError(`the reboot command ended with ${exitCode}: ${said}`, result);
  } catch (error) {
    if (!(error instanceof TransportError) || error.code !== 'CONNECTION_LOST') throw error;
  }
}

function rebootScript(args: RebootArgs): string {
  const path = (args.search_paths ?? SEARCH_PATHS).join(':');
  const minutes = Math.floor((args.pre_reboot_delay ?? 0) / 60);
  const message = shellQuote(args.msg ?? 'Reboot initiated by fleetmend');
  const usual = [
    `if command -v shutdown >/dev/null 2>&1; then shutdown -r ${minutes === 0 ? 'now' : `+${minutes}`} ${message}`,
    `else sleep ${minutes * 60}; reboot`,
    'fi',
  ];
  // The end of the session must not end the command.
  return [
    "trap '' HUP",
    `PATH=${shellQuote(path)}:$PATH; export PATH`,
    ...(args.reboot_command?.split('\n') ?? usual),
  ].join('\n');
}
