import { ModuleError } from '../errors.ts';
import { defineModule } from './contract.ts';

interface FailArgs {
  readonly msg?: unknown;
}

/**
 * Fails the host with a message.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/fail_module.html
 */
export const fail = defineModule<FailArgs, undefined>({
  spec: {
    name: 'fail',
    namespace: 'ansible.builtin',
    summary: 'Fail with a message',
    runsOn: 'controller',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: { msg: { description: 'Why it fails; a general text when it is left out.' } },
    },
    returns: { msg: 'Why it failed.' },
    examples: ['- fail:\n    msg: not enough room\n  when: disk_free_gb < 5'],
  },

  probe: async () => undefined,

  plan: () => ({ changes: [{ line: 'fail' }] }),

  async apply(args) {
    const msg = args.msg ?? 'Failed as requested from task';
    throw new ModuleError(typeof msg === 'string' ? msg : JSON.stringify(msg), { msg });
  },
});
