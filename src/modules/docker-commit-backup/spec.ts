/** What users see of the module: arguments, results, examples. */

import type { ModuleSpec } from '../contract.ts';
import { DOCKER_ARGS } from '../docker/docker-only.ts';
import { DEFAULTS } from './options.ts';

const WORDS = ['array', 'string', 'null'];
const DURATION = ['string', 'number', 'null'];
const COUNT = ['integer', 'string', 'null'];

export const spec: ModuleSpec = {
  name: 'docker_commit_backup',
  namespace: 'fleetmend',
  summary: 'Commits containers that cannot be made again to dated images, and removes its own old ones',
  args: {
    type: 'object',
    additionalProperties: false,
    properties: {
      names: {
        type: WORDS,
        items: { type: 'string' },
        description:
          'Containers whose name matches one of these globs or ~regular expressions. What matches any of `names`, `images` and `labels` is backed up; with none of them, nothing is.',
      },
      images: { type: WORDS, items: { type: 'string' }, description: 'Containers of these images, likewise.' },
      labels: {
        type: WORDS,
        items: { type: 'string' },
        description: 'Containers with one of these labels: `key` or `key=value`.',
      },
      prefix: {
        type: ['string', 'null'],
        default: DEFAULTS.prefix,
        description:
          "Beginning of the image's name, before the container's: `backup/` makes `backup/mysql:20261121T120000Z`.",
      },
      keep: {
        type: COUNT,
        default: DEFAULTS.keep,
        description:
          'How many backups of each container stay; older ones are removed. Images of others are never touched, nor backups of containers that are gone.',
      },
      max_age: {
        type: DURATION,
        default: DEFAULTS.max_age,
        description:
          'A container with a younger backup is left out; so is one that has not run since its backup. 0: always.',
      },
      pause: {
        type: ['boolean', 'string', 'null'],
        default: DEFAULTS.pause,
        description: 'Whether a running container is paused while it is committed, so that its files fit together.',
      },
      max_items: {
        type: COUNT,
        description: 'Fail before anything is done when more containers than this would be committed.',
      },
      timeout: { type: DURATION, default: DEFAULTS.timeout, description: 'Deadline of the commit of one container.' },
      list_timeout: {
        type: DURATION,
        default: DEFAULTS.list_timeout,
        description: 'Deadline of each other call of the engine.',
      },
      ...DOCKER_ARGS,
    },
  },
  returns: {
    committed: 'backups that were made: id, name (of the container), image, size_bytes',
    skipped: 'containers that were left out: id, name, reason',
    pruned: 'backup images that were removed',
    failed: 'what could not be done: name or image, message',
    engine: 'name and version of the engine',
  },
  examples: [
    `- name: Back up the containers that hold data of their own
  become: true
  docker_commit_backup:
    names: [mysql, 'mail-*']
    labels: [pet]
    keep: 2`,
  ],
  checkMode: 'full',
};
