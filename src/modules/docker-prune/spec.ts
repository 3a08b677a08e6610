/** What users see of the module: arguments, results, examples. */

import type { ModuleSpec } from '../contract.ts';
import { ENGINE_ARGS } from '../docker/engine.ts';
import { PROTECT_ARG } from '../docker/protect.ts';
import { DEFAULTS, PRUNABLE_STATES } from './options.ts';

const WORDS = ['array', 'string', 'null'];
const DURATION = ['string', 'number', 'null'];
const COUNT = ['integer', 'string', 'null'];
const WORD_ITEMS = { type: 'string' };

export const spec: ModuleSpec = {
  name: 'docker_prune',
  namespace: 'fleetmend',
  summary: 'Removes dead (or exited, or never started) containers, and nothing else',
  args: {
    type: 'object',
    additionalProperties: false,
    properties: {
      status: {
        type: WORDS,
        items: WORD_ITEMS,
        default: DEFAULTS.status,
        description: `States to remove: any of ${PRUNABLE_STATES.join(', ')}. A container is dead when \`inspect\` says so, also where \`ps\` calls it removing.`,
      },
      names: {
        type: WORDS,
        items: WORD_ITEMS,
        description: 'Only containers whose name matches one of these globs or ~regular expressions.',
      },
      images: {
        type: WORDS,
        items: WORD_ITEMS,
        description:
          'Only containers whose image (with or without its tag, or its ID) matches one of these globs or ~regular expressions.',
      },
      labels: {
        type: WORDS,
        items: WORD_ITEMS,
        description: 'Only containers with all of these labels: `key` or `key=value`.',
      },
      older_than: {
        type: DURATION,
        description:
          "Only containers that finished longer ago than this (those that never ran: were created), by the host's clock: `2h`, `7d`.",
      },
      protect: PROTECT_ARG,
      max_items: {
        type: COUNT,
        description:
          'Fail before anything is removed when more containers than this would be (those left by `limit` do not count).',
      },
      limit: {
        type: COUNT,
        description: 'Take so many at most, those that finished first; `later` says how many are left.',
      },
      batch: {
        type: COUNT,
        default: DEFAULTS.batch,
        description: 'How many containers are removed before a pause; each batch is looked at again before its turn.',
      },
      pause: {
        type: DURATION,
        default: DEFAULTS.pause,
        description: 'Time between batches, so that a weak disk or daemon can recover.',
      },
      timeout: { type: DURATION, default: DEFAULTS.timeout, description: 'Deadline of the removal of one container.' },
      list_timeout: {
        type: DURATION,
        default: DEFAULTS.list_timeout,
        description: 'Deadline of listing all containers and of each inspection; the daemon counts as hung after it.',
      },
      retries: {
        type: COUNT,
        default: DEFAULTS.retries,
        description: 'How often a container that is busy is tried again.',
      },
      retry_delay: { type: DURATION, default: DEFAULTS.retry_delay, description: 'Time before each such try.' },
      ...ENGINE_ARGS,
    },
  },
  returns: {
    removed: 'containers that were removed and are gone: id, name, image, state, finished_at',
    would_remove: 'check mode: containers that would be removed',
    kept: 'containers that everything but a keep rule selects: id, name, reason',
    failed: 'containers that could not be removed: id, name, cause, message, holder',
    later: 'how many more would be removed but for `limit`',
    already_gone: 'containers that someone else removed meanwhile: id, name',
    counts: 'containers by state, `before` and `after`',
    engine: 'name and version of the engine',
  },
  examples: [
    `- name: Remove dead containers
  become: true
  docker_prune:`,
    `- name: Remove what exited a week ago, gently
  become: true
  docker_prune:
    status: [dead, exited]
    older_than: 7d
    protect:
      names: ['db-*', '~^backup-[0-9]+$']
      labels: [keep]
    max_items: 500
    batch: 20
    pause: 10s`,
  ],
  checkMode: 'full',
};
