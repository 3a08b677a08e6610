import { describe, expect, it } from 'vitest';
import { createExecReport, foldResults } from '../../src/report/index.ts';
import { hostNames, ScriptedRun } from './scripted-run.ts';

describe('createExecReport', () => {
  it('prints equal output once under the folded hosts, and failures and totals apart', async () => {
    const { output, status } = await reportOf((run, play, task) => {
      for (const host of hostNames('web', 40))
        run.result(play, task, host, { status: 'changed', result: { rc: 0, stdout: 'up 3 days\n' } });
      run.result(play, task, 'db1', {
        status: 'changed',
        result: { rc: 0, stdout: 'up 1 day', stderr: 'warning: old\n' },
      });
      run.result(play, task, 'db2', {
        message: 'non-zero return code',
        result: { rc: 3, stdout: '', stderr: 'no such file\n' },
      });
      run.result(play, task, 'db3', { status: 'unreachable', message: 'connection refused', hint: 'is sshd running?' });
    });
    expect(output).toBe(`--- web[01-40] (40 hosts) ---
up 3 days
--- db1 ---
up 1 day
stderr: warning: old
--- db2: failed, exit 3 ---
non-zero return code
stderr: no such file
--- db3: unreachable ---
connection refused
hint: is sshd running?
`);
    expect(status).toBe(`db2: failed: non-zero return code: no such file
db3: unreachable: connection refused
43 hosts: 41 ok (41 changed), 1 failed, 1 unreachable in 4.2 s
rerun only these: --limit db2,db3
`);
  });

  it('prints an error output of very many lines', async () => {
    const { output } = await reportOf((run, play, task) => {
      run.result(play, task, 'web1', {
        status: 'changed',
        result: { rc: 0, stdout: '', stderr: 'x\n'.repeat(300_000) },
      });
    });
    expect(output.split('\n')).toHaveLength(300_002);
  });

  it('tells at most twenty failures while it runs', async () => {
    const { output, status } = await reportOf((run, play, task) => {
      for (const host of hostNames('web', 30)) run.result(play, task, host, { message: 'no such file' });
    });
    expect(output).toBe('--- web[01-30] (30 hosts): failed ---\nno such file\n');
    expect(status.match(/failed: no such file/g)).toHaveLength(20);
    expect(status).toContain(
      'web20: failed: no such file\n… further failures come at the end\n30 hosts: 0 ok, 30 failed',
    );
  });

  it('folds failures that differ only in the host and its address', async () => {
    const { output } = await reportOf((run, play, task) => {
      for (const [i, host] of hostNames('web', 3).entries()) {
        run.result(play, task, host, { message: `docker is not running on ${host}`, result: {} });
        run.result(play, task, `db${i}`, { message: `10.0.0.${i}:22 refused`, status: 'unreachable', result: {} });
      }
      run.result(play, task, 'mail', { message: 'docker is not running on mail', result: {} });
    });
    expect(output).toBe(`--- web[01-03],mail (4 hosts): failed ---
docker is not running on <host>
--- db[0-2] (3 hosts): unreachable ---
<address> refused
`);
  });

  it('adds the whole result with -vv', async () => {
    const script = (run: ScriptedRun, play: string, task: string) =>
      run.result(play, task, 'web1', { status: 'changed', result: { rc: 0, stdout: 'hi' } });
    expect((await reportOf(script, 2)).output).toBe('--- web1 ---\nhi\n{\n  "rc": 0,\n  "stdout": "hi"\n}\n');
  });

  it('shows the result of a module that has no output', async () => {
    const { output } = await reportOf((run, play) => {
      const task = run.task(play, 'ping', 2, { module: 'ping' });
      run.result(play, task, 'web1', { result: { ping: 'pong' } });
      run.result(play, task, 'web2', { result: { ping: 'pong' } });
    });
    expect(output).toBe('--- web[1-2] (2 hosts) ---\n{\n  "ping": "pong"\n}\n');
  });

  it('lists the changes of a module that made some', async () => {
    const { output } = await reportOf((run, play) => {
      const task = run.task(play, 'prune', 1, { module: 'docker_prune' });
      run.result(play, task, 'web1', {
        status: 'changed',
        result: { removed: 1 },
        changes: [{ line: 'remove container abc' }],
      });
    });
    expect(output).toBe('--- web1: changed ---\n- remove container abc\n{\n  "removed": 1\n}\n');
  });

  it('gives a host no way to drive the terminal', async () => {
    const { output, status } = await reportOf((run, play, task) => {
      run.result(play, task, 'web1', { status: 'changed', result: { rc: 0, stdout: '\u001b]0;owned\u0007\u001b[2J' } });
      run.result(play, task, 'web2', { message: '\u001b[31mboom' });
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(output + status).not.toMatch(/[\u001b\u0007]/);
    expect(output).toContain('\\x1b]0;owned');
  });
});

describe('foldResults', () => {
  it('puts the largest group first and keeps the order of equal ones', () => {
    const results: [string, string][] = [
      ['a1', 'x'],
      ['b1', 'y'],
      ['a2', 'z'],
      ['a3', 'z'],
    ];
    const groups = foldResults(results, (value) => value);
    expect(groups.map(({ values, folded }) => [values[0], folded])).toEqual([
      ['z', 'a[2-3]'],
      ['x', 'a1'],
      ['y', 'b1'],
    ]);
  });
});

async function reportOf(
  script: (run: ScriptedRun, play: string, task: string) => void,
  verbosity = 0,
): Promise<{ output: string; status: string }> {
  let output = '';
  let status = '';
  const sink = createExecReport({
    write: (text) => {
      output += text;
    },
    writeStatus: (text) => {
      status += text;
    },
    color: false,
    verbosity,
    quiet: false,
    checkMode: false,
    diff: false,
  });
  const run = new ScriptedRun(sink);
  run.start();
  const play = run.play('exec', []);
  script(run, play, run.task(play, 'command', 1, { module: 'command' }));
  run.endPlay(play);
  run.end();
  await run.close();
  return { output, status };
}
