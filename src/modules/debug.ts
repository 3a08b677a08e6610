import { FleetmendError } from '../errors.ts';
import { defineModule, type ModuleContext } from './contract.ts';

interface DebugArgs {
  readonly msg?: unknown;
  readonly var?: unknown;
  readonly verbosity?: number;
}

/**
 * Shows a text or the value of an expression.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/debug_module.html
 */
export const debug = defineModule<DebugArgs, undefined>({
  spec: {
    name: 'debug',
    namespace: 'ansible.builtin',
    summary: 'Show a text or a variable',
    runsOn: 'controller',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        msg: {
          type: ['string', 'number', 'boolean', 'array', 'object', 'null'],
          description: 'What to show; `Hello world!` when neither `msg` nor `var` is given.',
        },
        var: { description: 'An expression, without braces, whose value is shown under its own text.' },
        verbosity: { type: 'integer', default: 0, description: 'Shown only from this many `-v` on.' },
      },
    },
    returns: { msg: 'The text.', 'name of `var`': 'The value.' },
    examples: ['- debug:\n    msg: "{{ inventory_hostname }} is up"', '- debug: var=result.stdout_lines'],
  },

  probe: async () => undefined,

  plan: () => ({ changes: [{ line: 'show' }] }),

  async apply(args, _state, _plan, context) {
    if (context.verbosity < (args.verbosity ?? 0)) {
      return { changed: false, skipped: true, result: { skipped_reason: 'Verbosity threshold not met.' } };
    }
    return { changed: false, result: shown(args, context) };
  },
});

function shown(args: DebugArgs, context: ModuleContext): Readonly<Record<string, unknown>> {
  if (args.var === undefined) return { msg: args.msg === undefined ? 'Hello world!' : args.msg };
  if (typeof args.var !== 'string') return { [typeName(args.var)]: args.var };
  try {
    return { [args.var]: context.evaluate(args.var, 'var') };
  } catch (error) {
    if (!(error instanceof FleetmendError) || error.code !== 'TEMPLATE_UNDEFINED') throw error;
    return { [args.var]: 'VARIABLE IS NOT DEFINED!' };
  }
}

// A list or dict given as `var` is shown under the name of its type, as Ansible does.
function typeName(value: unknown): string {
  if (Array.isArray(value)) return "<class 'list'>";
  return typeof value === 'object' ? "<class 'dict'>" : String(value);
}
