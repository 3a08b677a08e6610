import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSink, RunEvent } from '../../src/event.ts';
import { createJsonReport, createJunitReport, createNdjsonReport, replayEvents } from '../../src/report/index.ts';
import { hostNames, ScriptedRun } from './scripted-run.ts';

describe('an NDJSON journal', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fleetmend-ndjson-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('holds every event as a line', async () => {
    const run = new ScriptedRun(createNdjsonReport({ path: join(directory, 'run.ndjson') }));
    playWholeRun(run);
    await run.close();
    const lines = (await readFile(join(directory, 'run.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(run.events);
  });

  it('gives the same json and junit files when it is replayed', async () => {
    const file = (name: string) => join(directory, name);
    const run = new ScriptedRun(
      createNdjsonReport({ path: file('run.ndjson') }),
      createJsonReport({ path: file('live.json') }),
      createJunitReport({ path: file('live.xml') }),
    );
    playWholeRun(run);
    await run.close();
    for (const create of [
      () => createJsonReport({ path: file('replay.json') }),
      () => createJunitReport({ path: file('replay.xml') }),
    ]) {
      const sink = create();
      const lines = createInterface({ input: createReadStream(file('run.ndjson')) });
      expect(await replayEvents(lines, sink)).toEqual({ eventCount: run.events.length, isComplete: true });
      await sink.close();
    }
    expect(await readFile(file('replay.json'), 'utf8')).toBe(await readFile(file('live.json'), 'utf8'));
    expect(await readFile(file('replay.xml'), 'utf8')).toBe(await readFile(file('live.xml'), 'utf8'));
  });

  it('is on disk while the run goes on, without being closed', async () => {
    const path = join(directory, 'run.ndjson');
    const sink = createNdjsonReport({ path });
    const run = new ScriptedRun(sink);
    run.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ type: 'run:start' });
    await sink.close();
  });

  it('is replayed up to the line at which a crash cut it', async () => {
    const run = new ScriptedRun();
    playWholeRun(run);
    const text = run.events.map((event) => JSON.stringify(event)).join('\n');
    const sink = new CollectingSink();
    const replay = await replayEvents(text.slice(0, -10).split('\n'), sink);
    expect(replay).toEqual({ eventCount: run.events.length - 1, isComplete: false });
    expect(sink.events).toEqual(run.events.slice(0, -1));
  });

  it('is refused when a line in its middle is no event', async () => {
    const lines = ['{"type":"run:start"}', 'oops', '{"type":"run:end"}'];
    await expect(replayEvents(lines, new CollectingSink())).rejects.toMatchObject({
      code: 'REPORT_FAILED',
      message: 'Line 2 of the journal is no event in JSON',
    });
  });

  it('keeps an error of writing for close, and does not disturb the run', async () => {
    const sink = createNdjsonReport({
      write: () => {
        throw new Error('no space left on device');
      },
    });
    const run = new ScriptedRun(sink);
    playWholeRun(run);
    await expect(run.close()).rejects.toMatchObject({
      code: 'REPORT_FAILED',
      message: expect.stringContaining('no space left on device'),
    });
  });

  it('rejects when it is closed if there is no directory for it', async () => {
    const run = new ScriptedRun(createNdjsonReport({ path: join(directory, 'no', 'run.ndjson') }));
    playWholeRun(run);
    await expect(run.close()).rejects.toMatchObject({ code: 'REPORT_FAILED' });
  });

  it.each([
    ['ndjson', createNdjsonReport],
    ['json', createJsonReport],
    ['junit', createJunitReport],
  ])('as %s, of an older run, is left alone by a run that never started', async (_format, create) => {
    const path = join(directory, 'old');
    await writeFile(path, 'old');
    await create({ path }).close();
    expect(await readFile(path, 'utf8')).toBe('old');
  });
});

class CollectingSink implements EventSink {
  readonly events: RunEvent[] = [];

  onEvent(event: RunEvent): void {
    this.events.push(event);
  }

  async close(): Promise<void> {}
}

function playWholeRun(run: ScriptedRun): void {
  const hosts = hostNames('web', 20);
  run.start({ hostCount: 20 });
  const play = run.play('Clean', hosts);
  const task = run.task(play, 'Remove', 20);
  for (const [i, host] of hosts.entries()) {
    run.begin(play, task, host);
    if (i % 5 === 0) run.result(play, task, host, { message: `busy ${i}`, result: { stderr: 'x\u001b[2Jy\n', rc: 1 } });
    else if (i % 5 === 1) run.result(play, task, host, { status: 'unreachable', kind: 'timed_out', message: 'silent' });
    else if (i % 5 === 2) run.result(play, task, host, { status: 'skipped', result: { skip_reason: 'no <docker>' } });
    else run.result(play, task, host, { status: 'changed', changes: [{ line: 'remove container abc' }] });
  }
  run.endPlay(play);
  run.end({ exitCode: 2, notStarted: ['db1'] });
}
