/** What users see of the module: arguments, results, examples. */

import type { ModuleSpec } from '../contract.ts';
import { DOCKER_ARGS } from '../docker/docker-only.ts';
import { DEFAULTS } from './options.ts';

const FLAG = ['boolean', 'string'];

export const spec: ModuleSpec = {
  name: 'docker_daemon_config',
  namespace: 'fleetmend',
  summary: 'Merges settings into daemon.json, reloads the Docker daemon, and proves that it took them',
  args: {
    type: 'object',
    additionalProperties: false,
    required: ['settings'],
    properties: {
      settings: {
        type: 'object',
        description: 'Keys of daemon.json and their values. Maps are merged, all else is replaced, null removes a key.',
      },
      path: {
        type: ['string', 'null'],
        description: 'The file; default: the one that the daemon was started with, else /etc/docker/daemon.json.',
      },
      backup: { type: FLAG, default: true, description: 'Whether the file is copied beside itself before it changes.' },
      reload: {
        type: FLAG,
        default: true,
        description: 'Whether the daemon is told by SIGHUP, where that is enough for a key.',
      },
      restart: {
        type: FLAG,
        default: false,
        description: 'Whether the daemon is restarted where a key needs that; else `restart_needed` says so.',
      },
      restart_with: {
        type: ['object', 'null'],
        description: 'Arguments of docker_restart for that: protect, stop_command, kill_after …',
      },
      allow_unknown: {
        type: FLAG,
        default: false,
        description:
          'Whether keys are written that this program does not know: a daemon that does not either will not start.',
      },
      timeout: {
        type: ['string', 'number', 'null'],
        default: DEFAULTS.timeout,
        description: 'Deadline of `info`, and of the reload.',
      },
      ...DOCKER_ARGS,
    },
  },
  returns: {
    path: 'the file',
    backup_file: 'its copy from before; null: there was none to make',
    changed_keys: 'keys of the file that changed',
    reloaded: 'whether the daemon was told by SIGHUP and reloaded',
    restarted: 'the result of docker_restart; null: not restarted',
    restart_needed: 'whether keys wait for a restart',
    restart_keys: 'those keys',
    taken: 'keys that the daemon says it works with now',
    not_said: 'keys of which the daemon says nothing',
    refused: 'keys that the daemon works with otherwise, so the task failed',
  },
  examples: [
    `- name: Switch debugging on, without a restart
  become: true
  docker_daemon_config:
    settings: {debug: true}`,
    `- name: Rotate logs, and restart unless the database would go down
  become: true
  docker_daemon_config:
    settings:
      log-driver: json-file
      log-opts: {max-size: 10m, max-file: '3'}
      registry-mirrors: null
    restart: true
    restart_with:
      protect: {names: ['db-*']}`,
  ],
  checkMode: 'full',
};
