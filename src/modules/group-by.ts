import { defineModule } from './contract.ts';

interface GroupByArgs {
  readonly key: string;
  readonly parents?: readonly unknown[];
}

/**
 * Puts the host into a group that is named by its variables.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/group_by_module.html
 */
export const groupBy = defineModule<GroupByArgs, undefined>({
  spec: {
    name: 'group_by',
    namespace: 'ansible.builtin',
    summary: 'Put the host into a group that is made for this run',
    runsOn: 'controller',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['key'],
      properties: {
        key: { type: 'string', description: 'Name of the group; spaces become `-`.' },
        parents: {
          type: 'array',
          items: { type: 'string' },
          default: ['all'],
          description: 'Groups that it is a child of.',
        },
      },
    },
    returns: { add_group: 'Name of the group.', parent_groups: 'Its parents.' },
    examples: ['- group_by:\n    key: os_{{ ansible_facts.distribution | lower }}'],
  },

  probe: async () => undefined,

  plan: ({ key }) => ({ changes: [{ line: `join group ${key}` }] }),

  async apply({ key, parents = ['all'] }, _state, _plan, context) {
    const group = key.replaceAll(' ', '-');
    const parentGroups = parents.map((each) => String(each).replaceAll(' ', '-'));
    const changed = context.wholeRun.joinGroup(group, parentGroups);
    return { changed, ...(changed ? {} : { changes: [] }), result: { add_group: group, parent_groups: parentGroups } };
  },
});
