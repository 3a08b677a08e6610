/** Every keyword: where it may stand, the shape of its value, and one line of documentation. */

import type { ShapeName } from './shapes.ts';

/** What a keyword can stand in. */
export type Owner = 'play' | 'role' | 'block' | 'task' | 'handler';

export interface Keyword {
  readonly owners: readonly Owner[];
  readonly shape: ShapeName;
  /** One line for docs/playbooks.md. */
  readonly summary: string;
  /** Where a playbook may come to another result than with Ansible, and how. */
  readonly differs?: string;
  /** Not in Ansible. */
  readonly isOurs?: boolean;
}

const ALL: readonly Owner[] = ['play', 'role', 'block', 'task', 'handler'];
const PLAY: readonly Owner[] = ['play'];
const BLOCK: readonly Owner[] = ['block'];
const TASK: readonly Owner[] = ['task', 'handler'];
const BELOW_PLAY: readonly Owner[] = ['role', 'block', 'task', 'handler'];
const WITH_NOTIFY: readonly Owner[] = ['block', 'task', 'handler'];

export const KEYWORDS: Readonly<Record<string, Keyword>> = {
  name: { owners: ALL, shape: 'text', summary: 'What is shown for it; may hold a template.' },
  tags: {
    owners: ALL,
    shape: 'texts',
    summary: 'Words for `--tags` and `--skip-tags`; a list, or text with commas. Handed down.',
  },
  become: { owners: ALL, shape: 'flag', summary: 'Whether to work as another user.' },
  become_user: { owners: ALL, shape: 'text', summary: 'The user to become.' },
  become_method: { owners: ALL, shape: 'text', summary: 'How to become that user: `sudo`, `su` or `doas`.' },
  become_exe: { owners: ALL, shape: 'text', summary: 'Path of the become program.' },
  become_flags: { owners: ALL, shape: 'text', summary: 'Flags for the become program.' },
  environment: {
    owners: ALL,
    shape: 'environment',
    summary: 'Environment of the commands on the host; inner values win.',
    differs: 'A value of null is empty; ansible-core 2.14 makes it the text `None`.',
  },
  vars: { owners: ALL, shape: 'variables', summary: 'Variables for what is inside.' },
  ignore_errors: { owners: ALL, shape: 'flag', summary: 'Whether a failed task counts as ok and the host goes on.' },
  ignore_unreachable: { owners: ALL, shape: 'flag', summary: 'Whether a host that cannot be reached goes on.' },
  any_errors_fatal: { owners: ALL, shape: 'flag', summary: 'Whether one failed host ends the play for all.' },
  no_log: { owners: ALL, shape: 'flag', summary: 'Whether results are censored everywhere.' },
  check_mode: { owners: ALL, shape: 'flag', summary: 'Forces check mode on or off.' },
  diff: { owners: ALL, shape: 'flag', summary: 'Forces diff mode on or off.' },
  run_once: { owners: ALL, shape: 'flag', summary: 'Runs on the first host of the batch only.' },
  timeout: { owners: ALL, shape: 'seconds', summary: 'Deadline of each task, in seconds.' },
  remote_user: { owners: ALL, shape: 'text', summary: 'User to log in as.' },
  port: { owners: ALL, shape: 'count', summary: 'Port to connect to.' },
  connection: {
    owners: ALL,
    shape: 'text',
    summary: 'Kind of connection: `ssh`, `openssh`, `local`, `docker`, `podman` (docs/connections.md).',
  },

  hosts: { owners: PLAY, shape: 'hosts', summary: 'Pattern, or list of patterns, of the hosts to work on. Required.' },
  user: { owners: PLAY, shape: 'text', summary: 'Older name of `remote_user`.' },
  serial: {
    owners: PLAY,
    shape: 'batches',
    summary:
      'Hosts a batch: a number, a percentage, or a list for growing batches. A list may begin with `{canary: N}` (not in Ansible): the play ends unless all hosts of that batch are fine.',
  },
  max_fail_percentage: {
    owners: PLAY,
    shape: 'percent',
    summary: 'Ends the play when more than this share of a batch failed.',
  },
  max_fail: {
    owners: PLAY,
    shape: 'failBudget',
    summary:
      'Ends the play as soon as more hosts than allowed are lost: a map of `failed`, `unreachable`, `total`, each a number or a percentage of all hosts of the play.',
    isOurs: true,
  },
  strategy: {
    owners: PLAY,
    shape: 'strategy',
    summary:
      '`linear` (default): task by task on all hosts; `free` and `host_pinned`: each host at its own pace, with a place among the forks until it is through.',
  },
  gather_subset: {
    owners: PLAY,
    shape: 'texts',
    summary: 'Which facts are gathered; as `gather_subset` of `setup`.',
  },
  fact_path: {
    owners: PLAY,
    shape: 'text',
    summary: 'Folder on the hosts with local facts; as `fact_path` of `setup`.',
  },
  gather_timeout: { owners: PLAY, shape: 'count', summary: 'Seconds for each source of facts.' },
  order: { owners: PLAY, shape: 'order', summary: 'Order of the hosts.' },
  gather_facts: {
    owners: PLAY,
    shape: 'flag',
    summary: 'Whether facts are gathered first. Not written: only when something in the play reads them.',
    differs: 'Ansible gathers them always when it is not written.',
  },
  vars_files: {
    owners: PLAY,
    shape: 'varsFiles',
    summary: 'Files of variables; of an inner list the first that exists is read.',
  },
  vars_prompt: {
    owners: PLAY,
    shape: 'varsPrompt',
    summary: 'Variables that a person is asked for before the play begins.',
    differs: 'Without a terminal, one that has no default is an error.',
  },
  force_handlers: { owners: PLAY, shape: 'flag', summary: 'Whether notified handlers run on failed hosts too.' },
  roles: {
    owners: PLAY,
    shape: 'roles',
    summary: 'Roles, by name or as maps of `role`, keywords and variables; they run before `tasks`.',
    differs: 'A role with modules or plugins in Python is refused.',
  },
  pre_tasks: { owners: PLAY, shape: 'tasks', summary: 'Tasks before `tasks`; notified handlers run after them.' },
  tasks: { owners: PLAY, shape: 'tasks', summary: 'The tasks and blocks.' },
  post_tasks: { owners: PLAY, shape: 'tasks', summary: 'Tasks after `tasks` and its handlers.' },
  handlers: { owners: PLAY, shape: 'tasks', summary: 'Tasks that run once at the end of a section when notified.' },

  block: { owners: BLOCK, shape: 'tasks', summary: 'The tasks of the block.' },
  rescue: {
    owners: BLOCK,
    shape: 'tasks',
    summary: 'Tasks for a host on which the block failed.',
    differs:
      'An include whose file does not exist is rescued too; with ansible-core 2.14 the host goes through `rescue` and still counts as failed.',
  },
  always: { owners: BLOCK, shape: 'tasks', summary: 'Tasks that run in any case.' },

  when: { owners: BELOW_PLAY, shape: 'conditions', summary: 'Runs only where the expression is true; all of a list.' },
  delegate_to: { owners: BELOW_PLAY, shape: 'text', summary: "Host to run on in place of the play's host." },
  notify: { owners: WITH_NOTIFY, shape: 'optionalTexts', summary: 'Handlers to run when the task changed something.' },

  args: {
    owners: TASK,
    shape: 'moduleArgs',
    summary: "More arguments of the module; those beside the module's name win.",
  },
  action: {
    owners: TASK,
    shape: 'action',
    summary: 'The module and its arguments in one: `action: copy src=a dest=b`.',
  },
  local_action: { owners: TASK, shape: 'action', summary: '`action` with `delegate_to: localhost`.' },
  register: { owners: TASK, shape: 'variableName', summary: 'Variable that takes the result.' },
  throttle: {
    owners: ALL,
    shape: 'count',
    summary: 'On how many hosts at once each task runs at most; 0: as many as `--forks`.',
  },
  module_defaults: {
    owners: ALL,
    shape: 'moduleDefaults',
    summary: 'Arguments by module, for tasks that do not give them; of a module the innermost map counts.',
  },
  collections: {
    owners: ALL,
    shape: 'texts',
    summary: 'Only `ansible.builtin` and `ansible.legacy`: modules of other collections are not there.',
    differs: 'Other names are refused: a short name could mean one of their modules.',
  },
  loop: { owners: TASK, shape: 'loop', summary: 'Runs once for each item of the list, as `item`.' },
  'with_<lookup>': {
    owners: TASK,
    shape: 'items',
    summary:
      'Runs once for each result of a lookup: `with_items` (flattened one level), `with_dict`, `with_fileglob` …',
  },
  loop_control: {
    owners: TASK,
    shape: 'loopControl',
    summary:
      '`loop_var`, `index_var`, `label`, `pause` (seconds between items), `extended`, `extended_allitems`, `break_when`.',
  },
  until: { owners: TASK, shape: 'conditions', summary: 'Runs again until the expression is true.' },
  retries: {
    owners: TASK,
    shape: 'count',
    summary: 'How often at most (default 3).',
    differs:
      'Without `until` it tries again until the task does not fail; ansible-core 2.14 does not look at it there.',
  },
  delay: { owners: TASK, shape: 'seconds', summary: 'Seconds between tries (default 5).' },
  async: {
    owners: TASK,
    shape: 'seconds',
    summary: 'Runs as a job on the host, which is ended after so many seconds; 0: no job.',
  },
  poll: {
    owners: TASK,
    shape: 'seconds',
    summary: 'Seconds between looks for the end of the job (default 15); 0: the play goes on without it.',
  },
  changed_when: { owners: TASK, shape: 'conditions', summary: 'Decides whether the result counts as changed.' },
  failed_when: { owners: TASK, shape: 'conditions', summary: 'Decides whether the result counts as failed.' },
  delegate_facts: { owners: BELOW_PLAY, shape: 'flag', summary: 'Whether facts belong to the host of `delegate_to`.' },

  listen: {
    owners: ['handler'],
    shape: 'texts',
    summary: 'Further names that notify the handler.',
    differs: 'May hold a template; ansible-core 2.14 takes it as it is written.',
  },
};

