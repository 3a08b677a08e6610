/** What users see of the module: arguments, results, examples. */

import type { ModuleSpec } from '../contract.ts';
import { ENGINE_ARGS } from '../docker/engine.ts';
import { DEFAULTS } from './options.ts';

const DURATION = ['string', 'number', 'null'];

export const spec: ModuleSpec = {
  name: 'docker_diagnostics',
  namespace: 'fleetmend',
  summary: 'Fetches all that tells why a container engine hangs: stack dumps, logs, processes; restarts nothing',
  args: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dest: {
        type: ['string', 'null'],
        default: DEFAULTS.dest,
        description:
          'Where the package goes on the controller. A path that ends with `/` is a folder: the package is RUN/HOST.tgz in it. Relative to the working directory.',
      },
      since: { type: DURATION, default: DEFAULTS.since, description: 'How far back logs go.' },
      log_files: {
        type: ['array', 'string', 'null'],
        items: { type: 'string' },
        description: "Log files of the daemon; default: its journal, or the usual files where there's none.",
      },
      debug_for: {
        type: DURATION,
        default: DEFAULTS.debug_for,
        description:
          'How long the daemon is to write debug messages: `debug` is set in daemon.json, the daemon is told by SIGHUP, and all is put back. 0: daemon.json is left alone.',
      },
      max_size: {
        type: ['string', 'integer', 'null'],
        default: DEFAULTS.max_size,
        description: 'Largest package; what is longest is cut at its beginning until it fits.',
      },
      timeout: { type: DURATION, default: DEFAULTS.timeout, description: 'Deadline of the collection on the host.' },
      ...ENGINE_ARGS,
    },
  },
  returns: {
    dest: 'the package on the controller',
    size_bytes: 'its size',
    items: 'every source: file, ok, and a note on why it is not there',
    daemon: 'process of the daemon: pid, state; null when there is none',
    debug: 'what was done about debug messages',
    shortened: 'files that were cut, with the bytes that are left',
  },
  examples: [
    `- name: Collect what tells why it hangs
  become: true
  docker_diagnostics:`,
    `- name: Collect with a longer look at what it does
  become: true
  docker_diagnostics:
    dest: /var/lib/incidents/
    debug_for: 1m
    since: 2h
    timeout: 5m`,
  ],
  checkMode: 'full',
};
