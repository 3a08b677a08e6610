import { ModuleError } from '../errors.ts';
import { defineModule } from './contract.ts';
import { formatTimestamp } from './timing.ts';

interface PauseArgs {
  readonly seconds?: number;
  readonly minutes?: number;
  readonly prompt?: string;
  readonly echo?: boolean;
}

/**
 * Waits some time, or for a line from the person at the terminal; once for all hosts.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/pause_module.html
 */
export const pause = defineModule<PauseArgs, undefined>({
  spec: {
    name: 'pause',
    namespace: 'ansible.builtin',
    summary: 'Wait for some time or for the person at the terminal',
    runsOn: 'controller',
    runOnce: true,
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        seconds: { type: 'number', description: 'How many seconds to wait; at least 1.' },
        minutes: { type: 'number', description: 'How many minutes to wait.' },
        prompt: { type: 'string', description: 'What to ask; without a time it waits for the answer.' },
        echo: { type: 'boolean', default: true, description: 'Whether the answer is shown while it is typed.' },
      },
    },
    returns: {
      user_input: 'The answer; empty when none was asked for.',
      start: 'When the pause began, local time of the controller.',
      stop: 'When it ended.',
      delta: 'How many whole seconds it took.',
      stdout: 'How long it was, in words.',
      echo: 'Whether the answer was shown.',
    },
    examples: ['- pause: seconds=30', '- pause:\n    prompt: Is the load balancer drained? Enter goes on, Ctrl-C ends'],
  },

  probe: async () => undefined,

  plan: (args) => ({ changes: [{ line: `pause${describeWait(args)}` }] }),

  async apply(args, _state, _plan, context) {
    if (args.seconds !== undefined && args.minutes !== undefined) {
      throw new ModuleError("expected 'seconds' or 'minutes', found both", {}, { code: 'INVALID_ARGUMENT' });
    }
    const echo = args.echo !== false;
    const waitSeconds = secondsOf(args);
    const startMs = context.nowMs();
    let userInput = '';
    if (waitSeconds === undefined) {
      userInput = await context.prompt(args.prompt ?? 'Press enter to continue, Ctrl+C to interrupt', { echo });
    } else {
      await context.sleep(waitSeconds * 1000);
    }
    const stopMs = context.nowMs();
    const byMinutes = args.minutes !== undefined;
    const spent = Math.round(((stopMs - startMs) / (byMinutes ? 60_000 : 1000)) * 100) / 100;
    const stdout = `Paused for ${Number.isInteger(spent) ? spent.toFixed(1) : spent} ${byMinutes ? 'minutes' : 'seconds'}`;
    return {
      changed: false,
      result: {
        rc: 0,
        stdout,
        stderr: '',
        start: formatTimestamp(startMs),
        stop: formatTimestamp(stopMs),
        delta: Math.floor((stopMs - startMs) / 1000),
        echo,
        user_input: userInput,
      },
    };
  },
});

// As in Ansible, less than a second is one second.
function secondsOf(args: PauseArgs): number | undefined {
  if (args.minutes !== undefined) return Math.max(1, args.minutes * 60);
  return args.seconds === undefined ? undefined : Math.max(1, args.seconds);
}

function describeWait(args: PauseArgs): string {
  const seconds = secondsOf(args);
  return seconds === undefined ? ' until the person at the terminal goes on' : ` for ${seconds} s`;
}
