import { ModuleError } from '../errors.ts';
import { parseHostWord } from '../inventory/host-word.ts';
import { defineModule } from './contract.ts';

interface AddHostArgs {
  readonly name: unknown;
  readonly groups?: readonly unknown[];
  readonly [variable: string]: unknown;
}

/**
 * Adds a host to the inventory of the running run; done once, on the first host of the batch.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/add_host_module.html
 */
export const addHost = defineModule<AddHostArgs, undefined>({
  spec: {
    name: 'add_host',
    namespace: 'ansible.builtin',
    summary: 'Add a host to the inventory of this run',
    runsOn: 'controller',
    runOnce: true,
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: true,
      required: ['name'],
      properties: {
        name: {
          type: 'string',
          aliases: ['host', 'hostname'],
          description: 'Name of the host, with `:PORT` where it has one. All other arguments are its variables.',
        },
        groups: {
          type: 'array',
          items: { type: 'string' },
          aliases: ['group', 'groupname'],
          description: 'Groups that it is put in; they are made when they do not exist.',
        },
      },
    },
    returns: { add_host: 'A map of `host_name`, `groups` and `host_vars`.' },
    examples: ['- add_host:\n    name: "{{ new.address }}"\n    groups: [fresh, web]\n    ansible_user: admin'],
  },

  probe: async () => undefined,

  plan: ({ name }) => ({ changes: [{ line: `add host ${String(name)}` }] }),

  async apply({ name, groups, ...variables }, _state, _plan, context) {
    const word = parseHostWord(String(name).trim());
    const hostName = 'names' in word && word.names.length === 1 ? word.names[0] : undefined;
    if (hostName === undefined || hostName === '') {
      throw new ModuleError(`expected the name of one host, found '${String(name)}'`, {}, { code: 'INVALID_ARGUMENT' });
    }
    const port = 'port' in word && word.port !== undefined ? { ansible_ssh_port: word.port } : {};
    const vars = { ...variables, ...port };
    const groupNames = (groups ?? []).map((each) => String(each).trim()).filter((each) => each !== '');
    const changed = context.wholeRun.addHost(hostName, groupNames, vars);
    return {
      changed,
      ...(changed ? {} : { changes: [] }),
      result: { add_host: { host_name: hostName, groups: groupNames, host_vars: vars } },
    };
  },
});
