/** Where a playbook comes to another result than with ansible-core 2.14 on purpose, beyond single keywords and filters. */

export interface Difference {
  /** Names the playbooks of test/differential that prove it: `# differs: ID`. */
  readonly id: string;
  /** What ansible-core 2.14 does. */
  readonly ansible: string;
  readonly here: string;
  readonly reason: string;
  /** Whether it is a mistake found before the run. */
  readonly isRefused?: boolean;
  /** Whether the hosts fail here on purpose. */
  readonly isFailing?: boolean;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'native-types',
    ansible: 'A number or boolean from a template becomes text; text that looks like a list is read as one.',
    here: 'A value keeps its type, and text stays text.',
    reason: 'As ansible-core 2.19 and later.',
  },
  {
    id: 'condition-text',
    ansible:
      'A text that all of a condition gives (`when: "{{ x }}"`, `that: "{{ x }}"`) is read as a further condition.',
    here: 'It fails the host, unless it says true or false or is empty. `debug: {var: "{{ x }}"}` takes names and paths only.',
    reason: 'It may come from a host, and code of a host must not run here. ansible-core 2.19 and later refuse it too.',
    isFailing: true,
  },
  {
    id: 'loop-text',
    ansible: '`loop:` with a text fails on each host.',
    here: 'A mistake found before the run.',
    reason: 'It can never be right.',
    isRefused: true,
  },
  {
    id: 'duplicate-key',
    ansible: 'A key that stands twice in a map is warned of, the last one counts.',
    here: 'A mistake found before the run.',
    reason: 'One of the two would silently be lost.',
    isRefused: true,
  },
  {
    id: 'label-undefined',
    ansible: 'An item whose `loop_control.label` cannot be evaluated fails, after its work was done.',
    here: 'The item itself is shown in place of the label.',
    reason: 'What is shown must not decide what happens.',
  },
  {
    id: 'null-argument',
    ansible:
      'An argument that is null counts as not given for most modules; others fail because of it, and `fail` says null.',
    here: 'It counts as not given for every module but `debug`, which shows it; an argument that is needed cannot be null.',
    reason: 'What most modules of Ansible do.',
  },
  {
    id: 'vault-redacted',
    ansible: 'Decrypted values are printed like others.',
    here: 'Values of `!vault` are `[REDACTED]` in output and reports; modules get them whole.',
    reason: 'Secrets do not belong into logs.',
  },
  {
    id: 'delegated-templates',
    ansible: 'Templates in `ansible_delegated_vars` are evaluated for the host whose task it is.',
    here: 'They are evaluated for the host that they belong to, as in `hostvars`.',
    reason: 'It is the value that the other host has.',
  },
  {
    id: 'async-booleans',
    ansible: '`started` and `finished` of a job are 1 or 0.',
    here: 'They are true or false.',
    reason: 'As ansible-core 2.19 and later.',
  },
  {
    id: 'condition-code',
    ansible: 'Values in `{{ }}` become a part of the condition and are read as code.',
    here: 'They are values: `{{ word }} == "x"` compares the text of `word`.',
    reason: 'What a host said must never be run; ansible-core 2.19 and later refuse braces amid a condition.',
  },
  {
    id: 'fatal-always',
    ansible: 'A play with `any_errors_fatal` goes on after a failed block that has an `always`.',
    here: 'It ends there, once `always` was done.',
    reason: 'The keyword says so.',
    isFailing: true,
  },
  {
    id: 'implicit-localhost',
    ansible: '`hostvars` also lists the implicit localhost.',
    here: 'It lists the hosts of the inventory; `hostvars.localhost` is there when asked for.',
    reason: 'A loop over `hostvars` means the fleet.',
  },
];

/** Where ansible-core 2.19 and later decide otherwise than 2.14, and a playbook goes on as with 2.14 here. */
export interface NewerRule {
  readonly newer: string;
  readonly here: string;
  readonly reason: string;
}

export const NEWER_RULES: readonly NewerRule[] = [
  {
    newer: 'A condition that gives no boolean is an error, unless `allow_broken_conditionals` is set.',
    here: "It counts by Python's truth, as up to 2.18; `allow_broken_conditionals: no` makes it an error.",
    reason: 'Playbooks that run go on running.',
  },
];
