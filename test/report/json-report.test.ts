import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJsonReport, redactingSink } from '../../src/report/index.ts';
import { createRedactor } from '../../src/util/redact.ts';
import { ScriptedRun } from './scripted-run.ts';

describe('createJsonReport', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fleetmend-json-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('has what set_stats noted, with secrets taken out', async () => {
    const path = join(directory, 'out.json');
    const run = new ScriptedRun(redactingSink(createJsonReport({ path }), createRedactor(['hunter2'])));
    run.start();
    run.end({ customStats: { run: { freed: 12, note: 'pass hunter2' }, hosts: { web1: { own: true } } } });
    await run.close();
    expect(JSON.parse(await readFile(path, 'utf8')).customStats).toEqual({
      run: { freed: 12, note: 'pass [REDACTED]' },
      hosts: { web1: { own: true } },
    });
  });

  it('writes the document of schema 1', async () => {
    const path = join(directory, 'out.json');
    const run = new ScriptedRun(createJsonReport({ path }));
    run.start();
    const play = run.play('Clean', ['web1', 'web2']);
    const task = run.task(play, 'Remove', 2);
    run.result(play, task, 'web1', { status: 'changed', changes: [{ line: 'remove container abc' }] });
    run.result(play, task, 'web2', { message: 'device busy', hint: 'try later', rescued: true });
    run.atMs += 4200;
    run.endPlay(play);
    run.end({ exitCode: 2 });
    await run.close();
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      fleetmend: '0.1.0',
      schema: 1,
      run: {
        id: 'run-1',
        playbooks: ['clean.yml'],
        startedAt: '2026-01-02T03:04:05.000Z',
        endedAt: '2026-01-02T03:04:09.200Z',
        durationMs: 4200,
        checkMode: false,
        trigger: 'cli',
        exitCode: 2,
        endedBy: 'completed',
      },
      hosts: {
        web1: { ok: 1, changed: 1, failed: 0, skipped: 0, rescued: 0, ignored: 0, unreachable: 0 },
        web2: { ok: 0, changed: 0, failed: 0, skipped: 0, rescued: 1, ignored: 0, unreachable: 0 },
      },
      plays: [
        {
          name: 'Clean',
          tasks: [
            {
              name: 'Remove',
              module: 'docker_prune',
              path: 'clean.yml:7',
              hosts: {
                web1: {
                  status: 'changed',
                  durationMs: 12,
                  result: { changed: true },
                  changes: [{ line: 'remove container abc' }],
                },
                web2: {
                  status: 'failed',
                  durationMs: 12,
                  result: { changed: false, failed: true, msg: 'device busy' },
                  failure: { kind: 'failed', code: 'MODULE_FAILED', message: 'device busy', hint: 'try later' },
                  rescued: true,
                },
              },
            },
          ],
        },
      ],
    });
  });

  it('says which hosts were never started, why a play ended early, and what was warned of', async () => {
    const document = await reportOf((run) => {
      const play = run.play('Clean', ['web1', 'web2']);
      run.task(play, 'Remove', 2);
      run.send({ type: 'warning', atMs: run.atMs, message: 'list is short', host: 'web1' });
      run.endPlay(play, 'max_fail_percentage was passed');
      run.end({ notStarted: ['web2'], notFinished: ['web1'], endedBy: 'aborted', exitCode: 2 });
    });
    expect(document).toMatchObject({
      run: { notStarted: ['web2'], notFinished: ['web1'], endedBy: 'aborted' },
      warnings: [{ message: 'list is short', host: 'web1' }],
      plays: [{ abortedBecause: 'max_fail_percentage was passed', tasks: [{ name: 'Remove', hosts: {} }] }],
    });
  });

  it('counts from the results when the run has no end', async () => {
    const document = await reportOf((run) => {
      const play = run.play('Clean', ['web1']);
      const task = run.task(play, 'Remove', 1);
      run.result(play, task, 'web1', { message: 'busy', ignored: true });
    });
    expect(document).toMatchObject({
      run: { endedAt: null, exitCode: null },
      hosts: { web1: { ok: 1, ignored: 1, failed: 0 } },
    });
  });

  it('is valid JSON without a play, and for names of any kind', async () => {
    expect(await reportOf((run) => run.end())).toMatchObject({ hosts: {}, plays: [] });
    const document = await reportOf((run) => {
      const play = run.play('"quoted"\n', ['__proto__']);
      const task = run.task(play, 'a\u2028b', 1);
      run.result(play, task, '__proto__', { status: 'changed', result: { stdout: '\u0000\ud800"' } });
      run.end();
    });
    expect(Object.keys((document as { hosts: object }).hosts)).toEqual(['__proto__']);
  });

  it('rejects with REPORT_FAILED when the file cannot be written', async () => {
    const run = new ScriptedRun(createJsonReport({ path: join(directory, 'missing', 'out.json') }));
    run.start();
    run.end();
    await expect(run.close()).rejects.toMatchObject({ code: 'REPORT_FAILED' });
  });
});

async function reportOf(script: (run: ScriptedRun) => void): Promise<unknown> {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const run = new ScriptedRun(createJsonReport({ write }));
  run.start();
  script(run);
  await run.close();
  return JSON.parse(text);
}
