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
}

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'native-types',
    ansible: 'A number or boolean from a template becomes text; text that looks like a list is read as one.',
    here: 'A value keeps its type, and text stays text.',
    reason: 'As ansible-core 2.19 and later.',
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
    ansible: 'A null argument of `debug` is shown as null.',
    here: 'An argument that is null counts as not given, for every module.',
    reason: 'Most of the modules of Ansible do the same.',
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
    id: 'implicit-localhost',
    ansible: '`hostvars` also lists the implicit localhost.',
    here: 'It lists the hosts of the inventory; `hostvars.localhost` is there when asked for.',
    reason: 'A loop over `hostvars` means the fleet.',
  },
];
