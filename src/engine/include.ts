/** `include_tasks` and `include_role`: what a task that includes others finds on one host, and the walk through it. */

import { DiagnosticsError, FleetmendError, placeText } from '../errors.ts';
import type { VarsLayer } from '../inventory/types.ts';
import { roleRequest } from '../playbook/index.ts';
import type { Include, LoadedTasks } from '../playbook/types.ts';
import { evaluateDeep, toText } from '../template/index.ts';
import { toBoolean } from '../util/boolean-word.ts';
import type { LayeredScope } from '../vars/scope.ts';
import type { PlayContext } from './task-context.ts';
import type { TaskNode } from './tree.ts';

/** One file or role that a task includes on a host. */
export interface Included {
  /** The same for all hosts that include the same. */
  readonly key: string;
  readonly loaded: LoadedTasks;
  /** Whether the variables of an included role are for the whole play. */
  readonly isPublic?: boolean;
  /** Which item of the loop; 0 without one. */
  readonly index: number;
  /** The variables of that item. */
  readonly item?: VarsLayer;
}

// A file may include itself, with a condition that ends it; one without would not end.
const MAX_DEPTH = 200;

/**
 * Finds and reads what a task includes on a host; each file is read once, however many hosts include it.
 *
 * @throws FleetmendError FILE_NOT_FOUND; DiagnosticsError for mistakes in the file, which end the run
 */
export function readIncluded(
  context: PlayContext,
  node: TaskNode,
  include: Include,
  scope: LayeredScope,
): { readonly included: Included; readonly data: Readonly<Record<string, unknown>> } {
  if (node.keywords.includeVars.length >= MAX_DEPTH) {
    throw new FleetmendError('PLAYBOOK_INVALID', `tasks include each other more than ${MAX_DEPTH} levels deep`, {
      source: node.ref.source,
      hint: 'give the include a condition that ends it',
    });
  }
  const text = (name: string): string | undefined => {
    const value = node.task.args[name];
    if (value === undefined || value === null) return undefined;
    const source = node.task.argPositions[name] ?? node.task.source;
    return toText(evaluateDeep(value, scope, source, scope.environment));
  };
  const { library } = include.home;
  try {
    if (include.kind === 'tasks') {
      const path = findTasks(library, text('file') ?? '', include, node);
      const loaded = library.readTasks(path, include);
      return { included: { key: path, loaded, index: 0 }, data: { include: path, include_args: {} } };
    }
    const request = roleRequest(text('name') ?? '', text);
    const source = node.task.argPositions.name ?? node.task.source;
    const loaded = library.readRole(request, source, include);
    return {
      included: { key: JSON.stringify(request), loaded, index: 0, isPublic: toBoolean(text('public')) === true },
      data: { include_args: { name: request.name }, include: request.name },
    };
  } catch (error) {
    if (error instanceof DiagnosticsError && context.mistake === undefined && !isMissingFile(error)) {
      context.mistake = error;
      context.abort ??= { reason: `there is a mistake in what task '${node.ref.name}' includes` };
    }
    throw error;
  }
}

// A role that is not there is the failure of the host, as a file that is not there: `rescue` can deal with it.
function isMissingFile({ diagnostics }: DiagnosticsError): boolean {
  return diagnostics.every(({ code }) => code === 'FILE_NOT_FOUND');
}

function findTasks(library: Include['home']['library'], name: string, include: Include, { task }: TaskNode): string {
  try {
    return library.findTasks(name, include);
  } catch (error) {
    if (!(error instanceof FleetmendError)) throw error;
    const source = task.argPositions.file ?? task.source;
    throw new FleetmendError(error.code, `${placeText(source)}: ${error.message}`, { hint: error.hint, source });
  }
}
