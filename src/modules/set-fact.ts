import { ModuleError } from '../errors.ts';
import { defineModule } from './contract.ts';

interface SetFactArgs {
  readonly cacheable?: boolean;
  readonly [name: string]: unknown;
}

/**
 * Sets variables on the host, for the rest of the run.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/set_fact_module.html
 */
export const setFact = defineModule<SetFactArgs, undefined>({
  spec: {
    name: 'set_fact',
    namespace: 'ansible.builtin',
    summary: 'Set variables on the host',
    runsOn: 'controller',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: true,
      properties: {
        cacheable: {
          type: 'boolean',
          default: false,
          description:
            'Whether they are facts too: in `ansible_facts`, and kept for later runs where `fact_caching` says so, with the precedence of facts there.',
        },
      },
    },
    returns: { ansible_facts: 'The variables that were set.' },
    examples: ['- set_fact:\n    release: "{{ stamp.stdout }}"\n    keep: 3'],
  },

  probe: async () => undefined,

  plan: (args) => ({ changes: namesOf(args).map((name) => ({ line: `set ${name}` })) }),

  async apply(args) {
    const facts = Object.fromEntries(namesOf(args).map((name) => [name, booleanOrSame(args[name])]));
    return { changed: false, facts, factsCacheable: args.cacheable === true, result: { ansible_facts: facts } };
  },
});

function namesOf(args: SetFactArgs): readonly string[] {
  const names = Object.keys(args).filter((name) => name !== 'cacheable');
  if (names.length === 0) {
    throw new ModuleError('no variable given, expected at least one name and value', {}, { code: 'INVALID_ARGUMENT' });
  }
  const wrong = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong !== undefined) {
    const msg = `expected a variable's name (letters, digits and underscores, no digit first), found '${wrong}'`;
    throw new ModuleError(msg, {}, { code: 'INVALID_ARGUMENT' });
  }
  return names;
}

// Ansible makes these words booleans here, whatever way they were written.
function booleanOrSame(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (/^(?:true|yes)$/i.test(value)) return true;
  return /^(?:false|no)$/i.test(value) ? false : value;
}
