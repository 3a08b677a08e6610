import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { FleetmendError, TransportError } from '../../src/errors.ts';
import { raw } from '../../src/modules/raw.ts';
import { findModule } from '../../src/modules/registry.ts';
import type { Become } from '../../src/transport/types.ts';
import { runText } from './scripted-fleet.ts';

const one = (yaml: string) => `- hosts: web1\n  tasks:\n${yaml.replace(/^/gm, '    ')}\n`;

describe('a shell ahead of the next script', () => {
  it('is asked for while a task runs that another one on the host follows', async () => {
    const run = await runText(one('- shell: a\n- shell: b\n- shell: c'));
    expect(run.prepared).toEqual(['web1', 'web1']);
  });

  it('is not asked for when only tasks of the controller follow', async () => {
    const run = await runText(one('- shell: a\n- debug: {msg: done}\n- set_fact: {x: 1}'));
    expect(run.prepared).toEqual([]);
  });

  it('is asked for between the items of the last task', async () => {
    const run = await runText(one('- {shell: "echo {{ item }}", loop: [1, 2, 3]}'));
    expect(run.prepared).toEqual(['web1', 'web1']);
  });
});

describe('loops', () => {
  it('run the module once an item and fold the results', async () => {
    const run = await runText(
      one(
        '- {name: t, raw: "echo {{ item }}", loop: [a, b], register: r}\n- {name: d, debug: {msg: "{{ r.results | map(attribute=\'item\') | join(\',\') }}"}}',
      ),
    );
    expect(run.commands.map((each) => each.script)).toEqual(['echo a', 'echo b']);
    expect(run.resultOf('t', 'web1').status).toBe('changed');
    expect(run.resultOf('d', 'web1').result.msg).toBe('a,b');
    expect(run.events.filter((event) => event.type === 'item:result').map((event) => event.label)).toEqual(['a', 'b']);
  });

  it('evaluate when for each item', async () => {
    const run = await runText(one('- {name: t, raw: "echo {{ item }}", loop: [1, 2, 3], when: item != 2}'));
    expect(run.commands.map((each) => each.script)).toEqual(['echo 1', 'echo 3']);
  });

  it('with_items flattens one level, loop does not', async () => {
    const run = await runText(one('- {name: t, raw: "echo {{ item }}", with_items: [[a, b], c]}'));
    expect(run.commands.map((each) => each.script)).toEqual(['echo a', 'echo b', 'echo c']);
    const bad = await runText(one('- {name: t, raw: x, loop: "{{ 5 }}"}'));
    expect(bad.resultOf('t', 'web1').failure?.message).toContain("expected `loop` to be a list, found '5'");
  });

  it('loop_control names the variable, the index and the label', async () => {
    const run = await runText(
      one(
        '- {name: t, raw: "echo {{ i }} {{ c.n }}", loop: [{n: x}], loop_control: {loop_var: c, index_var: i, label: "{{ c.n }}"}}',
      ),
    );
    expect(run.commands.map((each) => each.script)).toEqual(['echo 0 x']);
    expect(run.events.find((event) => event.type === 'item:result')).toMatchObject({ label: 'x' });
  });

  it('all items run although one failed, and the failure says how many', async () => {
    const run = await runText(one('- {name: t, raw: "{{ item }}", loop: [bad, fine]}'), {
      answer: (request) => (request.script === 'bad' ? { exitCode: 1 } : {}),
    });
    expect(run.commands).toHaveLength(2);
    expect(run.resultOf('t', 'web1').failure?.message).toMatch(/^1 of 2 items failed/);
  });
});

describe('retries', () => {
  it('until tries again and reports each retry', async () => {
    let calls = 0;
    const run = await runText(one('- {name: t, raw: x, register: r, until: r.stdout == "3", retries: 5, delay: 0}'), {
      answer: () => ({ stdout: String(++calls) }),
    });
    expect(calls).toBe(3);
    expect(run.resultOf('t', 'web1')).toMatchObject({ status: 'changed', result: { attempts: 3 } });
    expect(run.events.filter((event) => event.type === 'host:retry')).toHaveLength(2);
  });

  it('fails when the condition never holds', async () => {
    const run = await runText(one('- {name: t, raw: x, register: r, until: false, retries: 2, delay: 0}'));
    expect(run.commands).toHaveLength(3);
    expect(run.resultOf('t', 'web1').status).toBe('failed');
  });
});

