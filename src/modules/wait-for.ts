import { ModuleError } from '../errors.ts';
import { defineModule, type ModuleContext, type Outcome } from './contract.ts';
import { type PythonPattern, pythonPattern } from './python-pattern.ts';
import { checkPath, checkPort, type Finding } from './wait-for-checks.ts';

export interface WaitForArgs {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly search_regex?: string;
  readonly state?: 'started' | 'present' | 'stopped' | 'absent' | 'drained';
  readonly timeout?: number;
  readonly delay?: number;
  readonly sleep?: number;
  readonly connect_timeout?: number;
  readonly msg?: string;
}

/**
 * Waits on the host until a port is open, closed or drained, a file is there, gone, or holds a text. Each look is one
 * short script, so that a deadline or an interrupt ends the wait at once and leaves nothing behind.
 *
 * A port of the host itself is looked up in the kernel's table of listening sockets (`/proc/net/tcp`), another host's is
 * connected to, with `nc` or bash, whichever the host has.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/wait_for_module.html
 */
export const waitFor = defineModule<WaitForArgs, undefined>({
  spec: {
    name: 'wait_for',
    namespace: 'ansible.builtin',
    summary: 'Wait for a port, a file or some time',
    checkMode: 'skip',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        host: {
          type: 'string',
          default: '127.0.0.1',
          description: 'Name or address, as seen from the host, whose port is looked at.',
        },
        port: { type: 'integer', description: 'Number of the TCP port.' },
        path: { type: 'string', description: 'Path on the host, instead of a port.' },
        search_regex: {
          type: 'string',
          description:
            'Regular expression that the last MiB of the file, or what the port sends, must match; `^` and `$` match at lines.',
        },
        state: {
          type: 'string',
          enum: ['absent', 'drained', 'present', 'started', 'stopped'],
          default: 'started',
          description:
            '`started` or `present`: open, there; `stopped` or `absent`: closed, gone; `drained`: no connection to the port is left.',
        },
        timeout: {
          type: 'integer',
          default: 300,
          description: 'Seconds to wait at most; also how long it waits when there is nothing to look at.',
        },
        delay: { type: 'integer', default: 0, description: 'Seconds before the first look.' },
        sleep: { type: 'integer', default: 1, description: 'Seconds between looks.' },
        connect_timeout: { type: 'integer', default: 5, description: 'Seconds that one connection may take.' },
        msg: { type: 'string', description: 'What to say when the time is over.' },
      },
    },
    returns: {
      elapsed: 'Seconds that it took.',
      state: 'What was waited for.',
      match_groups: 'Groups of `search_regex` that matched.',
      match_groupdict: 'Named groups of `search_regex`.',
    },
    examples: [
      '- wait_for: port=8080 timeout=60',
      '- wait_for:\n    path: /var/log/app.log\n    search_regex: ready in (\\d+) ms',
    ],
  },

  probe: async () => undefined,

  plan(args) {
    if (args.port !== undefined && args.path !== undefined) {
      throw invalid('port and path parameter can not both be passed to wait_for');
    }
    if (args.state === 'drained' && args.port === undefined) throw invalid("state 'drained' needs a port");
    return { changes: [{ line: `wait for ${describe(args)}` }], unknowable: true };
  },

  async apply(args, _state, _plan, context): Promise<Outcome> {
    const startMs = context.nowMs();
    const elapsed = () => Math.floor((context.nowMs() - startMs) / 1000);
    const timeoutSeconds = args.timeout ?? 300;
    const regex =
      args.search_regex === undefined
        ? undefined
        : pythonPattern('search_regex', args.search_regex, { multiline: true });
    if ((args.delay ?? 0) > 0) await context.sleep((args.delay ?? 0) * 1000);
    if (args.port === undefined && args.path === undefined) {
      await context.sleep(Math.max(0, startMs + timeoutSeconds * 1000 - context.nowMs()));
      return { changed: false, result: resultOf(args, elapsed(), {}) };
    }
    // The first look is made whatever the timeout is.
    for (;;) {
      const finding = await look(args, regex, context);
      if (finding.holds) return { changed: false, result: resultOf(args, elapsed(), finding) };
      const leftMs = startMs + timeoutSeconds * 1000 - context.nowMs();
      if (leftMs <= 0) break;
      await context.sleep(Math.min((args.sleep ?? 1) * 1000, leftMs));
    }
    throw new ModuleError(args.msg ?? `Timeout when waiting for ${describe(args)}`, { elapsed: elapsed() });
  },
});

function look(args: WaitForArgs, regex: PythonPattern | undefined, context: ModuleContext): Promise<Finding> {
  const { path, port } = args;
  if (path !== undefined) return checkPath({ ...args, path }, regex, context);
  return checkPort({ ...args, port: port ?? 0 }, regex, context);
}

function describe(args: WaitForArgs): string {
  const what = args.path ?? (args.port === undefined ? 'the time to pass' : `${args.host ?? '127.0.0.1'}:${args.port}`);
  const gone =
    args.state === 'stopped' || args.state === 'absent' ? ' to be gone' : args.state === 'drained' ? ' to drain' : '';
  if (args.search_regex === undefined) return `${what}${gone}`;
  return args.path === undefined
    ? `search string ${args.search_regex} in ${what}`
    : `search string ${args.search_regex} in ${args.path}${gone}`;
}

function resultOf(args: WaitForArgs, elapsed: number, finding: Partial<Finding>): Readonly<Record<string, unknown>> {
  return {
    elapsed,
    state: args.state ?? 'started',
    port: args.port ?? null,
    path: args.path ?? null,
    search_regex: args.search_regex ?? null,
    match_groups: finding.groups ?? [],
    match_groupdict: finding.groupDict ?? {},
  };
}

function invalid(msg: string): ModuleError {
  return new ModuleError(msg, { elapsed: 0 }, { code: 'INVALID_ARGUMENT' });
}
