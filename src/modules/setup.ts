import { ModuleError } from '../errors.ts';
import { factsScript, parseFacts, selectGatherers, subsetNames } from '../facts/gather.ts';
import type { Gatherer } from '../facts/gatherer.ts';
import { FACT_PATH, localFactProblems } from '../facts/local.ts';
import { closestWord } from '../util/did-you-mean.ts';
import { defineModule } from './contract.ts';
import { hostWord } from './host-word.ts';

interface SetupArgs {
  readonly gather_subset?: readonly string[];
  readonly gather_timeout?: number;
  readonly filter?: readonly string[];
  readonly fact_path?: string;
}

/**
 * Finds out what the host is, with one POSIX shell script; needs no Python there.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/setup_module.html
 */
export const setup = defineModule<SetupArgs, readonly Gatherer[]>({
  spec: {
    name: 'setup',
    namespace: 'ansible.builtin',
    summary: 'Gather facts about the host',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        gather_subset: {
          type: 'array',
          items: { type: 'string' },
          default: ['all'],
          description:
            'What to look at: `all`, `min`, `hardware`, `network`, `virtual`, or one part such as `mounts`; `!` leaves it out.',
        },
        gather_timeout: {
          type: 'integer',
          default: 10,
          description:
            'Seconds that one command on the host which can hang may take (a network file system, a name server); at most 5 are used.',
        },
        fact_path: {
          type: 'string',
          default: FACT_PATH,
          description:
            'Folder on the host with local facts, `ansible_local`: files `*.fact` in JSON or INI, and programs that print either.',
        },
        filter: {
          type: 'array',
          items: { type: 'string' },
          default: [],
          description: 'Globs; only facts whose name, with or without `ansible_`, matches one are returned.',
        },
      },
    },
    returns: { ansible_facts: 'What was found, under names that begin with `ansible_`.' },
    examples: ['- setup:', '- setup:\n    gather_subset: ["!all", "network"]\n    filter: ansible_default_ipv4'],
  },

  async probe(args) {
    const gatherers = selectGatherers(args.gather_subset ?? ['all']);
    if (!('unknown' in gatherers)) return gatherers;
    const near = closestWord(gatherers.unknown, subsetNames());
    throw new ModuleError(
      `expected 'gather_subset' to hold names of subsets, found '${gatherers.unknown}'`,
      {},
      {
        code: 'INVALID_ARGUMENT',
        hint: near === undefined ? `known are ${subsetNames().join(', ')}` : `did you mean '${near}'?`,
      },
    );
  },

  plan: () => ({ changes: [{ line: 'gather facts' }] }),

  async apply(args, gatherers, _plan, context) {
    const boundSeconds = Math.min(args.gather_timeout ?? 10, MAX_BOUND_SECONDS);
    const exec = await context.run(factsScript(gatherers, boundSeconds, hostWord(args.fact_path ?? FACT_PATH)));
    if (exec.exitCode !== 0) {
      throw new ModuleError(`could not gather facts: ${exec.stderr.trim().split('\n')[0] ?? ''}`, {
        rc: exec.exitCode,
        stderr: exec.stderr,
      });
    }
    const facts = filterFacts(parseFacts(gatherers, exec.stdout), args.filter ?? []);
    const prefixed = Object.fromEntries(Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value]));
    const warnings = localFactProblems(facts);
    return { changed: false, facts, factsDiscovered: true, warnings, result: { ansible_facts: prefixed } };
  },
});

// A hung file system must not hold up the run for as long as Ansible would let it.
const MAX_BOUND_SECONDS = 5;

function filterFacts(
  facts: Readonly<Record<string, unknown>>,
  globs: readonly string[],
): Readonly<Record<string, unknown>> {
  const patterns = globs.filter((glob) => glob !== '').map(globPattern);
  if (patterns.length === 0) return facts;
  const entries = Object.entries(facts);
  return Object.fromEntries(
    entries.filter(([name]) => patterns.some((each) => each.test(name) || each.test(`ansible_${name}`))),
  );
}

function globPattern(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`);
}
