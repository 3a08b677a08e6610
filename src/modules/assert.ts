import { ModuleError } from '../errors.ts';
import { truthy } from '../template/values/truth.ts';
import { defineModule } from './contract.ts';

interface AssertArgs {
  readonly that: unknown;
  readonly fail_msg?: unknown;
  readonly success_msg?: unknown;
  readonly quiet?: boolean;
}

/**
 * Fails the host unless all expressions hold.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/assert_module.html
 */
export const assert = defineModule<AssertArgs, undefined>({
  spec: {
    name: 'assert',
    namespace: 'ansible.builtin',
    summary: 'Fail unless expressions hold',
    runsOn: 'controller',
    checkMode: 'none',
    conditions: ['that'],
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['that'],
      properties: {
        that: { description: 'An expression, as in `when`, or a list of them.' },
        fail_msg: { aliases: ['msg'], description: 'What to say when one does not hold: a text or a list of texts.' },
        success_msg: { description: 'What to say when all hold: a text or a list of texts.' },
        quiet: { type: 'boolean', default: false, description: 'Whether to leave out the message of success.' },
      },
    },
    returns: {
      msg: 'What was said.',
      assertion: 'The expression that does not hold.',
      evaluated_to: 'Its value, false.',
    },
    examples: [
      '- assert:\n    that:\n      - disk_free_gb > 5\n      - "\'db\' not in group_names"\n    fail_msg: not here',
    ],
  },

  probe: async () => undefined,

  plan: () => ({ changes: [{ line: 'evaluate' }] }),

  async apply(args, _state, _plan, context) {
    for (const assertion of Array.isArray(args.that) ? args.that : [args.that]) {
      if (typeof assertion === 'string' ? context.holds(assertion, 'that') : truthy(assertion)) continue;
      const msg = args.fail_msg ?? 'Assertion failed';
      throw new ModuleError(
        text(msg),
        { assertion, evaluated_to: false, msg },
        context.placeOf(String(assertion), 'that'),
      );
    }
    return { changed: false, result: args.quiet === true ? {} : { msg: args.success_msg ?? 'All assertions passed' } };
  },
});

function text(message: unknown): string {
  return Array.isArray(message) ? message.join('\n') : String(message);
}
