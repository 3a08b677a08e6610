import { ModuleError } from '../errors.ts';
import { defineModule } from './contract.ts';

interface SetStatsArgs {
  readonly data: Readonly<Record<string, unknown>>;
  readonly per_host?: boolean;
  readonly aggregate?: boolean;
}

/**
 * Notes values for the end of the run: the recap and the JSON report show them.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/set_stats_module.html
 */
export const setStats = defineModule<SetStatsArgs, undefined>({
  spec: {
    name: 'set_stats',
    namespace: 'ansible.builtin',
    summary: 'Note values for the report of the run',
    runsOn: 'controller',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['data'],
      properties: {
        data: { type: 'object', description: 'Names and values.' },
        per_host: {
          type: 'boolean',
          default: false,
          description: 'Whether the values are those of the host and not of the whole run.',
        },
        aggregate: {
          type: 'boolean',
          default: true,
          description:
            'Whether a value is added to one that is there: numbers are summed, texts and lists joined, maps merged. One of another type is left as it is.',
        },
      },
    },
    returns: { ansible_stats: 'A map of `data`, `per_host` and `aggregate`.' },
    examples: ['- set_stats:\n    data:\n      freed_mib: "{{ (before.stdout | int) - (after.stdout | int) }}"'],
  },

  probe: async () => undefined,

  plan: ({ data }) => ({ changes: Object.keys(data).map((name) => ({ line: `note ${name}` })) }),

  async apply({ data, per_host = false, aggregate = true }, _state, _plan, context) {
    const wrong = Object.keys(data).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
    if (wrong !== undefined) {
      const msg = `expected names of letters, digits and underscores, no digit first, found '${wrong}'`;
      throw new ModuleError(msg, {}, { code: 'INVALID_ARGUMENT' });
    }
    context.wholeRun.addStats(data, { perHost: per_host, aggregate });
    return { changed: false, changes: [], result: { ansible_stats: { data, per_host, aggregate } } };
  },
});
