import { describe, expect, it } from 'vitest';
import { FleetmendError, TransportError } from '../../src/errors.ts';
import { deferred, runText } from './scripted-fleet.ts';

const failOn = (host: string) => (_request: unknown, name: string) =>
  name === host ? { exitCode: 3, stderr: 'no' } : {};

describe('strategy', () => {
  it('linear starts the next task when all hosts have ended the one before', async () => {
    const slow = deferred();
    const order: string[] = [];
    const running = runText('- hosts: all\n  tasks:\n    - {name: one, raw: one}\n    - {name: two, raw: two}\n', {
      answer: async (request, host) => {
        order.push(`${host} ${request.script}`);
        if (host === 'web1' && request.script.includes('one')) await slow.promise;
        return {};
      },
    });
    await expect.poll(() => order.length).toBe(3);
    slow.resolve();
    const run = await running;
    expect(order.slice(0, 3).every((each) => each.endsWith('one'))).toBe(true);
    expect(order.slice(3)).toEqual(['web1 two', 'web2 two', 'web3 two']);
    expect(run.result.exitCode).toBe(0);
  });

  it('free lets each host run on alone', async () => {
    const slow = deferred();
    const order: string[] = [];
    const running = runText(
      '- hosts: all\n  strategy: free\n  tasks:\n    - {name: one, raw: one}\n    - {name: two, raw: two}\n',
      {
        answer: async (request, host) => {
          order.push(`${host} ${request.script}`);
          if (host === 'web1' && request.script.includes('one')) await slow.promise;
          return {};
        },
      },
    );
    await expect.poll(() => order).toContain('web3 two');
    expect(order).not.toContain('web1 two');
    slow.resolve();
    await running;
    expect(order).toContain('web1 two');
  });

  it('free runs a run_once task on every host, as Ansible does, and warns once', async () => {
    const run = await runText('- hosts: all\n  strategy: free\n  tasks: [{name: one, raw: a, run_once: true}]\n');
    expect(run.commands.map((each) => each.host)).toEqual(['web1', 'web2', 'web3']);
    const warnings = run.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(warnings).toEqual(["run_once has no meaning with strategy free: task 'one' runs on every host"]);
  });

  it('works on no more hosts at once than forks', async () => {
    let busy = 0;
    let most = 0;
    await runText('- hosts: all\n  tasks: [{raw: x}]\n', {
      hosts: 'a,b,c,d,e,',
      forks: 2,
      answer: async () => {
        busy++;
        most = Math.max(most, busy);
        await new Promise((done) => setImmediate(done));
        busy--;
        return {};
      },
    });
    expect(most).toBe(2);
  });

  it('opens one connection a host for all tasks', async () => {
    const run = await runText('- hosts: all\n  tasks: [{raw: a}, {raw: b}, {raw: c}]\n');
    expect(run.connects.toSorted()).toEqual(['web1', 'web2', 'web3']);
  });
});

describe('failures', () => {
  it('a failed host leaves the play and the others go on', async () => {
    const run = await runText('- hosts: all\n  tasks: [{name: one, raw: a}, {name: two, raw: b}]\n', {
      answer: failOn('web2'),
    });
    expect(run.tasksOf('web2')).toEqual(['one']);
    expect(run.tasksOf('web1')).toEqual(['one', 'two']);
    expect(run.result.exitCode).toBe(2);
    expect(run.result.hosts.web2).toMatchObject({ failed: 1, ok: 0 });
    expect(run.result.badHosts).toEqual(['web2']);
  });

  it('an unreachable host leaves the run with exit code 4 when none failed', async () => {
    const down = { web3: new TransportError('CONNECT_REFUSED', 'connection refused by 10.0.0.3:22') };
    const run = await runText(
      '- hosts: all\n  tasks: [{name: one, raw: a}]\n- hosts: all\n  tasks: [{name: two, raw: b}]\n',
      { down },
    );
    expect(run.resultOf('one', 'web3')).toMatchObject({
      status: 'unreachable',
      failure: { kind: 'unreachable', code: 'CONNECT_REFUSED' },
    });
    expect(run.tasksOf('web3')).toEqual(['one']);
    expect(run.result.hosts.web3).toMatchObject({ unreachable: 1 });
    expect(run.result.exitCode).toBe(4);
  });

  it('ignore_errors goes on, and counts ok and ignored', async () => {
    const run = await runText(
      '- hosts: web1\n  tasks: [{name: one, raw: a, ignore_errors: true}, {name: two, raw: b}]\n',
      {
        answer: (request) => (request.script.includes('a') ? { exitCode: 1 } : {}),
      },
    );
    expect(run.resultOf('one', 'web1')).toMatchObject({ status: 'failed', ignored: true });
    expect(run.result.hosts.web1).toMatchObject({ ok: 2, ignored: 1, failed: 0 });
    expect(run.result.exitCode).toBe(0);
  });

  it('a bug in a module is an internal failure of that host, and the only result it gets', async () => {
    const run = await runText('- hosts: all\n  tasks: [{name: one, raw: a}]\n', {
      answer: (_request, host) => {
        if (host === 'web1') throw new RangeError('boom');
        return {};
      },
    });
    expect(run.resultOf('one', 'web1')).toMatchObject({
      status: 'failed',
      failure: { kind: 'internal', message: 'Internal error: boom' },
    });
    expect(run.resultOf('one', 'web2').status).toBe('changed');
  });

  it('an undefined variable in `when` fails the host and names the variable and its place', async () => {
    const run = await runText('- hosts: web1\n  tasks:\n    - name: one\n      raw: a\n      when: nosuch == 1\n');
    const { failure } = run.resultOf('one', 'web1');
    expect(failure?.kind).toBe('invalid');
    expect(failure?.message).toContain("'nosuch'");
    expect(failure?.message).toContain('play.yml:5:13');
  });
});

