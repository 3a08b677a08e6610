import { ModuleError } from '../errors.ts';
import type { VarsLayer } from '../inventory/types.ts';
import { defineModule } from './contract.ts';
import { pythonPattern } from './python-pattern.ts';
import { findVarsFile, listVarsFiles } from './vars-folder.ts';

interface IncludeVarsArgs {
  readonly file?: string;
  readonly dir?: string;
  readonly name?: string;
  readonly depth?: number;
  readonly files_matching?: string;
  readonly ignore_files?: readonly string[];
  readonly extensions?: readonly string[];
  readonly ignore_unknown_extensions?: boolean;
}

interface Included {
  readonly layer: VarsLayer;
  readonly files: readonly string[];
}

const DEFAULT_EXTENSIONS = ['json', 'yaml', 'yml'];

/**
 * Reads variables from files of the controller while the play runs. They beat the variables of plays, roles and tasks, and
 * are beaten by `set_fact`.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/include_vars_module.html
 */
export const includeVars = defineModule<IncludeVarsArgs, Included>({
  spec: {
    name: 'include_vars',
    namespace: 'ansible.builtin',
    summary: 'Read variables from files while the play runs',
    runsOn: 'controller',
    checkMode: 'none',
    freeForm: 'file',
    args: {
      type: 'object',
      additionalProperties: false,
      properties: {
        file: {
          type: 'string',
          description:
            'File of the controller, looked for in `vars/` of the role and of the playbook and beside the task.',
        },
        dir: { type: 'string', description: 'Folder of which all files are read, in name order; later ones win.' },
        name: { type: 'string', description: 'Variable that takes all of them as a map.' },
        depth: { type: 'integer', default: 0, description: 'How many levels of folders below `dir` count; 0: all.' },
        files_matching: {
          type: 'string',
          description: 'Regular expression that the names of files in `dir` must match.',
        },
        ignore_files: {
          type: 'array',
          items: { type: 'string' },
          description: 'Names of files in `dir` that are passed over; regular expressions.',
        },
        extensions: {
          type: 'array',
          items: { type: 'string' },
          default: DEFAULT_EXTENSIONS,
          description: 'Endings of the files in `dir` that are read.',
        },
        ignore_unknown_extensions: {
          type: 'boolean',
          default: false,
          description: 'Pass over files with other endings, in place of failing.',
        },
      },
    },
    returns: {
      ansible_facts:
        'The variables as they are written; templates in them are evaluated when they are read. Left out when a file is encrypted.',
      ansible_included_var_files: 'The files that were read.',
    },
    examples: ['- include_vars: "{{ release }}.yml"', '- include_vars:\n    dir: settings\n    name: settings'],
  },

  async probe(args, context) {
    const layers = filesOf(args, context.varsPaths).map((file) => ({ file, layer: context.readVarsFile(file) }));
    const vars = Object.assign({}, ...layers.map(({ layer }) => layer.vars)) as Record<string, unknown>;
    const files = layers.map(({ file }) => file);
    const positionOf: VarsLayer['positionOf'] = (name) =>
      layers.findLast(({ layer }) => Object.hasOwn(layer.vars, name))?.layer.positionOf?.(name);
    const { name } = args;
    return {
      files,
      layer: {
        origin: 'include_vars',
        vars: name === undefined ? vars : { [name]: vars },
        isTemplate: true,
        isSecret: layers.some(({ layer }) => layer.isSecret === true),
        positionOf: name === undefined ? positionOf : () => positionOf(Object.keys(vars)[0] ?? ''),
      },
    };
  },

  plan: (_args, { files }) => ({ changes: files.map((file) => ({ line: `read ${file}` })) }),

  async apply(_args, { layer, files }) {
    return {
      changed: false,
      includedVars: layer,
      result: {
        // What was encrypted is not for reports.
        ...(layer.isSecret === true ? {} : { ansible_facts: layer.vars }),
        ansible_included_var_files: files,
      },
    };
  },
});

function filesOf(args: IncludeVarsArgs, places: readonly string[]): readonly string[] {
  const { file, dir } = args;
  if ((file === undefined) === (dir === undefined)) {
    const found = file === undefined ? 'neither' : 'both';
    throw new ModuleError(`expected either 'file' or 'dir', found ${found}`, {}, { code: 'INVALID_ARGUMENT' });
  }
  if (file !== undefined) return [findVarsFile(file, places)];
  return listVarsFiles(dir ?? '', places, {
    depth: args.depth ?? 0,
    matching: args.files_matching === undefined ? undefined : pythonPattern('files_matching', args.files_matching),
    ignored: (args.ignore_files ?? []).map((each) => pythonPattern('ignore_files', each, { anchor: 'whole' })),
    extensions: args.extensions ?? DEFAULT_EXTENSIONS,
    ignoreUnknown: args.ignore_unknown_extensions === true,
  });
}
