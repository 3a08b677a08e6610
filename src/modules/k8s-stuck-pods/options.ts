/** The module's arguments as it works with them. */

import { textAt } from '../../util/json-object.ts';
import { durationMs, invalid, type K8sArgs, text } from '../kubernetes/arguments.ts';

export interface StuckOptions {
  /** Undefined: all nodes. */
  readonly node?: string;
  readonly namespaces?: readonly string[];
  readonly selector?: string;
  readonly beyondGraceMs: number;
  readonly warnAbove: number;
  readonly failAbove: number;
  readonly isDeleting: boolean;
  /** What proves that the node was repaired, in words. */
  readonly repair?: string;
  readonly goneUids: ReadonlySet<string>;
  readonly runningUids: ReadonlySet<string>;
  readonly isForced: boolean;
  readonly maxItems: number;
}

/**
 * @param host - the node where the arguments name none
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function stuckOptions(args: K8sArgs, host: string): StuckOptions {
  const allNodes = args.all_nodes === true;
  const node = text(args, 'node');
  if (allNodes && node !== undefined) throw invalid('node', 'left out with `all_nodes`', node);
  if (allNodes && args.node_repaired === true) {
    throw invalid('node_repaired', 'about one node, not about `all_nodes`', true);
  }
  return {
    node: allNodes ? undefined : (node ?? host),
    namespaces: words(args.namespaces),
    selector: text(args, 'selector'),
    beyondGraceMs: durationMs(args, 'beyond_grace') ?? 0,
    warnAbove: limit(args.warn_above),
    failAbove: limit(args.fail_above),
    isDeleting: args.delete === true,
    repair: args.node_repaired === true ? evidenceOf(args.evidence) : undefined,
    goneUids: new Set(words(args.gone_uids)),
    runningUids: new Set(words(args.running_uids)),
    isForced: args.force === true,
    maxItems: limit(args.max_items),
  };
}

// A result that says anything but healthy is worse than none: somebody looked, and it was not.
function evidenceOf(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  const expected =
    'the result of docker_health that says healthy, or a text that says what was seen, with `node_repaired`';
  const status = textAt(value, 'status');
  if (status === undefined) throw invalid('evidence', expected, value ?? null);
  const ended = value as { readonly failed?: unknown; readonly unreachable?: unknown; readonly skipped?: unknown };
  const isGood = status === 'healthy' && ended.failed !== true && ended.unreachable !== true && ended.skipped !== true;
  if (!isGood) throw invalid('evidence', expected, status);
  return 'docker_health says healthy';
}

function words(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map(String);
}

function limit(value: unknown): number {
  return typeof value === 'number' ? value : Number.POSITIVE_INFINITY;
}