describe('blocks', () => {
  const BLOCK = `
- hosts: all
  tasks:
    - block:
        - {name: one, raw: one}
        - {name: skipped by the failure, raw: two}
      rescue:
        - {name: rescue, raw: rescue}
      always:
        - {name: always, raw: always}
    - {name: after, raw: after}
`;

  it('rescue takes the hosts that failed, always takes all, and the rescued go on', async () => {
    const run = await runText(BLOCK, {
      answer: (r, host) => (host === 'web1' && r.script.includes('one') ? { exitCode: 1 } : {}),
    });
    expect(run.tasksOf('web1')).toEqual(['one', 'rescue', 'always', 'after']);
    expect(run.tasksOf('web2')).toEqual(['one', 'skipped by the failure', 'always', 'after']);
    expect(run.result.hosts.web1).toMatchObject({ rescued: 1, failed: 0, ok: 3 });
    expect(run.resultOf('one', 'web1').rescued).toBe(true);
    expect(run.result.exitCode).toBe(0);
  });

  it('a host that fails in rescue still goes through always and then leaves', async () => {
    const run = await runText(BLOCK, {
      answer: (r, host) => (host === 'web1' && /one|rescue/.test(r.script) ? { exitCode: 1 } : {}),
    });
    expect(run.tasksOf('web1')).toEqual(['one', 'rescue', 'always']);
    expect(run.result.hosts.web1).toMatchObject({ rescued: 1, failed: 1 });
    expect(run.result.exitCode).toBe(2);
  });
});

describe('budgets', () => {
  const TWO = 'tasks: [{name: one, raw: a}, {name: two, raw: b}]';

  it('any_errors_fatal stops the play for all hosts', async () => {
    const run = await runText(`- hosts: all\n  any_errors_fatal: true\n  ${TWO}\n`, { answer: failOn('web2') });
    expect(run.tasksOf('web1')).toEqual(['one']);
    expect(run.result).toMatchObject({ exitCode: 2, endedBy: 'aborted' });
  });

  it('max_fail_percentage stops the play when more hosts failed than it allows', async () => {
    const stops = await runText(`- hosts: all\n  max_fail_percentage: 30\n  ${TWO}\n`, { answer: failOn('web2') });
    expect(stops.tasksOf('web1')).toEqual(['one']);
    for (const percentage of ['34', '33.4', '"34%"', '"{{ 34 }}"']) {
      const text = `- hosts: all\n  max_fail_percentage: ${percentage}\n  ${TWO}\n`;
      const goesOn = await runText(text, { answer: failOn('web2') });
      expect(goesOn.tasksOf('web1')).toEqual(['one', 'two']);
    }
  });

  it('a host that rescue takes care of counts for no budget', async () => {
    const run = await runText(
      `- hosts: all
  max_fail_percentage: 0
  any_errors_fatal: true
  tasks:
    - block: [{name: one, raw: a}]
      rescue: [{name: rescue, raw: b}]
    - {name: two, raw: c}
`,
      { answer: (request, host) => (host === 'web2' && request.script === 'a' ? { exitCode: 1 } : {}) },
    );
    expect(run.tasksOf('web1')).toEqual(['one', 'two']);
    expect(run.tasksOf('web2')).toEqual(['one', 'rescue', 'two']);
    expect(run.result).toMatchObject({ exitCode: 0, endedBy: 'completed' });
  });

  it('a play that is stopped still goes through always on every host that was in the block', async () => {
    const run = await runText(
      `- hosts: all
  any_errors_fatal: true
  tasks:
    - block: [{name: one, raw: a}, {name: two, raw: b}]
      always: [{name: always, raw: c}]
    - {name: three, raw: d}
`,
      { answer: (request, host) => (host === 'web2' && request.script === 'a' ? { exitCode: 1 } : {}) },
    );
    for (const host of ['web1', 'web2', 'web3']) expect(run.tasksOf(host)).toEqual(['one', 'always']);
    expect(run.result).toMatchObject({ exitCode: 2, endedBy: 'aborted' });
  });

  it('serial works in batches, and a batch that is lost whole ends the play', async () => {
    const fine = await runText(`- hosts: all\n  serial: [1, 50%]\n  ${TWO}\n`, { hosts: 'a,b,c,d,' });
    const batches = fine.events.flatMap((event) => (event.type === 'batch:start' ? [event.hosts] : []));
    expect(batches).toEqual([['a'], ['b', 'c'], ['d']]);
    const lost = await runText(`- hosts: all\n  serial: 1\n  ${TWO}\n`, { answer: failOn('web1') });
    expect(lost.tasksOf('web2')).toEqual([]);
    expect(lost.events.at(-1)).toMatchObject({ type: 'run:end', notStarted: ['web2', 'web3'], exitCode: 2 });
  });
});

