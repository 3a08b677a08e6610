/** `meta`: what tells the engine something and runs on no host. No module of the catalog; the engine carries it out. */

import type { CatalogEntry } from './types.ts';

/** The actions of `meta` that the engine knows; a task has the word in its argument `action`. */
export const META_ACTIONS = [
  'flush_handlers',
  'end_play',
  'end_batch',
  'end_host',
  'end_role',
  'clear_facts',
  'clear_host_errors',
  'noop',
  'refresh_inventory',
  'reset_connection',
] as const;

export const META_ENTRY: CatalogEntry = {
  name: 'meta',
  freeForm: 'action',
  args: {
    type: 'object',
    properties: { action: { type: 'string', enum: META_ACTIONS } },
    required: ['action'],
  },
};
