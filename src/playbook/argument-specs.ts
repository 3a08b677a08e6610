/** The argument specification of a role -> the task that checks its variables before it runs. */

import type { Findings } from './findings.ts';
import type { RoleUse, Task } from './types.ts';
import { describeNode, literalTemplate, toValue, type YamlNode } from './yaml-node.ts';

/** The checking task for one entry point; undefined when the specification says nothing about it. */
export function argumentSpecTask(
  specs: YamlNode,
  entryPoint: string,
  { role, params }: RoleUse,
  findings: Findings,
): Task | undefined {
  if (specs.kind !== 'map') {
    const message = `expected 'argument_specs' to be a map of entry points, found ${describeNode(specs)}`;
    findings.add('PLAYBOOK_INVALID', specs.offset, message);
    return undefined;
  }
  const spec = specs.entries.get(entryPoint)?.value;
  if (spec?.kind !== 'map') return undefined;
  const options = spec.entries.get('options')?.value;
  const short = spec.entries.get('short_description')?.value;
  const about = short?.kind === 'scalar' && typeof short.value === 'string' ? ` - ${short.value}` : '';
  const source = findings.source.position(spec.offset);
  return {
    kind: 'task',
    name: literalTemplate(`Validating arguments against arg spec '${entryPoint}'${about}`),
    module: 'validate_argument_spec',
    moduleAsWritten: 'ansible.builtin.validate_argument_spec',
    args: {
      argument_spec: options?.kind === 'map' ? toValue(options) : {},
      provided_arguments: { ...params.values },
      validate_args_context: {
        type: 'role',
        name: role.name,
        argument_spec_name: entryPoint,
        path: role.path,
      },
    },
    argPositions: {},
    tags: ['always'],
    when: [],
    notify: [],
    listen: [],
    source,
  };
}