describe('handlers', () => {
  it('run once a host, in the order of the play, after the tasks, where something changed', async () => {
    const run = await runText(
      `
- hosts: all
  tasks:
    - {name: one, raw: a, notify: [second, first]}
    - {name: two, raw: b, notify: second, changed_when: inventory_hostname == 'web1'}
    - {name: three, raw: c}
  handlers:
    - {name: first, raw: h1}
    - {name: second, raw: h2}
    - {name: topic listener, raw: h3, listen: topic}
`,
      { hosts: 'web1,' },
    );
    expect(run.tasksOf('web1')).toEqual(['one', 'two', 'three', 'first', 'second']);
  });

  it('listen, meta: flush_handlers, and a handler that notifies another', async () => {
    const run = await runText(
      `
- hosts: web1
  tasks:
    - {name: one, raw: a, notify: topic}
    - meta: flush_handlers
    - {name: two, raw: b}
  handlers:
    - {name: late, raw: h1, listen: chain}
    - {name: early, raw: h2, listen: topic, notify: chain}
`,
    );
    expect(run.tasksOf('web1')).toEqual(['one', 'early', 'late', 'two']);
  });

  it('that a templated notify names in vain fail the host, with the place', async () => {
    const run = await runText(
      `- hosts: web1
  tasks: [{name: one, raw: a, notify: "{{ 'restrat' }}"}]
  handlers: [{name: restart, raw: h}]
`,
    );
    expect(run.resultOf('one', 'web1').failure).toMatchObject({
      message: "play.yml:2:40: no handler of this play is named 'restrat' or listens to it",
      hint: "did you mean 'restart'?",
    });
  });

  it('may have variables in their names, and the innermost notify counts', async () => {
    const run = await runText(
      `- hosts: web1
  vars: {service: web}
  tasks:
    - block: [{name: one, raw: a, notify: "restart {{ service }}"}]
      notify: outer
  handlers: [{name: "restart {{ service }}", raw: h}, {name: outer, raw: o}]
`,
    );
    expect(run.tasksOf('web1')).toEqual(['one', 'restart web']);
  });

  it('do not run on a host that failed, unless forced', async () => {
    const text = (force: string) =>
      `- hosts: web1\n${force}  tasks: [{name: one, raw: a, notify: h}, {name: two, raw: b}]\n  handlers: [{name: h, raw: h}]\n`;
    const answer = (request: { script: string }) => (request.script.includes('b') ? { exitCode: 1 } : {});
    expect((await runText(text(''), { answer })).tasksOf('web1')).toEqual(['one', 'two']);
    expect((await runText(text('  force_handlers: true\n'), { answer })).tasksOf('web1')).toEqual(['one', 'two', 'h']);
  });
});

