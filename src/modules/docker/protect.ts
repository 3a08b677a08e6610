/** The containers that a user wants to be left alone. */

import type { ArgSchema } from '../contract.ts';
import { listOf, mapOf } from './arguments.ts';
import type { Container } from './container.ts';
import { imageRules, isKubernetesManaged, labelRules, nameRules, type Rule } from './patterns.ts';

/** A container with this label, whatever its value, is always protected. */
export const KEEP_LABEL = 'fleetmend.keep';

const WORDS = ['array', 'string', 'null'];

/** The argument `protect`, for a module's spec. */
export const PROTECT_ARG: ArgSchema = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    names: { type: WORDS, items: { type: 'string' } },
    images: { type: WORDS, items: { type: 'string' } },
    labels: { type: WORDS, items: { type: 'string' } },
  },
  description: `Containers that match any of \`names\`, \`images\` and \`labels\` are kept. The label \`${KEEP_LABEL}\` always protects, and what Kubernetes manages is always kept.`,
};

/**
 * A rule for each word of `protect`, and that of the label that always protects.
 *
 * @throws {@link ModuleError} INVALID_ARGUMENT
 */
export function protectRules(value: unknown): Rule[] {
  const protect = mapOf(value, 'protect', 'names, images and labels');
  return [
    ...labelRules([...new Set([KEEP_LABEL, ...listOf(protect.labels, 'protect.labels')])]),
    ...nameRules(listOf(protect.names, 'protect.names'), 'protect.names'),
    ...imageRules(listOf(protect.images, 'protect.images'), 'protect.images'),
  ];
}

/** Why a container is to be left alone: by kubelet's claim or by a rule; undefined when nothing protects it. */
export function protectionOf(container: Container, rules: readonly Rule[]): string | undefined {
  if (isKubernetesManaged(container)) return 'managed by Kubernetes';
  const rule = rules.find((each) => each.matches(container));
  return rule === undefined ? undefined : `protected by ${rule.words}`;
}
