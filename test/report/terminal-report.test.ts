import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createTerminalReport, type TerminalReportOptions } from '../../src/report/index.ts';
import { hostNames, ScriptedRun } from './scripted-run.ts';

describe('plain lines', () => {
  it.each([1, 2])('hold outputs of many lines at verbosity %i', async (verbosity) => {
    const stdout = 'x\n'.repeat(300_000);
    const text = await linesOf(
      (run) => {
        const play = run.play('Flood', ['web1']);
        const task = run.task(play, 'Print', 1);
        run.result(play, task, 'web1', { result: { stdout, stdout_lines: stdout.trimEnd().split('\n') } });
        run.endPlay(play);
        run.end();
      },
      { verbosity },
    );
    expect(text).toContain('ok: web1');
    expect(text).toContain('PLAY RECAP');
  });

  it('show what set_stats noted, hosts before the run', async () => {
    const text = await linesOf((run) =>
      run.end({ customStats: { run: { freed: 12 }, hosts: { web1: { own: ['x', '\u001b[2J'] } } } }),
    );
    expect(text).toContain(`
CUSTOM STATS ******************************************************************
  web1: {"own":["x","\\u001b[2J"]}
  RUN: {"freed":12}
`);
  });

  it('have Ansible headings, folded results, failures at once and the recap', async () => {
    const text = await linesOf((run) => {
      const hosts = hostNames('web', 6);
      const play = run.play('Clean', hosts);
      const facts = run.task(play, 'Gathering facts', 6, { module: 'setup' });
      for (const host of hosts) {
        if (host === 'web06')
          run.result(play, facts, host, {
            status: 'unreachable',
            kind: 'unreachable',
            message: 'connection refused',
            hint: 'is sshd running?',
          });
        else run.result(play, facts, host);
      }
      const remove = run.task(play, 'Remove dead containers', 5);
      run.result(play, remove, 'web01', prune(2));
      run.result(play, remove, 'web04', { message: 'device busy' });
      run.result(play, remove, 'web02', prune(2));
      run.result(play, remove, 'web03', { status: 'skipped', result: { skip_reason: 'no docker' } });
      run.result(play, remove, 'web05', { message: 'not there', ignored: true });
      run.endPlay(play);
      run.end({ exitCode: 2 });
    });
    expect(text).toBe(`
PLAY [Clean] ******************************************************************

TASK [Gathering facts] ********************************************************
unreachable: web06 => connection refused
    hint: is sshd running?
ok: web[01-05] (5 hosts)

TASK [Remove dead containers] *************************************************
failed: web04 => device busy
changed: web[01-02] (2 hosts) => removed 2 containers
    - remove container c0
    - remove container c1
skipped: web03 => no docker
failed (ignored): web05 => not there

PLAY RECAP ********************************************************************
web03      : ok=1 changed=0 unreachable=0 failed=0 skipped=1 rescued=0 ignored=0
web05      : ok=2 changed=0 unreachable=0 failed=0 skipped=0 rescued=0 ignored=1
web[01-02] : ok=2 changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0  (2 hosts)
web06      : ok=0 changed=0 unreachable=1 failed=0 skipped=0 rescued=0 ignored=0
web04      : ok=1 changed=0 unreachable=0 failed=1 skipped=0 rescued=0 ignored=0

FAILURES
  web06: connection refused
      unreachable in task 'Gathering facts'
      hint: is sshd running?
  web04: device busy
      failed in task 'Remove dead containers'

6 hosts: 4 ok (2 changed), 1 failed, 1 unreachable in 4.2 s
rerun only these: --limit web04,web06
`);
  });

  it('print a failure before the task has ended', () => {
    const { run, text } = scripted();
    run.start();
    const play = run.play('Clean', ['web1', 'web2']);
    const task = run.task(play, 'Remove', 2);
    run.result(play, task, 'web2', { message: 'device busy' });
    expect(text()).toContain('failed: web2 => device busy');
  });

  it('fold failures beyond the twentieth of a task', async () => {
    const text = await linesOf((run) => {
      const hosts = hostNames('web', 200, 3);
      const play = run.play('Clean', hosts);
      const task = run.task(play, 'Remove', 200);
      for (const host of hosts) run.result(play, task, host, { message: 'device busy' });
      run.end({ exitCode: 2 });
    });
    expect(text.split('\n').filter((line) => line.startsWith('failed: '))).toHaveLength(21);
    expect(text).toContain('failed: web[021-200] (180 hosts) => device busy');
    expect(text).toContain('not done on: web[001-200]');
  });

  it('say which file to rerun from when the hosts are too many to paste', async () => {
    const text = await linesOf(
      (run) => {
        const play = run.play('Clean', []);
        const task = run.task(play, 'Remove', 21);
        for (const host of hostNames('web', 21)) run.result(play, task, host, { message: 'busy' });
        run.end({ exitCode: 2 });
      },
      { retryFile: 'clean.retry' },
    );
    expect(text).toMatch(/rerun only these: --limit @clean\.retry\n$/);
  });

  it('repeat the heading when tasks of a free play interleave', async () => {
    const text = await linesOf((run) => {
      const play = run.play('Clean', ['web1', 'web2'], 'free');
      const first = run.task(play, 'First', 2);
      run.result(play, first, 'web1', { status: 'changed' });
      const second = run.task(play, 'Second', 2);
      run.result(play, second, 'web1', { message: 'broken' });
      run.result(play, first, 'web2', { status: 'changed' });
      run.result(play, second, 'web2', { status: 'changed' });
      run.endPlay(play);
    });
    expect(text.replace(/\*+/g, '*').split('\n').slice(3)).toEqual([
      'TASK [Second] *',
      'failed: web1 => broken',
      '',
      'TASK [First] *',
      'changed: web[1-2] (2 hosts)',
      '',
      'TASK [Second] *',
      'changed: web2',
      '',
    ]);
  });

  it('show all results of a task although its hosts are fewer than were announced', async () => {
    const text = await linesOf((run) => {
      const play = run.play('Clean', ['web1', 'web2'], 'free');
      run.result(play, run.task(play, 'First', 2), 'web1', { status: 'changed' });
      run.endPlay(play);
    });
    expect(text).toContain('changed: web1');
  });

  it('say what would change in check mode', async () => {
    const text = await linesOf(
      (run) => {
        const play = run.play('Clean', ['web1']);
        run.result(play, run.task(play, 'Remove', 1), 'web1', prune(1));
        run.end();
      },
      { checkMode: true },
    );
    expect(text).toContain('CHECK MODE: nothing is changed on any host');
    expect(text).toContain('would change: web1 => removed 1 containers\n    - remove container c0\n');
    expect(text).toContain('check mode, nothing was changed: 1 host: 1 ok (1 would change)');
  });

  it('cut a long list of changes, and show all of it with -v', async () => {
    const script = (run: ScriptedRun) => {
      const play = run.play('Clean', ['web1']);
      run.result(play, run.task(play, 'Remove', 1), 'web1', prune(25));
    };
    const short = await linesOf(script);
    expect(short).toContain('    - remove container c19\n    … and 5 more (all with -v)\n');
    expect(short).not.toContain('c20');
    expect(await linesOf(script, { verbosity: 1 })).toContain('    - remove container c24\n');
  });

  it('show diffs only with --diff', async () => {
    const script = (run: ScriptedRun) => {
      const play = run.play('Clean', ['web1']);
      const changes = [{ line: 'write /etc/motd', diff: { before: 'old\n', after: 'new\n', path: '/etc/motd' } }];
      run.result(play, run.task(play, 'Write', 1), 'web1', { status: 'changed', changes });
    };
    expect(await linesOf(script)).not.toContain('@@');
    expect(await linesOf(script, { diff: true })).toContain(
      'changed: web1 => write /etc/motd\n    --- /etc/motd (before)\n    +++ /etc/motd (after)\n    @@ -1 +1 @@\n    -old\n    +new\n',
    );
  });

  it('show the end of a failed command’s output without -v', async () => {
    const stderr = 'one\ntwo\nthree\nfour\nfive\n';
    const text = await linesOf((run) => {
      const play = run.play('Clean', ['web1']);
      run.result(play, run.task(play, 'Run', 1), 'web1', {
        message: 'non-zero return code',
        result: { rc: 1, stderr },
      });
    });
    expect(text).toContain(`failed: web1 => non-zero return code: five
    stderr (last 3 of 5 lines):
      three
      four
      five
`);
  });

  it('always show what debug says', async () => {
    const text = await linesOf((run) => {
      const play = run.play('Clean', ['web1']);
      run.result(play, run.task(play, 'Say', 1, { module: 'debug' }), 'web1', { result: { msg: 'hello' } });
      run.result(play, run.task(play, 'Show', 1, { module: 'debug' }), 'web1', {
        result: { changed: false, disks: [1, 2] },
      });
    });
    expect(text).toContain('ok: web1 => hello');
    expect(text).toContain('ok: web1 => disks: [1,2]');
  });

  it('add with each -v: output, the whole result, times and places, events', async () => {
    const script = (run: ScriptedRun) => {
      const play = run.play('Clean', ['web1']);
      run.result(play, run.task(play, 'Run', 1), 'web1', {
        status: 'changed',
        result: { rc: 0, stdout: 'hello\nworld' },
      });
    };
    const [none, one, two, three, four] = await Promise.all(
      [0, 1, 2, 3, 4].map((verbosity) => linesOf(script, { verbosity })),
    );
    expect(none).not.toContain('hello');
    expect(one).toContain('    stdout:\n      hello\n      world\n');
    expect(two).toContain('      "stdout": "hello\\nworld"\n');
    expect(three).toContain('task path: clean.yml:7\nchanged: web1  (12 ms)\n');
    expect(four).toContain('# {"type":"host:result"');
  });

  it('show with -v also output whose words stand in the command', async () => {
    const text = await linesOf(
      (run) => {
        const play = run.play('Clean', ['web1']);
        const changes = [{ line: 'run: echo fine' }];
        run.result(play, run.task(play, 'Run', 1), 'web1', { status: 'changed', changes, result: { stdout: 'fine' } });
      },
      { verbosity: 1 },
    );
    expect(text).toContain('changed: web1 => run: echo fine\n    stdout:\n      fine\n');
  });

  it('name the items of a loop that failed, and all of them with -v', async () => {
    const script = (run: ScriptedRun) => {
      const play = run.play('Clean', ['web1', 'web2']);
      const task = run.task(play, 'Loop', 2);
      for (const host of ['web1', 'web2']) {
        for (const [label, status] of [
          ['a', 'changed'],
          ['b', 'failed'],
        ] as const) {
          const result = { msg: `said by ${label}` };
          run.send({ type: 'item:result', atMs: run.atMs, playId: play, taskId: task, host, label, status, result });
        }
        run.result(play, task, host, { message: 'one or more items failed' });
      }
    };
    const text = await linesOf(script);
    expect(text).toContain('failed (item=b): web[1-2] (2 hosts) => said by b\n');
    expect(text).not.toContain('item=a');
    expect(await linesOf(script, { verbosity: 1 })).toContain('changed (item=a): web[1-2] (2 hosts) => said by a\n');
  });

  it('show what `debug` says of each item, and why items failed', async () => {
    const text = await linesOf((run) => {
      const play = run.play('Look', ['web1', 'web2']);
      const debug = run.task(play, 'Say', 2, { module: 'debug' });
      const items = [
        { label: 'a', result: { msg: 'hello a' } },
        { label: 'b', result: { word: [1], item: 'b', ansible_loop_var: 'item' } },
        { label: 'c', result: { item: 'c', ansible_loop_var: 'item' } },
        { label: 'l', result: { msg: ['one', 2] } },
        { label: 'd', result: { censored: 'hidden by no_log' } },
      ];
      for (const host of ['web1', 'web2']) {
        for (const item of items) {
          run.send({ type: 'item:result', atMs: run.atMs, playId: play, taskId: debug, host, status: 'ok', ...item });
        }
        run.result(play, debug, host, { result: { msg: 'All items completed', results: [] } });
      }
      const shell = run.task(play, 'Try', 1);
      const result = { msg: 'non-zero return code', stdout: 'out', stderr: 'one\nno such thing\n' };
      const about = { playId: play, taskId: shell, host: 'web1', label: 'x', status: 'failed', result } as const;
      run.send({ type: 'item:result', atMs: run.atMs, ...about });
      run.result(play, shell, 'web1', { message: '1 of 1 items failed' });
    });
    expect(text).toContain(
      'ok (item=a): web[1-2] (2 hosts) => hello a\n' +
        'ok (item=b): web[1-2] (2 hosts) => word: [1]\n' +
        'ok (item=c): web[1-2] (2 hosts) => item: "c"\n' +
        'ok (item=l): web[1-2] (2 hosts)\n    one\n    2\n' +
        'ok: web[1-2] (2 hosts)\n',
    );
    expect(text).toContain('failed (item=x): web1 => non-zero return code: no such thing\n    stdout:\n      out\n');
  });

  it('show lines that `debug` says as lines, whole', async () => {
    const text = await linesOf((run) => {
      const play = run.play('Look', ['web1']);
      for (const [name, msg] of Object.entries({
        list: ['one', 2],
        text: 'one\ntwo\u001b[2J\n',
        data: [{ a: 1 }],
        long: 'x'.repeat(2000),
      })) {
        run.result(play, run.task(play, name, 1, { module: 'debug' }), 'web1', { result: { msg } });
      }
    });
    expect(text).toContain('***\nok: web1\n    one\n    2\n');
    expect(text).toContain('***\nok: web1\n    one\n    two\\x1b[2J\n');
    expect(text).toContain('ok: web1 => [{"a":1}]\n');
    expect(text).toContain(`ok: web1 => ${'x'.repeat(2000)}\n`);
  });

  it('show nothing of a result under no_log', async () => {
    const text = await linesOf(
      (run) => {
        const play = run.play('Clean', ['web1']);
        const changes = [{ line: 'set password to 42', diff: { before: '', after: '42\n' } }];
        const result = { censored: 'hidden by no_log', changed: true };
        run.result(play, run.task(play, 'Set', 1), 'web1', { status: 'changed', noLog: true, changes, result });
      },
      { verbosity: 3, diff: true },
    );
    expect(text).not.toContain('42');
    expect(text).toContain('hidden by no_log');
  });

  it('with --quiet hold only failures and totals', async () => {
    const text = await linesOf(
      (run) => {
        const play = run.play('Clean', ['web1', 'web2']);
        const task = run.task(play, 'Remove', 2);
        run.result(play, task, 'web1', prune(1));
        run.result(play, task, 'web2', { message: 'device busy' });
        run.endPlay(play);
        run.end({ exitCode: 2 });
      },
      { quiet: true },
    );
    expect(text).toBe(`
FAILURES
  web2: device busy
      failed in task 'Remove'

2 hosts: 1 ok (1 changed), 1 failed in 4.2 s
rerun only these: --limit web2
`);
  });

  it('with --quiet print nothing after a run that went well', async () => {
    const text = await linesOf(
      (run) => {
        const play = run.play('Clean', ['web1']);
        run.result(play, run.task(play, 'Remove', 1), 'web1', prune(1));
        run.endPlay(play);
        run.end();
      },
      { quiet: true },
    );
    expect(text).toBe('');
  });

  it('give a host no way to drive the terminal, at any verbosity', async () => {
    const evil = '\u001b[2J\u001b]0;owned\u0007\r\u009b31m\u202e';
    for (const verbosity of [0, 1, 2, 3, 4]) {
      const text = await linesOf(
        (run) => {
          run.start();
          const play = run.play(`Clean${evil}`, [`web1${evil}`]);
          const task = run.task(play, `Remove${evil}`, 2);
          const changes = [{ line: evil, diff: { before: evil, after: `${evil}2`, path: evil } }];
          run.result(play, task, `web1${evil}`, { status: 'changed', changes, result: { msg: evil, stdout: evil } });
          run.result(play, task, 'web2', { message: evil, hint: evil, result: { stderr: evil } });
          run.send({ type: 'warning', atMs: run.atMs, message: evil, host: evil });
          run.endPlay(play, evil);
          run.end({ exitCode: 2 });
        },
        { verbosity, diff: true },
      );
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  it('group failures that differ only in host, address and id', async () => {
    const text = await linesOf(
      (run) => {
        const play = run.play('Clean', []);
        const task = run.task(play, 'Remove', 3);
        for (const [i, host] of hostNames('web', 3).entries()) {
          run.result(play, task, host, {
            message: `${host} (10.0.0.${i}:22): container ${String(i).repeat(12)} busy after ${i} s`,
          });
        }
        run.end({ exitCode: 2 });
      },
      { quiet: true },
    );
    expect(text).toContain('  web[01-03] (3 hosts): <host> (<address>): container <id> busy after <time>\n');
  });

  it('say that a run ended early and which hosts it never reached', async () => {
    const text = await linesOf(
      (run) => {
        const play = run.play('Clean', []);
        const task = run.task(play, 'Remove', 2);
        run.result(play, task, 'web1', prune(1));
        run.result(play, task, 'web4', prune(1));
        run.endPlay(play, 'interrupted');
        run.end({ exitCode: 130, endedBy: 'interrupted', notStarted: ['web2', 'web3'], notFinished: ['web4'] });
      },
      { quiet: true },
    );
    expect(text).toContain(
      '4 hosts: 1 ok (1 changed), 1 not finished, 2 not started in 4.2 s (interrupted)\nrerun only these: --limit web4,web2,web3\n',
    );
  });

  it('colour only when they are told to', async () => {
    const script = (run: ScriptedRun) => {
      const play = run.play('Clean', ['web1']);
      run.result(play, run.task(play, 'Remove', 1), 'web1', prune(1));
      run.end();
    };
    const plain = await linesOf(script);
    const coloured = await linesOf(script, { color: true });
    expect(coloured).toContain('\u001b[33mchanged: web1');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });
});

describe('the live view', () => {
  it('keeps failures, a row a task and the recap on the screen, and clears what moved', async () => {
    const { run, text } = scripted({ isTty: true });
    const hosts = hostNames('web', 5);
    run.start();
    const play = run.play('Clean', hosts);
    const task = run.task(play, 'Remove', 5);
    for (const host of hosts) run.begin(play, task, host);
    run.result(play, task, 'web01', prune(1));
    run.send({ type: 'waiting', atMs: Date.now(), taskId: task, hosts: hosts.slice(1), forMs: 14_000 });
    // The first drawing comes by a timer: wait for what it shows.
    await expect
      .poll(text, { timeout: 10_000 })
      .toMatch(/Remove {2}changed 1 · 4 running · waiting on web\[02-05\] \d+ s/);
    for (const host of hosts.slice(1))
      run.result(play, task, host, { kind: 'timed_out', message: 'no answer in 15 s' });
    run.endPlay(play);
    run.end({ exitCode: 2 });
    await run.close();
    const screen = screenOf(text());
    expect(screen).toContain('  failed: web05 => no answer in 15 s\n✖ Remove  changed 1 failed 4');
    expect(screen).toContain('  changed: web01 => removed 1 containers\n      - remove container c0\n');
    expect(screen).toContain('PLAY RECAP ***');
    expect(screen).toMatch(/rerun only these: --limit web02,web03,web04,web05\n$/);
    expect(screen).not.toContain('running');
  });

  it('draws no more often for two thousand hosts than for one', async () => {
    const { run, text, writeCount } = scripted({ isTty: true });
    const hosts = hostNames('web', 2000, 4);
    run.start();
    const play = run.play('Clean', hosts);
    const task = run.task(play, 'Remove', 2000);
    for (const host of hosts) run.begin(play, task, host);
    for (const host of hosts) run.result(play, task, host, prune(1));
    run.endPlay(play);
    run.end();
    await run.close();
    expect(writeCount()).toBeLessThan(20);
    expect(screenOf(text())).toContain('✔ Remove  changed 2000');
  });

  it('makes way for a prompt and comes back', async () => {
    const { run, text, report } = scripted({ isTty: true });
    run.start();
    const play = run.play('Clean', ['web1']);
    const task = run.task(play, 'Remove', 1);
    await expect.poll(text, { timeout: 10_000 }).toContain('Remove  1 to go');
    await report.pause();
    expect(screenOf(text())).not.toContain('Remove');
    const before = text().length;
    report.resume();
    await expect.poll(() => text().slice(before), { timeout: 10_000 }).toContain('Remove');
    run.result(play, task, 'web1');
    run.endPlay(play);
    run.end();
    await run.close();
    expect(screenOf(text())).toContain('✔ Remove  ok 1');
  });

  it('cuts long names so that the counts stay in sight on a narrow terminal', async () => {
    const { run, text } = scripted({ isTty: true, columns: 60 });
    run.start();
    const play = run.play('Clean', ['web1']);
    run.task(play, 'Remove all the containers that nobody has needed for a long time', 1);
    await expect.poll(text, { timeout: 10_000 }).toContain('Remove all the co…  1 to go');
    run.endPlay(play);
    run.end();
    await run.close();
  });

  it('shows what has ended before a question is asked', async () => {
    const { report, run, text } = scripted({ isTty: true });
    run.start();
    const play = run.play('Clean', ['web1']);
    const task = run.task(play, 'Remove', 1);
    run.result(play, task, 'web1', prune(2));
    await report.pause();
    expect(screenOf(text())).toContain('✔ Remove  changed 1');
    expect(screenOf(text())).toContain('removed 2 containers');
    report.resume();
    run.endPlay(play);
    run.end();
    await run.close();
    expect(screenOf(text()).match(/✔ Remove/g)).toHaveLength(1);
  });
});

function prune(count: number) {
  const changes = Array.from({ length: count }, (_, i) => ({ line: `remove container c${i}` }));
  return { status: 'changed', result: { changed: true, msg: `removed ${count} containers` }, changes } as const;
}

function scripted(options: Partial<TerminalReportOptions> = {}) {
  let text = '';
  let writeCount = 0;
  const report = createTerminalReport({
    write: (more) => {
      text += more;
      writeCount++;
    },
    isTty: false,
    columns: 100,
    verbosity: 0,
    quiet: false,
    color: false,
    checkMode: false,
    diff: false,
    ...options,
  });
  return { report, run: new ScriptedRun(report), text: () => text, writeCount: () => writeCount };
}

async function linesOf(
  script: (run: ScriptedRun) => void,
  options: Partial<TerminalReportOptions> = {},
): Promise<string> {
  const { run, text } = scripted(options);
  run.start({ checkMode: options.checkMode ?? false });
  script(run);
  await run.close();
  return text();
}

// What a terminal shows after the text: as much of one as log-update uses.
function screenOf(text: string): string {
  const lines = [''];
  let row = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it reads escape sequences
  for (const token of text.match(/\u001b\[\??[\d;]*[A-Za-z]|\n|[^\u001b\n]+/g) ?? []) {
    const up = /\[(\d+)A$/.exec(token);
    const down = /\[(\d+)B$/.exec(token);
    if (up !== null) row -= Number(up[1]);
    else if (down !== null) row += Number(down[1]);
    else if (token === '\u001b[2K') lines[row] = '';
    else if (token === '\u001b[J' || token === '\u001b[0J') lines.splice(row + 1);
    else if (token === '\n') row++;
    else if (!token.startsWith('\u001b')) lines[row] = `${lines[row] ?? ''}${token}`;
    lines[row] ??= '';
  }
  return lines.join('\n');
}