/** Keywords of Ansible that are refused by name, with what to do in their place where there is something. */
export const UNSUPPORTED_KEYWORDS: Readonly<Record<string, string | undefined>> = {
  include: "use 'include_tasks' or 'import_tasks'",
  debugger: 'a run may have thousands of hosts and no terminal; use --step, -vvv or a debug task',
  validate_argspec: "use a 'validate_argument_spec' task",
};

/** The keyword when it may stand in `owner`. */
export function keywordOf(owner: Owner, name: string): Keyword | undefined {
  const word = /^with_\w+$/.test(name) ? 'with_<lookup>' : name;
  const keyword = Object.hasOwn(KEYWORDS, word) ? KEYWORDS[word] : undefined;
  return keyword?.owners.includes(owner) === true ? keyword : undefined;
}

/** The names of all keywords that may stand in `owner`, those of fewest owners first (they are meant more often). */
export function keywordNames(owner: Owner): string[] {
  const names = Object.entries(KEYWORDS).filter(([, keyword]) => keyword.owners.includes(owner));
  return names
    .sort(([, a], [, b]) => a.owners.length - b.owners.length)
    .map(([name]) => (name === 'with_<lookup>' ? 'with_items' : name));
}

/** How a keyword of Ansible, or one of ours, stands here. */
export interface KeywordStatus {
  readonly name: string;
  readonly status: 'works' | 'differs' | 'ours' | 'refused';
  /** How it differs, or why it is refused. */
  readonly note?: string;
}

/** Every keyword with its status, by name. */
export function keywordStatuses(): KeywordStatus[] {
  const known = Object.entries(KEYWORDS).map(([name, { differs, isOurs }]): KeywordStatus => {
    if (isOurs === true) return { name, status: 'ours' };
    return differs === undefined ? { name, status: 'works' } : { name, status: 'differs', note: differs };
  });
  const refused = Object.entries(UNSUPPORTED_KEYWORDS).map(
    ([name, note]): KeywordStatus => ({ name, status: 'refused', note }),
  );
  return [...known, ...refused].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
