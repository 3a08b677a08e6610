/** The keys of a `plugin: kubernetes` file. */
import { dirname, resolve } from 'node:path';
import { OptionReader } from '../option-reader.ts';
import type { SizeLimits } from '../size-guard.ts';
import type { YamlDocument } from '../yaml-document.ts';

/** Which address of a node is dialled; `name`: the node's name as it is. */
export type AddressChoice = 'internal' | 'external' | 'hostname' | 'name';

/** What to ask of a cluster and how to turn it into hosts; docs/inventory.md explains each. */
export interface KubernetesOptions {
  /** Path of the program, or a name that is looked for in PATH. */
  readonly kubectl: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  /** Label selector: only these nodes. */
  readonly selector?: string;
  readonly address: AddressChoice;
  readonly user?: string;
  /** Deadline of the call of kubectl. */
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly limits: SizeLimits;
  /** Keys of labels that make groups; true: all, false: none. */
  readonly labelGroups: boolean | readonly string[];
}

const KEYS = [
  'plugin',
  'kubectl',
  'context',
  'kubeconfig',
  'selector',
  'address',
  'user',
  'timeout',
  'max_output',
  'min_hosts',
  'max_drop',
  'label_groups',
];
const CREDENTIALS_HINT = 'credentials do not belong in this file: they stand in the kubeconfig';
const HINTS: ReadonlyMap<string, string> = new Map(
  ['token', 'server', 'host', 'username', 'password', 'client_cert'].map((key) => [key, CREDENTIALS_HINT]),
);
const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Reads the keys of a configuration.
 *
 * @param path - of the file; relative paths in it are below its directory
 * @param defaultTimeoutMs - when the file has no `timeout`
 * @throws {@link DiagnosticsError} INVENTORY_INVALID with every key that is unknown or has no usable value
 */
export function readKubernetesOptions(
  path: string,
  document: YamlDocument,
  defaultTimeoutMs: number,
): KubernetesOptions {
  const reader = new OptionReader(document, { plugin: 'kubernetes', keys: KEYS, hints: HINTS });
  const kubectl = reader.text('kubectl') ?? 'kubectl';
  const kubeconfig = reader.text('kubeconfig');
  const options: KubernetesOptions = {
    kubectl: kubectl.includes('/') ? resolve(dirname(path), kubectl) : kubectl,
    context: reader.text('context'),
    kubeconfig: kubeconfig === undefined ? undefined : resolve(dirname(path), kubeconfig),
    selector: reader.text('selector'),
    address: reader.choice('address', ['internal', 'external', 'hostname', 'name']) ?? 'internal',
    user: reader.text('user'),
    timeoutMs: reader.durationMs('timeout') ?? defaultTimeoutMs,
    maxOutputBytes: reader.sizeBytes('max_output') ?? DEFAULT_MAX_OUTPUT_BYTES,
    limits: reader.limits(),
    labelGroups: reader.labelGroups() ?? false,
  };
  reader.finish();
  return options;
}
