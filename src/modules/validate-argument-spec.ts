import { ModuleError } from '../errors.ts';
import { checkArgumentSpec } from './argument-spec.ts';
import { defineModule } from './contract.ts';

interface SpecArgs {
  readonly argument_spec: Readonly<Record<string, unknown>>;
  readonly provided_arguments?: Readonly<Record<string, unknown>>;
  readonly validate_args_context?: Readonly<Record<string, unknown>>;
}

/**
 * Checks variables against an argument specification.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/validate_argument_spec_module.html
 */
export const validateArgumentSpec = defineModule<SpecArgs, undefined>({
  spec: {
    name: 'validate_argument_spec',
    namespace: 'ansible.builtin',
    summary: 'Check variables against an argument specification',
    runsOn: 'controller',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['argument_spec'],
      properties: {
        argument_spec: { type: 'object', description: 'Options by name, as in `meta/argument_specs.yml`.' },
        provided_arguments: { type: 'object', default: {}, description: 'Values that beat the variables of the host.' },
        validate_args_context: { type: 'object', default: {}, description: 'What is checked, for messages.' },
      },
    },
    returns: {
      msg: 'What was found.',
      argument_errors: 'Everything that is wrong.',
      validate_args_context: 'What was checked.',
    },
    examples: [
      '- validate_argument_spec:\n    argument_spec:\n      port: {type: int, required: true}\n    provided_arguments:\n      port: 80',
    ],
  },

  probe: async () => undefined,

  plan: () => ({ changes: [{ line: 'check' }] }),

  async apply(args, _state, _plan, context) {
    const values: Record<string, unknown> = {};
    for (const name of Object.keys(args.argument_spec)) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
      if (context.evaluate(`${name} is defined`) === true) values[name] = context.evaluate(name);
    }
    const errors = checkArgumentSpec(args.argument_spec, { ...values, ...args.provided_arguments });
    const common = { validate_args_context: args.validate_args_context };
    if (errors.length === 0) return { changed: false, result: { ...common, msg: 'The arg spec validation passed' } };
    throw new ModuleError(`Validation of arguments failed:\n${errors.join('\n')}`, {
      ...common,
      argument_errors: errors,
      argument_spec_data: args.argument_spec,
    });
  },
});
