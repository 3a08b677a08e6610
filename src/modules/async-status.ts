import { forgetJob, jobKeys, LOST_JOB, missingJob, readJob } from './async-job.ts';
import { defineModule, type Outcome } from './contract.ts';

interface AsyncStatusArgs {
  readonly jid: string;
  readonly mode?: 'status' | 'cleanup';
}

/**
 * Looks at a job that a task with `async` and `poll: 0` started, or forgets it. In check mode too: a look changes nothing.
 *
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/async_status_module.html
 */
export const asyncStatus = defineModule<AsyncStatusArgs, undefined>({
  spec: {
    name: 'async_status',
    namespace: 'ansible.builtin',
    summary: 'Look at a job that was started with async',
    checkMode: 'none',
    args: {
      type: 'object',
      additionalProperties: false,
      required: ['jid'],
      properties: {
        jid: { type: 'string', description: 'The `ansible_job_id` of the task that started it.' },
        mode: {
          type: 'string',
          enum: ['status', 'cleanup'],
          default: 'status',
          description: '`status` tells how the job stands; `cleanup` removes what is kept of it on the host.',
        },
      },
    },
    returns: {
      ansible_job_id: 'The job.',
      started: 'Whether it was started: true.',
      finished: 'Whether it has ended. Of one that has, all keys of the module that ran are there.',
      erased: 'With `cleanup`: the file of its result that was removed.',
    },
    examples: [
      '- command: /usr/local/bin/backup\n  async: 3600\n  poll: 0\n  register: backup\n- async_status:\n    jid: "{{ backup.ansible_job_id }}"\n  register: job\n  until: job.finished\n  retries: 60\n  delay: 60',
    ],
  },

  probe: async () => undefined,

  plan: ({ jid, mode }) => ({ changes: [{ line: mode === 'cleanup' ? `forget job ${jid}` : `look at job ${jid}` }] }),

  async apply({ jid, mode }, _state, _plan, context): Promise<Outcome> {
    if (mode === 'cleanup') {
      const erased = await forgetJob(jid, context);
      return erased === undefined
        ? missingJob(jid)
        : { changed: false, changes: [], result: { ...jobKeys(jid, '', true), results_file: erased, erased } };
    }
    const state = await readJob(jid, context);
    switch (state.kind) {
      case 'missing':
        return missingJob(jid);
      case 'lost':
        return missingJob(jid, LOST_JOB);
      case 'running':
        return { changed: false, changes: [], result: { ...NO_OUTPUT, ...jobKeys(jid, state.path, false) } };
      case 'finished': {
        const { outcome } = state;
        const result = { ...outcome.result, ...jobKeys(jid, state.path, true) };
        const msg = 'the job was ended at its deadline';
        return state.expired
          ? { changed: false, failed: true, result: { ...result, msg } }
          : { ...outcome, changes: [], result };
      }
    }
  },
});

// As Ansible has them of a job that runs: an `until` may look for them.
const NO_OUTPUT = { stdout: '', stdout_lines: [], stderr: '', stderr_lines: [] };
