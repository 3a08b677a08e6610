/** What users see of the module: arguments, results, examples. */

import type { ModuleSpec } from '../contract.ts';
import { ENGINE_ARGS } from '../docker/engine.ts';
import { KEEP_LABEL, PROTECT_ARG } from '../docker/protect.ts';
import { DEFAULTS, MANAGERS, STATES } from './options.ts';

const DURATION = ['string', 'number', 'null'];
const TEXT = ['string', 'null'];
const FLAG = ['boolean', 'string'];

export const spec: ModuleSpec = {
  name: 'docker_restart',
  namespace: 'fleetmend',
  summary: 'Stops and starts the Docker daemon, measures both, and says which containers came back',
  args: {
    type: 'object',
    additionalProperties: false,
    properties: {
      state: {
        type: TEXT,
        enum: [...STATES, null],
        default: DEFAULTS.state,
        description: 'What is wanted: a restart, or only one half of it.',
      },
      service: {
        type: TEXT,
        default: DEFAULTS.service,
        description: 'Name of the systemd unit or of the script in /etc/init.d.',
      },
      manager: {
        type: TEXT,
        enum: [...MANAGERS, null],
        default: DEFAULTS.manager,
        description: 'Who stops and starts it; auto takes systemd where it runs, else `service`.',
      },
      stop_command: { type: TEXT, description: 'Shell command that stops it, in place of the manager.' },
      start_command: {
        type: TEXT,
        description: 'Shell command that starts it; it must end by itself, and its daemon may go on in the background.',
      },
      stop_timeout: {
        type: DURATION,
        default: DEFAULTS.stop_timeout,
        description: 'Deadline of the stop. Past it, nothing is killed and nothing is started; see kill_after.',
      },
      kill_after: {
        type: DURATION,
        description:
          'Kill the main process (SIGKILL) when it has not ended so long after the stop began. Not done unless given.',
      },
      start_timeout: {
        type: DURATION,
        default: DEFAULTS.start_timeout,
        description: 'Deadline until `ps` answers; thousands of containers take many minutes.',
      },
      settle_timeout: {
        type: DURATION,
        default: DEFAULTS.settle_timeout,
        description: 'How long containers that come back by themselves are waited for.',
      },
      list_timeout: {
        type: DURATION,
        default: DEFAULTS.list_timeout,
        description: 'Deadline of `ps` and `info` before; a daemon that does not answer is restarted all the same.',
      },
      protect: {
        ...PROTECT_ARG,
        description: `Refuse while live-restore is off and a container runs that matches any of \`names\`, \`images\` and \`labels\`, or has the label \`${KEEP_LABEL}\`.`,
      },
      allow_protected: { type: FLAG, default: false, description: 'Whether protected containers may be stopped.' },
      start_stopped: {
        type: FLAG,
        default: false,
        description: 'Whether what ran before and did not come back by itself is started, the oldest first.',
      },
      executable: ENGINE_ARGS.executable,
      docker_host: ENGINE_ARGS.docker_host,
    },
  },
  returns: {
    stop_ms: 'milliseconds until the daemon was gone; null: it was not running',
    start_ms: 'milliseconds from the start until `ps` answered',
    killed: 'whether the main process had to be killed',
    live_restore: 'whether containers keep running without the daemon; null: not known',
    running_before: 'containers that ran: id, name, image, restart; null: not known',
    running_source: 'who said so: engine, processes (the daemon did not answer), unknown',
    running_after: 'number of containers that run afterwards',
    back: 'names of containers that ran before and run again, or still',
    not_back: 'containers that ran before and do not run: id, name, reason',
    started: 'names of containers that were started on request',
    would_stop: 'check mode: names of containers that the stop would end',
    would_not_come_back: 'check mode: names of containers that would not run again by themselves',
    manager: 'systemd, service or commands',
    pid_before: 'process of the daemon; null: none is seen',
    pid_after: 'process of the new daemon',
    answered_before: 'whether `ps` answered before',
  },
  examples: [
    `- name: Restart the daemon unless the database would go down
  become: true
  docker_restart:
    protect: {names: ['db-*']}`,
    `- name: Restart a daemon that hangs, and bring back what ran
  become: true
  docker_restart:
    stop_timeout: 2m
    kill_after: 60s
    start_stopped: true`,
    `- name: Where there is no service manager
  become: true
  docker_restart:
    stop_command: kill "$(cat /var/run/docker.pid)"
    start_command: setsid dockerd >>/var/log/docker.log 2>&1 &`,
  ],
  checkMode: 'full',
};