describe('changed_when and failed_when', () => {
  it('see the registered result and decide', async () => {
    const answer = () => ({ exitCode: 4, stdout: 'already there' });
    const run = await runText(
      one(
        '- {name: t, raw: x, register: r, failed_when: "r.rc not in [0, 4]", changed_when: "\'already\' not in r.stdout"}',
      ),
      { answer },
    );
    expect(run.resultOf('t', 'web1')).toMatchObject({
      status: 'ok',
      result: { failed_when_result: false, changed: false },
    });
    const failed = await runText(one('- {name: t, raw: x, register: r, failed_when: "\'already\' in r.stdout"}'), {
      answer: () => ({ stdout: 'already' }),
    });
    expect(failed.resultOf('t', 'web1')).toMatchObject({ status: 'failed', result: { failed: true } });
  });
});

it('failed_when does not judge a task whose deadline passed', async () => {
  const run = await runText(one('- {name: t, raw: x, register: r, failed_when: "r.rc not in [0, 1]"}'), {
    answer: () => ({ ended: 'timed_out', exitCode: null, remote: 'gone' }),
  });
  expect(run.resultOf('t', 'web1').failure).toMatchObject({
    kind: 'timed_out',
    code: 'COMMAND_TIMEOUT',
    remote: 'gone',
  });
});

it('a deadline that passed is told as it was asked for, whatever was left of it', async () => {
  let nowMs = 0;
  const run = await runText(one('- {name: t, raw: x, timeout: 1}'), {
    // Time passes between the start of the task and that of its command.
    nowMs: () => (nowMs += 0.4),
    answer: () => ({ ended: 'timed_out', exitCode: null, remote: 'gone' }),
  });
  expect(run.resultOf('t', 'web1')).toMatchObject({
    failure: { message: 'no end within 1.0 s; the remote process was killed and is gone' },
    result: { timedout: { period: 1 } },
  });
});

it('a remote process that does not die is named with its pid', async () => {
  const run = await runText(one('- {name: t, raw: x}'), {
    answer: () => ({ ended: 'timed_out', exitCode: null, remote: 'still_running', remotePids: [4711, 4712] }),
  });
  expect(run.resultOf('t', 'web1')).toMatchObject({
    failure: {
      message: expect.stringMatching(/KILL was sent\): it is still running \(pid 4711, 4712\)$/),
      remote: 'still_running',
      remotePids: [4711, 4712],
    },
    result: { remote_still_running: [4711, 4712] },
  });
});

it('fleetmend_idle_timeout ends a silent command, and has to be a number', async () => {
  const tasks = one('- {name: t, raw: x, vars: {fleetmend_idle_timeout: 90}}');
  const run = await runText(tasks, { answer: () => ({ ended: 'idle', exitCode: null, remote: 'gone' }) });
  expect(run.resultOf('t', 'web1').failure).toMatchObject({
    kind: 'timed_out',
    message: expect.stringMatching(/^no output for 1m 30s; the remote process was killed/),
  });
  const wrong = await runText(one('- {name: t, raw: x, vars: {fleetmend_idle_timeout: soon}}'));
  expect(wrong.resultOf('t', 'web1').failure).toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: "expected `fleetmend_idle_timeout` of 'web1' to be a number of seconds, found 'soon'",
  });
});

describe('where and as whom', () => {
  it('run_once runs on the first host and all hosts register its result', async () => {
    const run = await runText(
      '- hosts: all\n  tasks:\n    - {name: t, raw: x, run_once: true, register: r}\n    - {name: d, debug: {msg: "{{ r.stdout }}"}}\n',
      { answer: () => ({ stdout: 'from one' }) },
    );
    expect(run.commands.map((each) => each.host)).toEqual(['web1']);
    expect(run.resultOf('d', 'web3').result.msg).toBe('from one');
  });

  it('delegate_to runs on the other host with the variables of the first', async () => {
    const run = await runText(
      '- hosts: web1\n  tasks: [{name: t, raw: "echo {{ inventory_hostname }}", delegate_to: web2}]\n',
    );
    expect(run.commands).toEqual([{ host: 'web2', script: 'echo web1' }]);
    expect(run.resultOf('t', 'web1').delegatedTo).toBe('web2');
  });

  it('become and environment come from task, block and play, the innermost first', async () => {
    const seen: unknown[] = [];
    await runText(
      `
- hosts: web1
  become: true
  become_user: deploy
  environment: {A: play, B: play}
  tasks:
    - raw: x
    - become: false
      environment: {B: block}
      block:
        - {raw: y, environment: {C: "{{ 1 + 1 }}"}}
`,
      {
        answer: (request) => {
          seen.push([request.become?.user, request.environment]);
          return {};
        },
      },
    );
    expect(seen).toEqual([
      ['deploy', { A: 'play', B: 'play' }],
      [undefined, { A: 'play', B: 'block', C: '2' }],
    ]);
  });
});

