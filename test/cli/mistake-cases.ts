/** Typical mistakes in playbooks, and all that a user sees of each. */

export interface MistakeCase {
  readonly mistake: string;
  readonly playbook: string;
  /** What `fleetmend check` says of the playbook as FILE. */
  readonly seen: string;
}

export const MISTAKES: readonly MistakeCase[] = [
  {
    mistake: 'a tab as indentation',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x
	  command: ls
`,
    seen: `FILE:5:1: expected spaces as indentation, found a tab; replace the tab by spaces
  5 | 	  command: ls
    | ^`,
  },
  {
    mistake: 'no colon behind a key',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x
      command ls
`,
    seen: `FILE:5:7: expected 'key: value', found 'command ls'
  5 |       command ls
    |       ^`,
  },
  {
    mistake: 'no colon behind the first key of a task',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name x
      command: ls
`,
    seen: `FILE:4:7: expected 'key: value', found 'name x'
  4 |     - name x
    |       ^`,
  },
  {
    mistake: 'no space behind a colon',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x
      command:ls
`,
    seen: `FILE:5:7: expected a space after 'command:'
  5 |       command:ls
    |       ^`,
  },
  {
    mistake: 'a colon in an unquoted value',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x: y
      command: ls
`,
    seen: `FILE:4:13: a value that contains ': ' must be quoted; put the whole value in quotes
  4 |     - name: x: y
    |             ^`,
  },
  {
    mistake: 'a key one column too far',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x
       command: ls
`,
    seen: `FILE:5:8: bad indentation: expected 6 spaces, found 7
  5 |        command: ls
    |        ^`,
  },
  {
    mistake: 'braces that begin a value unquoted',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug:
        msg: {{ x }}
`,
    seen: `FILE:5:14: a value that starts with '{{' must be quoted; write "{{ x }}"
  5 |         msg: {{ x }}
    |              ^`,
  },
  {
    mistake: 'text behind a closing quote',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug:
        msg: "a" b
`,
    seen: `FILE:5:18: the value ends at its closing ", found 'b' behind it; put the whole value in quotes of the other kind
  5 |         msg: "a" b
    |                  ^`,
  },
  {
    mistake: 'one equals sign in a condition',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - command: ls
      when: x = 1
`,
    seen: `FILE:5:15: Unexpected '='; write '==' to compare
  5 |       when: x = 1
    |               ^`,
  },
  {
    mistake: 'arguments that are not indented below their module',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x
      copy:
      src: a
      dest: b
`,
    seen: `FILE:6:7: 'src' is an argument of module 'copy', not a keyword of a task; indent it below 'copy:'
  6 |       src: a
    |       ^
FILE:7:7: 'dest' is an argument of module 'copy', not a keyword of a task; indent it below 'copy:'
  7 |       dest: b
    |       ^`,
  },
  {
    mistake: 'a keyword among the arguments',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x
      copy:
        src: a
        dest: b
        when: true
`,
    seen: `FILE:8:9: module 'copy' has no argument 'when'; 'when' is a keyword of a task: put it beside 'copy:'
  8 |         when: true
    |         ^`,
  },
  {
    mistake: 'an argument beside arguments written as text',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - copy: src=a dest=b
      mode: "0644"
`,
    seen: `FILE:5:7: 'mode' is an argument of module 'copy', not a keyword of a task; write 'mode=…' behind 'copy:', or all arguments as 'name: value' below it
  5 |       mode: "0644"
    |       ^`,
  },
  {
    mistake: 'arguments written as text, continued with colons',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - copy: src=a
        dest=b
        mode: x
`,
    seen: `FILE:6:9: bad indentation: expected 6 spaces, found 8; 'copy:' on line 4 has a value already, so no key can stand below it
  6 |         mode: x
    |         ^`,
  },
  {
    mistake: 'equals signs in a map',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - copy: {src=a, dest=b}
`,
    seen: `FILE:4:14: module 'copy' has no argument 'src=a'; write 'src: a'
  4 |     - copy: {src=a, dest=b}
    |              ^
FILE:4:21: module 'copy' has no argument 'dest=b'; write 'dest: b'
  4 |     - copy: {src=a, dest=b}
    |                     ^`,
  },
  {
    mistake: 'a misspelt module',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - comand: ls
`,
    seen: `FILE:4:7: unknown module 'comand'; did you mean 'command'?
  4 |     - comand: ls
    |       ^`,
  },
  {
    mistake: 'a misspelt keyword',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - command: ls
      wehn: true
`,
    seen: `FILE:5:7: unknown keyword 'wehn' in a task; did you mean 'when'?
  5 |       wehn: true
    |       ^`,
  },
  {
    mistake: 'a misspelt filter',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug: {msg: "{{ 1 | defualt(2) }}"}
`,
    seen: `FILE:4:28: Unknown filter 'defualt'; did you mean 'default'?
  4 |     - debug: {msg: "{{ 1 | defualt(2) }}"}
    |                            ^`,
  },
  {
    mistake: 'a misspelt test',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug: {msg: x}
      when: x is defind
`,
    seen: `FILE:5:18: Unknown test 'defind'; did you mean 'defined'?
  5 |       when: x is defind
    |                  ^`,
  },
  {
    mistake: 'a misspelt lookup',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug: {msg: "{{ lookup('flie', 'x') }}"}
`,
    seen: `FILE:4:31: Unknown lookup 'flie'; did you mean 'file'?
  4 |     - debug: {msg: "{{ lookup('flie', 'x') }}"}
    |                               ^`,
  },
  {
    mistake: 'a word where true or false is wanted',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - file: {path: x, state: directory, recurse: maybe}
`,
    seen: `FILE:4:50: expected argument 'recurse' to be true or false, found 'maybe'
  4 |     - file: {path: x, state: directory, recurse: maybe}
    |                                                  ^`,
  },
  {
    mistake: 'a word where a number is wanted',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - wait_for: {port: eighty}
`,
    seen: `FILE:4:24: expected argument 'port' to be a whole number, found 'eighty'
  4 |     - wait_for: {port: eighty}
    |                        ^`,
  },
  {
    mistake: 'a word that is none of those allowed',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - file: {path: x, state: dir}
`,
    seen: `FILE:4:30: expected argument 'state' to be 'absent', 'directory', 'file', 'hard', 'link' or 'touch', found 'dir'
  4 |     - file: {path: x, state: dir}
    |                              ^`,
  },
  {
    mistake: 'a missing argument',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - copy: {content: x}
`,
    seen: `FILE:4:7: module 'copy' needs argument 'dest'
  4 |     - copy: {content: x}
    |       ^`,
  },
  {
    mistake: 'a list of arguments',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - file: [a]
`,
    seen: `FILE:4:13: expected the arguments of module 'file' to be a map or text, found a list
  4 |     - file: [a]
    |             ^`,
  },
  {
    mistake: 'a key that stands twice',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - command: ls
      command: id
`,
    seen: `FILE:5:7: key 'command' is already in this map, on line 4; keep one of the two
  5 |       command: id
    |       ^`,
  },
  {
    mistake: 'a module of a collection',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - community.general.ufw: {rule: allow}
`,
    seen: `FILE:4:7: module 'community.general.ufw' is of collection 'community.general', which is not supported; docs/modules.md lists the modules there are
  4 |     - community.general.ufw: {rule: allow}
    |       ^`,
  },
  {
    mistake: 'a dash in the name of a result',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - command: ls
      register: my-result
`,
    seen: `FILE:5:17: expected \`register\` to be a variable name (letters, digits and _, no digit first), found 'my-result'
  5 |       register: my-result
    |                 ^`,
  },
  {
    mistake: 'a loop over a map',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug: {msg: "{{ item }}"}
      loop: {a: 1}
`,
    seen: `FILE:5:13: expected \`loop\` to be a list or a template ('{{ … }}') that gives one, found a map
  5 |       loop: {a: 1}
    |             ^`,
  },
  {
    mistake: 'two modules in one task',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x
      command: ls
      debug: {msg: x}
`,
    seen: `FILE:6:7: task has two modules: 'command' and 'debug'; make two tasks of it
  6 |       debug: {msg: x}
    |       ^`,
  },
  {
    mistake: 'a task without a module',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - name: x
      when: true
`,
    seen: `FILE:4:7: expected a module in the task, found only keywords (name, when)
  4 |     - name: x
    |       ^`,
  },
  {
    mistake: 'a dash in the name of a variable',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug: {msg: x}
      vars: {my-var: 1}
`,
    seen: `FILE:5:14: expected a variable name, found 'my-var'; use letters, digits and _, and no digit first
  5 |       vars: {my-var: 1}
    |              ^`,
  },
  {
    mistake: 'a loop of a template that is not closed',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug: {msg: "{% for x in [1] %}{{ x }}"}
`,
    seen: `FILE:4:46: Expected '{% endfor %}' before the end of the text
  4 |     - debug: {msg: "{% for x in [1] %}{{ x }}"}
    |                                              ^`,
  },
  {
    mistake: 'braces that are not closed',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - debug: {msg: "{{ x }"}
`,
    seen: `FILE:4:26: Unexpected '}'; an expression ends with '}}', a statement with '%}'
  4 |     - debug: {msg: "{{ x }"}
    |                          ^`,
  },
  {
    mistake: 'a play that is no list item',
    playbook: `hosts: a
tasks:
  - command: ls
`,
    seen: `FILE:1:1: expected a list of plays, found a map; put '- ' before its first keyword
  1 | hosts: a
    | ^`,
  },
  {
    mistake: 'a play without hosts',
    playbook: `- tasks:
    - command: ls
`,
    seen: `FILE:1:3: play has no 'hosts'; add 'hosts: all' or another pattern
  1 | - tasks:
    |   ^`,
  },
  {
    mistake: 'tasks that are no list',
    playbook: `- hosts: a
  tasks:
    command: ls
`,
    seen: `FILE:3:5: expected \`tasks\` to be a list of tasks, found a map
  3 |     command: ls
    |     ^`,
  },
  {
    mistake: 'a loop on a block',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - block: [{command: ls}]
      loop: [1]
`,
    seen: `FILE:5:7: 'loop' is a keyword of a task or handler, not of a block
  5 |       loop: [1]
    |       ^`,
  },
  {
    mistake: 'a handler of another name',
    playbook: `- hosts: a
  gather_facts: false
  handlers:
    - {name: restart nginx, command: ls}
  tasks:
    - command: ls
      notify: Restart nginx
`,
    seen: `FILE:7:15: no handler is named 'Restart nginx' or listens to it; did you mean 'restart nginx'?
  7 |       notify: Restart nginx
    |               ^`,
  },
  {
    mistake: 'a role that is not there',
    playbook: `- hosts: a
  roles: [haproxy]
`,
    seen: `FILE:2:11: role 'haproxy' does not exist; looked in 'roles', 'HOME/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles', '.'
  2 |   roles: [haproxy]
    |           ^`,
  },
  {
    mistake: 'a misspelt role',
    playbook: `- hosts: a
  roles: [ngnix]
`,
    seen: `FILE:2:11: role 'ngnix' does not exist; did you mean 'nginx'?
  2 |   roles: [ngnix]
    |           ^`,
  },
  {
    mistake: 'a regular expression as hosts that is none',
    playbook: `- hosts: "web:!~db(1"
  gather_facts: false
`,
    seen: `FILE:1:11: pattern '~db(1' cannot be used: 'db(1' is no regular expression here: Unterminated group; ':' and ',' split patterns; use '.' for them in a regular expression
  1 | - hosts: "web:!~db(1"
    |           ^`,
  },
  {
    mistake: 'a variable as hosts, unquoted',
    playbook: `- hosts: {{ target }}
  tasks:
    - command: ls
`,
    seen: `FILE:1:10: a value that starts with '{{' must be quoted; write "{{ target }}"
  1 | - hosts: {{ target }}
    |          ^`,
  },
  {
    mistake: 'an import of a file that is not known yet',
    playbook: `- hosts: a
  gather_facts: false
  tasks:
    - import_tasks: "{{ f }}.yml"
`,
    seen: `FILE:4:22: 'f' is undefined; an import is read before there is a host: only -e and variables of the play, its blocks and roles are known; use 'include_tasks' for others
  4 |     - import_tasks: "{{ f }}.yml"
    |                      ^`,
  },
];