describe('deadlines', () => {
  it('--host-timeout ends a hung host and lets the others finish', async () => {
    const run = await runText('- hosts: all\n  strategy: free\n  tasks: [{name: one, raw: a}, {name: two, raw: b}]\n', {
      hostTimeoutMs: 50,
      answer: (_request, host) => (host === 'web1' ? new Promise(() => {}) : {}),
    });
    expect(run.resultOf('one', 'web1')).toMatchObject({
      status: 'failed',
      failure: { kind: 'timed_out', code: 'HOST_TIMEOUT', remote: 'gone' },
    });
    expect(run.tasksOf('web2')).toEqual(['one', 'two']);
    expect(run.result.exitCode).toBe(2);
  });

  it.each([
    ['INTERRUPTED', 130, 'interrupted'],
    ['RUN_DEADLINE', 124, 'deadline'],
  ] as const)('%s gives every started host one result and starts no other', async (code, exitCode, endedBy) => {
    const controller = new AbortController();
    const run = await runText('- hosts: all\n  tasks: [{name: one, raw: a}]\n', {
      forks: 2,
      connecting: 1,
      signal: controller.signal,
      answer: (_request, host) => {
        if (host === 'web2') queueMicrotask(() => controller.abort(new FleetmendError(code, 'over')));
        return new Promise(() => {});
      },
    });
    expect(run.result).toMatchObject({ exitCode, endedBy });
    expect(run.resultOf('one', 'web1')).toMatchObject({ status: 'failed', failure: { kind: 'interrupted', code } });
    expect(run.resultOf('one', 'web2').failure?.code).toBe(code);
    expect(run.tasksOf('web3')).toEqual([]);
    expect(run.events.at(-1)).toMatchObject({ type: 'run:end', notStarted: ['web3'] });
  });

  it.each(
    ['linear', 'free'].flatMap((strategy) => ['block', 'rescue', 'always', 'handler'].map((at) => [strategy, at])),
  )('strategy %s, interrupted in %s: each start has one result, and nothing starts after it', async (strategy, at) => {
    const controller = new AbortController();
    const run = await runText(
      `- hosts: all
  strategy: ${strategy}
  force_handlers: true
  tasks:
    - raw: first
      notify: h
    - meta: flush_handlers
    - block: [{raw: block}]
      rescue: [{raw: rescue}]
      always: [{raw: always}]
    - raw: last
  handlers: [{name: h, raw: handler}]
`,
      {
        signal: controller.signal,
        answer: ({ script }, host) => {
          if (script !== at) return { exitCode: script === 'block' ? 1 : 0 };
          if (host === 'web3') queueMicrotask(() => controller.abort(new FleetmendError('INTERRUPTED', 'over')));
          return new Promise(() => {});
        },
      },
    );
    const keyOf = (event: { host: string; taskId: string }) => `${event.host} ${event.taskId}`;
    const started = run.events.flatMap((event) => (event.type === 'host:start' ? [keyOf(event)] : []));
    const ended = run.events.flatMap((event) => (event.type === 'host:result' ? [keyOf(event)] : []));
    expect(ended.toSorted()).toEqual(started.toSorted());
    expect(new Set(ended).size).toBe(ended.length);
    for (const host of ['web1', 'web2', 'web3']) {
      expect(run.commands.filter((each) => each.host === host).at(-1)?.script).toBe(at);
      expect(run.result.hosts[host]?.failed).toBeGreaterThan(0);
    }
    expect(run.result).toMatchObject({ exitCode: 130, endedBy: 'interrupted' });
  });

  it('tells the hosts that still had tasks to come from those that were done', async () => {
    const controller = new AbortController();
    const run = await runText(
      '- hosts: all\n  tasks: [{name: one, raw: a}, {name: two, raw: b}]\n- hosts: web3,web4\n  tasks: [{name: three, raw: c}]\n',
      {
        hosts: 'web1,web2,web3,web4,',
        forks: 1,
        signal: controller.signal,
        answer: (request, host) => {
          if (request.script !== 'b' || host === 'web1') return {};
          if (host === 'web2') queueMicrotask(() => controller.abort(new FleetmendError('INTERRUPTED', 'over')));
          return new Promise(() => {});
        },
      },
    );
    expect(run.result.hosts.web1).toMatchObject({ ok: 2, failed: 0 });
    expect(run.resultOf('two', 'web2').status).toBe('failed');
    expect(run.events.at(-1)).toMatchObject({ type: 'run:end', notStarted: [], notFinished: ['web3', 'web4'] });
    expect(run.result.badHosts).toEqual(['web2', 'web3', 'web4']);
  });

  it('counts hosts of the plays that an aborted play keeps from their turn', async () => {
    const run = await runText(
      '- hosts: web1,web2\n  any_errors_fatal: true\n  tasks: [{name: one, raw: a}, {name: two, raw: b}]\n- hosts: web3\n  tasks: [{raw: c}]\n- hosts: nosuch\n  tasks: [{raw: c}]\n',
      { answer: failOn('web2') },
    );
    expect(run.events.at(-1)).toMatchObject({ notStarted: ['web3'], notFinished: ['web1'], endedBy: 'aborted' });
    expect(run.result.badHosts).toEqual(['web1', 'web2', 'web3']);
  });
});

it('a run in which no play matched a host is an error', async () => {
  await expect(runText('- hosts: nosuch\n  tasks: [{raw: a}]\n')).rejects.toMatchObject({
    code: 'NO_HOSTS_MATCHED',
    exitCode: 1,
  });
});
