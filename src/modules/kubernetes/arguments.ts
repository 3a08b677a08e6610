/** The arguments that all modules of Kubernetes have: which cluster, and how to ask it. */
import { ModuleError } from '../../errors.ts';
import { parseDurationMs } from '../../util/duration.ts';
import type { ArgSchema } from '../contract.ts';
import type { KubectlOptions } from './kubectl.ts';

/** The arguments as validated against a spec's schema. */
export type K8sArgs = Readonly<Record<string, unknown>>;

const DEFAULT_REQUEST_TIMEOUT = '15s';

/** Schema of the common arguments. */
export const CLUSTER_ARGS: Readonly<Record<string, ArgSchema>> = {
  context: { type: 'string', description: 'Context of the kubeconfig; default: the current one.' },
  kubeconfig: {
    type: 'string',
    description:
      'Path of the kubeconfig where the task runs; default: as kubectl finds it (KUBECONFIG, `~/.kube/config`).',
  },
  kubectl: { type: 'string', default: 'kubectl', description: 'Name or path of the program.' },
  request_timeout: {
    type: ['string', 'number'],
    default: DEFAULT_REQUEST_TIMEOUT,
    description: 'How long the API server may take for one request.',
  },
};

/** Type of an argument that is a duration. */
export const DURATION = ['string', 'number'];

/** @throws {@link ModuleError} INVALID_ARGUMENT */
export function kubectlOptions(args: K8sArgs): KubectlOptions {
  const requestTimeoutMs = durationMs(args, 'request_timeout') ?? 0;
  if (requestTimeoutMs < 1000) throw invalid('request_timeout', 'at least 1 second', args.request_timeout);
  return {
    kubectl: text(args, 'kubectl') ?? 'kubectl',
    context: text(args, 'context'),
    kubeconfig: text(args, 'kubeconfig'),
    requestTimeoutMs,
  };
}

/** A text that is not empty; a playbook passes an unset variable on as an empty one. */
export function text(args: K8sArgs, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @throws {@link ModuleError} INVALID_ARGUMENT for what is no duration */
export function durationMs(args: K8sArgs, name: string): number | undefined {
  const value = args[name];
  if (value === undefined || value === '') return undefined;
  const parsed = typeof value === 'string' || typeof value === 'number' ? parseDurationMs(value) : undefined;
  if (parsed === undefined) throw invalid(name, 'a duration such as 30s or 5m, or a number of seconds', value);
  return parsed;
}

/** The error for an argument whose value cannot be used. */
export function invalid(name: string, expected: string, found: unknown): ModuleError {
  return new ModuleError(
    `expected \`${name}\` to be ${expected}, found ${JSON.stringify(found)}`,
    {},
    { code: 'INVALID_ARGUMENT' },
  );
}
