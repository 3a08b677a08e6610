import { describe, expect, it } from 'vitest';
import { createJunitReport } from '../../src/report/index.ts';
import { ScriptedRun } from './scripted-run.ts';

describe('createJunitReport', () => {
  it('is a suite a play and a case a host and task, with totals that agree', async () => {
    const xml = await reportOf((run) => {
      const play = run.play('Clean', ['web1', 'web2', 'web3']);
      const task = run.task(play, 'Remove', 3);
      run.result(play, task, 'web1', { status: 'changed', durationMs: 1500, result: { stdout: 'removed\n' } });
      run.result(play, task, 'web2', { message: 'device busy', hint: 'try later' });
      run.result(play, task, 'web3', { status: 'unreachable', kind: 'timed_out', message: 'silent' });
      run.endPlay(play);
      run.end();
    });
    expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="fleetmend" tests="3" failures="1" errors="1" skipped="0" time="4.200">
  <testsuite name="Clean" timestamp="2026-01-02T03:04:05" tests="3" failures="1" errors="1" skipped="0" time="1.524">
    <testcase classname="web1" name="Remove" time="1.500" file="clean.yml" line="7">
      <system-out>removed&#10;</system-out>
    </testcase>
    <testcase classname="web2" name="Remove" time="0.012" file="clean.yml" line="7">
      <failure type="failed" message="device busy">device busy&#10;hint: try later</failure>
    </testcase>
    <testcase classname="web3" name="Remove" time="0.012" file="clean.yml" line="7">
      <error type="timed_out" message="silent">silent</error>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  it('shows ignored and rescued failures as skipped, so that a good run is green', async () => {
    const xml = await reportOf((run) => {
      const play = run.play('Clean', ['web1', 'web2', 'web3']);
      const task = run.task(play, 'Remove', 3);
      run.result(play, task, 'web1', { message: 'busy', ignored: true });
      run.result(play, task, 'web2', { message: 'busy', rescued: true });
      run.result(play, task, 'web3', { status: 'skipped', result: { skip_reason: 'Condition was false' } });
      run.end();
    });
    expect(xml).toContain('tests="3" failures="0" errors="0" skipped="3"');
    expect(xml).toContain('<skipped message="failure ignored: busy"/>');
    expect(xml).toContain('<skipped message="failure rescued: busy"/>');
    expect(xml).toContain('<skipped message="Condition was false"/>');
  });

  it('counts hosts that were never started as errors', async () => {
    const xml = await reportOf((run) => run.end({ notStarted: ['web9'], endedBy: 'deadline' }));
    expect(xml).toContain('<testsuite name="not started"');
    expect(xml).toContain('tests="1" failures="0" errors="1"');
    expect(xml).toContain('<testcase classname="web9" name="start" time="0.000">');
  });

  it('counts hosts that had tasks to come as errors', async () => {
    const xml = await reportOf((run) => run.end({ notFinished: ['web9'], endedBy: 'aborted' }));
    expect(xml).toContain('<testsuite name="not finished"');
    expect(xml).toContain('<testcase classname="web9" name="finish" time="0.000">');
  });

  it('escapes what XML reserves and drops what it cannot hold', async () => {
    const xml = await reportOf((run) => {
      const play = run.play('<&">', ['web1']);
      const task = run.task(play, 'a\u0000b\u001b[2J\ud800', 1);
      run.result(play, task, 'web1', { status: 'ok', result: { stdout: 'x ]]> \u0008\ufffe y\r\n' } });
      run.end();
    });
    expect(xml).toContain('<testsuite name="&lt;&amp;&quot;&gt;"');
    expect(xml).toContain('name="a\ufffdb\ufffd[2J\ufffd"');
    expect(xml).toContain('<system-out>x ]]&gt; \ufffd\ufffd y&#13;&#10;</system-out>');
  });

  it('keeps head and tail of long output', async () => {
    const stdout = `${'a'.repeat(20_000)}END`;
    const xml = await reportOf((run) => {
      const play = run.play('Clean', ['web1']);
      run.result(play, run.task(play, 'Remove', 1), 'web1', { result: { stdout } });
      run.end();
    });
    expect(xml).toContain('… 10003 characters left out …');
    expect(xml).toContain('aEND</system-out>');
    expect(xml.length).toBeLessThan(11_500);
  });
});

async function reportOf(script: (run: ScriptedRun) => void): Promise<string> {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const run = new ScriptedRun(createJunitReport({ write }));
  run.start();
  script(run);
  await run.close();
  return text;
}
