/** What users see of the module: arguments, results, examples. */

import type { ModuleSpec } from '../contract.ts';
import { DOCKER_ARGS } from '../docker/docker-only.ts';
import { PROTECT_ARG } from '../docker/protect.ts';
import { ACTIONS, DEFAULTS } from './options.ts';

const DURATION = ['string', 'number', 'null'];
const FLAG = ['boolean', 'string', 'null'];

export const spec: ModuleSpec = {
  name: 'docker_network_recreate',
  namespace: 'fleetmend',
  summary:
    'Removes a network and makes it again as it was, with its containers at their addresses; a journal lets it go on or back',
  args: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: ['string'], description: 'Name (or ID) of the network.' },
      action: {
        type: ['string', 'null'],
        enum: [...ACTIONS, null],
        default: DEFAULTS.action,
        description:
          '`recreate` begins anew, and is refused while a journal is open. `resume` finishes a recreation that was broken off; `rollback` undoes it, as long as the network is still there; `discard` closes its journal and leaves all as it is. These three do nothing where no journal is open.',
      },
      start: {
        type: FLAG,
        default: DEFAULTS.start,
        description:
          'Whether to start the containers. False: they are left stopped and the journal open, so that the engine can be restarted before `action: resume`.',
      },
      start_also: {
        type: ['array', 'string', 'null'],
        items: { type: 'string' },
        description:
          'Containers that do not run and are to be started in the end, by name or ID: those that were refused their port. Said when the recreation begins; the journal keeps it.',
      },
      addresses: {
        type: ['string', 'null'],
        enum: ['same', 'fixed', null],
        default: DEFAULTS.addresses,
        description:
          '`fixed`: addresses that were asked for (`--ip`) are given again, all others may be new ones. `same`: each running container gets the address that it has now, also when it only happened to have it; it asks for it from now on, so after a later start it fails with "Address already in use" where another container that asks for none was faster.',
      },
      protect: {
        ...PROTECT_ARG,
        description: `Where a running container of the network matches any of these, nothing is done. ${PROTECT_ARG.description}`,
      },
      allow_protected: { type: FLAG, default: DEFAULTS.allow_protected, description: 'Stop protected containers too.' },
      stop_timeout: {
        type: ['integer', 'string', 'null'],
        default: DEFAULTS.stop_timeout,
        description: 'Seconds that a container may take to stop before it is killed.',
      },
      timeout: { type: DURATION, default: DEFAULTS.timeout, description: 'Deadline of each call of the engine.' },
      verify_timeout: {
        type: DURATION,
        default: DEFAULTS.verify_timeout,
        description: 'How long containers may take until they run and reach their gateway again.',
      },
      journal_dir: {
        type: ['string', 'null'],
        default: DEFAULTS.journal_dir,
        description:
          'Folder on the host for the journal and what `inspect` said before; only root may read what is in it.',
      },
      ...DOCKER_ARGS,
    },
  },
  returns: {
    network: 'the network as it was: id, name, driver, addresses, options, labels',
    containers:
      'containers that were stopped or connected again: id, name, image, state (before), must_run, ipv4, ipv6',
    pinned: 'names of containers that ask from now on for an address which they only happened to have',
    steps: 'each step and whether it is done',
    journal: "the journal's folder on the host; `network.json` and `containers.json` are in it",
    past_point_of_no_return: 'whether the network was removed',
    paused: 'true: the containers wait for `action: resume`',
    rolled_back: 'true: all was put back as it was',
    faults: 'what is not as it was',
    gateways_reached:
      'how many containers reached their gateway in the end; `gateways_reached_before`: at the beginning',
    network_id: 'ID of the new network',
  },
  examples: [
    `- name: Make network front anew
  become: true
  docker_network_recreate:
    name: front`,
    `- name: Make network front anew, with a restart of the engine in between
  become: true
  docker_network_recreate:
    name: front
    start: false
    start_also: [proxy]`,
    `- name: Finish it
  become: true
  docker_network_recreate:
    name: front
    action: resume`,
  ],
  checkMode: 'full',
};