describe('become', () => {
  /** How the one task of a play becomes another user, by the words of its variables and keywords. */
  async function becomeOf(vars: string, keywords = 'become: true'): Promise<unknown> {
    let seen: unknown = 'none';
    const run = await runText(`- hosts: web1\n  vars: {${vars}}\n  tasks: [{name: t, raw: x, ${keywords}}]\n`, {
      answer: (request) => {
        const { password, ...rest } = request.become ?? {};
        seen = request.become && { ...rest, ...(password && { password: password.reveal() }) };
        return {};
      },
    });
    const { failure } = run.resultOf('t', 'web1');
    return failure === undefined ? seen : { code: failure.code, message: failure.message, hint: failure.hint };
  }

  it.each(['y', 'Yes', 'on', '1', 't', 'True'])('ansible_become: %s', async (word) => {
    expect(await becomeOf(`ansible_become: "${word}"`, 'become: false')).toMatchObject({
      method: 'sudo',
      user: 'root',
    });
  });

  it.each(['n', 'No', 'off', '0', 'f', 'False'])('ansible_become: %s', async (word) => {
    expect(await becomeOf(`ansible_become: "${word}"`)).toBeUndefined();
  });

  it('each method has variables of its own, which beat the general ones; these beat the keywords', async () => {
    expect(
      await becomeOf(
        'ansible_become_method: su, ansible_su_exe: /opt/su, ansible_become_exe: /opt/any, ansible_su_flags: -l, ' +
          'ansible_sudo_flags: -x, ansible_su_pass: one, ansible_become_pass: two, ansible_become_user: app',
        'become: true, become_user: other, become_method: sudo, become_flags: -y',
      ),
    ).toMatchObject({ method: 'su', exe: '/opt/su', flags: ['-l'], password: 'one', user: 'app' });
    expect(await becomeOf('ansible_sudo_pass: three, ansible_su_pass: four')).toMatchObject({ password: 'three' });
  });

  it('flags are words as in a shell', async () => {
    expect(await becomeOf('', `become: true, become_flags: "-g 'web app' -x"`)).toMatchObject({
      flags: ['-g', 'web app', '-x'],
    });
    expect(await becomeOf('', `become: true, become_flags: "-g 'web"`)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('a time of its own', async () => {
    expect(await becomeOf('ansible_become_timeout: 90s')).toMatchObject({ timeoutMs: 90_000 });
    expect(await becomeOf('ansible_become_timeout: soon')).toMatchObject({
      message: "expected `ansible_become_timeout` of 'web1' to be a duration such as 30, '90s' or '5m', found 'soon'",
    });
  });

  it.each(['su', 'ansible.builtin.su', 'community.general.doas', 'doas'])('method %s', async (method) => {
    const short = method.split('.').at(-1);
    expect(await becomeOf('', `become: true, become_method: ${method}`)).toMatchObject({ method: short });
  });

  it('a refusal is in the result, for playbooks to see', async () => {
    const run = await runText(
      `
- hosts: web1
  become: true
  tasks:
    - {name: t, raw: x, register: r, ignore_errors: true}
    - {name: next, debug: {msg: "{{ r.become_failed }} {{ r.failed }} {{ r.msg }}"}}
`,
      {
        answer: () => {
          throw new TransportError('BECOME_FAILED', 'sudo on web1 refused the password of ops');
        },
      },
    );
    expect(run.resultOf('t', 'web1').failure?.kind).toBe('become_failed');
    expect(run.resultOf('next', 'web1').result.msg).toBe('True True sudo on web1 refused the password of ops');
  });

  it('an unknown method or word is named with its host', async () => {
    expect(await becomeOf('', 'become: true, become_method: sudu')).toEqual({
      code: 'INVALID_ARGUMENT',
      message: "expected the become method of 'web1' to be one of 'sudo', 'su', 'doas', found 'sudu'",
      hint: "did you mean 'sudo'?",
    });
    expect(await becomeOf('ansible_become: perhaps')).toMatchObject({
      message: "expected `ansible_become` of 'web1' to be yes or no, found 'perhaps'",
    });
  });
});

describe('variables', () => {
  it('extra beat set_fact beat task beat block beat play beat inventory', async () => {
    const run = await runText(
      `
- hosts: web1
  vars: {a: play, b: play, c: play, d: "{{ c }}-lazy"}
  tasks:
    - set_fact: {e: fact}
    - vars: {a: block, b: block}
      block:
        - {name: t, vars: {a: task, e: task}, debug: {msg: "{{ [a, b, c, d, e, x] | join(' ') }}"}}
`,
      { extraVars: [{ origin: '-e', vars: { x: 'extra', c: 'extra' }, isTemplate: true }] },
    );
    expect(run.resultOf('t', 'web1').result.msg).toBe('task block extra extra-lazy fact extra');
  });

  it('text that a host printed is never taken for a template', async () => {
    const run = await runText(
      one(
        '- {raw: x, register: r}\n- {set_fact: {copy: "{{ r.stdout }}"}}\n- {name: d, debug: {msg: "{{ copy }} {{ r.stdout }}"}}',
      ),
      {
        answer: () => ({ stdout: '{{ 6 * 7 }}' }),
      },
    );
    expect(run.resultOf('d', 'web1').result.msg).toBe('{{ 6 * 7 }} {{ 6 * 7 }}');
  });

  it('hostvars shows what other hosts registered, and variables in a circle are an error', async () => {
    const run = await runText(
      '- hosts: all\n  tasks:\n    - {raw: x, register: r}\n    - {name: d, debug: {msg: "{{ hostvars[\'web2\'].r.stdout }}"}}\n    - {name: c, vars: {a: "{{ b }}", b: "{{ a }}"}, debug: {msg: "{{ a }}"}}\n',
      { answer: (_request, host) => ({ stdout: `on ${host}` }) },
    );
    expect(run.resultOf('d', 'web1').result.msg).toBe('on web2');
    expect(run.resultOf('c', 'web1').failure?.message).toContain(
      "variables name each other in a circle: 'a' -> 'b' -> 'a'",
    );
  });

  it('omit leaves an argument out', async () => {
    const run = await runText(one('- {name: d, debug: {msg: "{{ nosuch | default(omit) }}"}}'));
    expect(run.resultOf('d', 'web1').result.msg).toBe('Hello world!');
  });
});

describe('no_log', () => {
  it('hides result, failure and changes from every event, not from the playbook', async () => {
    const run = await runText(
      one(
        '- {name: t, raw: "echo hunter2", no_log: true, register: r, ignore_errors: true}\n- {name: d, debug: {msg: "{{ r.stdout | length }}"}}',
      ),
      {
        answer: () => ({ exitCode: 1, stdout: 'hunter2' }),
      },
    );
    expect(JSON.stringify(run.events)).not.toContain('hunter2');
    expect(run.resultOf('t', 'web1').result).toMatchObject({ censored: expect.any(String), failed: true });
    expect(run.resultOf('d', 'web1').result.msg).toBe(7);
  });
});

describe('check mode', () => {
  it('skips what cannot be known without running it, and check_mode: false runs it all the same', async () => {
    const run = await runText(one('- {name: skipped, raw: x}\n- {name: ran, raw: y, check_mode: false}'), {
      checkMode: true,
    });
    expect(run.resultOf('skipped', 'web1').status).toBe('skipped');
    expect(run.resultOf('ran', 'web1').status).toBe('changed');
    expect(run.commands.map((each) => each.script)).toEqual(['y']);
  });
});

describe('tags', () => {
  it.each([
    [['a'], [], ['tagged a', 'always']],
    [[], ['a'], ['untagged', 'always']],
    [['never'], [], ['never', 'always']],
    [['untagged'], [], ['untagged', 'always']],
    [['tagged'], ['always'], ['tagged a']],
  ])('--tags %j --skip-tags %j runs %j', async (tags, skipTags, expected) => {
    const run = await runText(
      one(
        '- {name: tagged a, raw: x, tags: a}\n- {name: untagged, raw: x}\n- {name: always, raw: x, tags: always}\n- {name: never, raw: x, tags: never}',
      ),
      { tags, skipTags },
    );
    expect(run.tasksOf('web1').toSorted()).toEqual(expected.toSorted());
  });
});

describe('facts', () => {
  // The facts script is run for real, by this machine's shell.
  const answer = (request: { script: string }) => ({
    stdout: request.script === 'x' ? 'plain' : execFileSync('sh', { input: request.script, encoding: 'utf8' }),
  });

  it('are gathered when something first reads one, once a host', async () => {
    const run = await runText(
      one(
        '- {raw: x}\n- {name: d, debug: {msg: "{{ ansible_system }} {{ ansible_facts.system }}"}}\n- {raw: x, when: ansible_system == "Linux"}',
      ),
      { answer },
    );
    expect(run.resultOf('d', 'web1').result.msg).toBe('Linux Linux');
    expect(run.commands.map((each) => each.script === 'x')).toEqual([true, false, true]);
  });

  it('that a run_once task discovers are those of all hosts, as in Ansible', async () => {
    const run = await runText(
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: s, setup: {}, run_once: true}\n    - {name: d, debug: {msg: "{{ ansible_system }}"}}\n',
      { answer },
    );
    expect(run.commands.map(({ host }) => host)).toEqual(['web1']);
    for (const host of ['web1', 'web3']) expect(run.resultOf('d', host).result.msg).toBe('Linux');
  });

  it('are never gathered when nothing reads one, nor with gather_facts: false', async () => {
    expect((await runText(one('- {raw: x}'))).commands).toHaveLength(1);
    const off = await runText(
      '- hosts: web1\n  gather_facts: false\n  tasks: [{name: d, debug: {msg: "{{ ansible_kernel is defined }}"}}]\n',
    );
    expect(off.resultOf('d', 'web1').result.msg).toBe(false);
    expect(off.commands).toEqual([]);
  });

  it('of another host are gathered when hostvars is asked for them, and undefined when it cannot be reached', async () => {
    const text =
      '- hosts: all\n  tasks: [{name: d, debug: {msg: "{{ hostvars.web2.ansible_system | default(\'none\') }}"}, when: inventory_hostname == "web1"}]\n';
    const run = await runText(text, { answer });
    expect(run.resultOf('d', 'web1').result.msg).toBe('Linux');
    expect(run.commands.map((each) => each.host)).toEqual(['web2']);
    const down = { web2: new TransportError('CONNECT_REFUSED', 'refused') };
    expect((await runText(text, { answer, down })).resultOf('d', 'web1').result.msg).toBe('none');
  });

  it('a file in vars_files that no host can have ends the run before any host is touched', async () => {
    const commands: string[] = [];
    const running = runText('- hosts: web1\n  vars_files: [[nosuch.yml, neither.yml]]\n  tasks: [{raw: x}]\n', {
      answer: (request) => {
        commands.push(request.script);
        return {};
      },
      readVarsFile: () => {
        throw new FleetmendError('FILE_NOT_FOUND', 'no such file');
      },
    });
    await expect(running).rejects.toThrow(
      "play.yml:2:16: expected a file of variables, found none of 'nosuch.yml', 'neither.yml'",
    );
    expect(commands).toEqual([]);
  });

  it('that a partial setup left out are gathered when something reads them', async () => {
    const run = await runText(
      one('- {setup: {filter: ansible_kernel}}\n- {name: d, debug: {msg: "{{ ansible_system }}"}}'),
      { answer },
    );
    expect(run.resultOf('d', 'web1').result.msg).toBe('Linux');
  });

  it('may be part of the name of a file in vars_files', async () => {
    const play = (gather: string) =>
      `- hosts: web1\n${gather}  vars_files: ["{{ ansible_system }}.yml"]\n  tasks: [{name: d, debug: {msg: "{{ x | default('none') }}"}}]\n`;
    const readVarsFile = (path: string) => ({
      origin: path,
      vars: { x: path.split('/').at(-1) },
      isTemplate: true as const,
    });
    const msgWith = async (gather: string) =>
      (await runText(play(gather), { answer, readVarsFile })).resultOf('d', 'web1').result.msg;
    expect(await msgWith('')).toBe('Linux.yml');
    expect(await msgWith('  gather_facts: true\n')).toBe('Linux.yml');
    expect(await msgWith('  gather_facts: false\n')).toBe('none');
  });

  it('are a task of their own with gather_facts: true', async () => {
    const run = await runText(
      '- hosts: web1\n  gather_facts: true\n  tasks: [{name: d, debug: {msg: "{{ ansible_kernel }}"}}]\n',
      { answer },
    );
    expect(run.tasksOf('web1')).toEqual(['Gathering Facts', 'd']);
  });
});

describe('--start-at-task', () => {
  const PLAYS =
    '- hosts: all\n  tasks: [{name: one, raw: a}]\n- hosts: web1\n  tasks:\n    - {name: two, raw: b}\n    - block: [{name: three, raw: c}, {name: four, raw: d}]\n    - {name: five, raw: e}\n';

  it('leaves out all tasks before the named one', async () => {
    expect((await runText(PLAYS, { startAtTask: 'four' })).tasksOf('web1')).toEqual(['four', 'five']);
  });

  it('is an error when no task has the name', async () => {
    await expect(runText(PLAYS, { startAtTask: 'six' })).rejects.toMatchObject({
      code: 'USAGE',
      message: "no task is named 'six': nothing was done",
      hint: expect.stringContaining('see the names with --list-tasks'),
    });
    await expect(runText(PLAYS, { startAtTask: 'forr' })).rejects.toMatchObject({ hint: "did you mean 'four'?" });
  });
});

describe('--step', () => {
  const TASKS = 'tasks: [{name: one, raw: a}, {name: two, raw: b}, {name: three, raw: c}]\n';

  it.each(['linear', 'free'])('asks once for each task with strategy %s, and one thing at a time', async (strategy) => {
    const asked: string[] = [];
    let open = 0;
    const run = await runText(`- hosts: all\n  strategy: ${strategy}\n  ${TASKS}`, {
      confirmTask: async (name) => {
        expect(++open).toBe(1);
        asked.push(name);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return name === 'two' ? 'no' : 'yes';
      },
    });
    expect(asked).toEqual(['one', 'two', 'three']);
    expect(run.tasksOf('web3')).toEqual(['one', 'three']);
  });

  it('asks no more after continue', async () => {
    const asked: string[] = [];
    const run = await runText(`- hosts: all\n  ${TASKS}`, {
      confirmTask: async (name) => {
        asked.push(name);
        return 'continue';
      },
    });
    expect(asked).toEqual(['one']);
    expect(run.tasksOf('web1')).toEqual(['one', 'two', 'three']);
  });
});

it('delegate_to localhost runs on this machine and adds no host to the recap', async () => {
  const run = await runText('- hosts: web1\n  tasks: [{name: t, raw: here, delegate_to: localhost}]\n');
  expect(run.commands).toEqual([{ host: 'localhost', script: 'here' }]);
  expect(Object.keys(run.result.hosts)).toEqual(['web1']);
});

describe('a module that runs on the controller by a connection', () => {
  const local = { ...raw, spec: { ...raw.spec, runsOn: 'local' as const } };
  const play = (task: string) => `- hosts: web1\n  become: true\n  tasks: [${task}]\n`;

  async function runLocal(task: string) {
    const become: (Become | undefined)[] = [];
    const run = await runText(play(task), {
      findModule: (name) => (name === 'raw' ? local : findModule(name)),
      down: { web1: new TransportError('CONNECT_REFUSED', 'refused') },
      answer: (request) => {
        become.push(request.become);
        return {};
      },
    });
    return { run, become };
  }

  it('works for a host that cannot be reached, without the become of the play', async () => {
    const { run, become } = await runLocal('{name: t, raw: here}');
    expect(run.resultOf('t', 'web1')).toMatchObject({ status: 'changed' });
    expect(run.resultOf('t', 'web1').delegatedTo).toBeUndefined();
    expect(run.commands).toEqual([{ host: 'localhost', script: 'here' }]);
    expect(become).toEqual([undefined]);
  });

  it('runs where delegate_to says, as any other', async () => {
    const { run, become } = await runLocal('{name: t, raw: there, delegate_to: web2}');
    expect(run.resultOf('t', 'web1')).toMatchObject({ status: 'changed', delegatedTo: 'web2' });
    expect(run.commands).toEqual([{ host: 'web2', script: 'there' }]);
    expect(become).toMatchObject([{ user: 'root' }]);
  });
});
