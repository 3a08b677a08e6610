import { describe, expect, it } from 'vitest';
import type { EventSink, RunEvent } from '../../src/event.ts';
import {
  createExecReport,
  createJsonReport,
  createJunitReport,
  createNdjsonReport,
  createTerminalReport,
  redactingSink,
} from '../../src/report/index.ts';
import { createRedactor } from '../../src/util/redact.ts';
import { SecretRegister } from '../../src/util/secret-register.ts';
import { ScriptedRun } from './scripted-run.ts';

const SECRET = 'p"ss\\word-42';

describe('redactingSink', () => {
  const terminal = {
    isTty: false,
    columns: 80,
    verbosity: 4,
    quiet: false,
    color: false,
    checkMode: false,
    diff: true,
  };

  it.each<[string, (write: (text: string) => void) => EventSink]>([
    ['terminal', (write) => createTerminalReport({ ...terminal, write })],
    ['exec', (write) => createExecReport({ ...terminal, write, writeStatus: write })],
    ['json', (write) => createJsonReport({ write })],
    ['ndjson', (write) => createNdjsonReport({ write })],
    ['junit', (write) => createJunitReport({ write })],
  ])('keeps a secret out of the %s report wherever a host or a task says it', async (_format, create) => {
    let text = '';
    const sink = create((more) => {
      text += more;
    });
    const run = new ScriptedRun(redactingSink(sink, createRedactor([SECRET])));
    playWithSecrets(run);
    await run.close();
    expect(text).toContain('[REDACTED]');
    expect(text).not.toContain('word-42');
  });

  it('leaves what identifies things as it is', () => {
    const events: RunEvent[] = [];
    const sink: EventSink = { onEvent: (event) => events.push(event), close: async () => undefined };
    const run = new ScriptedRun(redactingSink(sink, createRedactor(['web1', 'changed', 'task-1'])));
    const play = run.play('Clean', ['web1']);
    run.result(play, run.task(play, 'Remove', 1), 'web1', { status: 'changed', result: { msg: 'web1 is clean' } });
    expect(events.at(-1)).toMatchObject({
      host: 'web1',
      status: 'changed',
      taskId: 'task-1',
      result: { msg: '[REDACTED] is clean' },
    });
  });

  it('passes events without a secret on as they are', () => {
    const events: RunEvent[] = [];
    const sink: EventSink = { onEvent: (event) => events.push(event), close: async () => undefined };
    const run = new ScriptedRun(redactingSink(sink, createRedactor([SECRET])));
    run.start();
    const play = run.play('Clean', ['web1']);
    run.result(play, run.task(play, 'Remove', 1), 'web1', { status: 'changed', result: { list: [1, { a: 'b' }] } });
    for (const [index, event] of events.entries()) expect(event).toBe(run.events[index]);
  });

  it('takes out secrets that become known while the run goes on', () => {
    const events: RunEvent[] = [];
    const sink: EventSink = { onEvent: (event) => events.push(event), close: async () => undefined };
    const register = new SecretRegister();
    const run = new ScriptedRun(redactingSink(sink, register.redactor));
    const warn = () => run.send({ type: 'warning', atMs: run.atMs, message: `weak ${SECRET}` });
    warn();
    register.add(SECRET);
    warn();
    expect(events).toMatchObject([{ message: `weak ${SECRET}` }, { message: 'weak [REDACTED]' }]);
  });

  it('hides a secret of several words that was split into a list', () => {
    const seen: RunEvent[] = [];
    const keep = { onEvent: (event: RunEvent) => void seen.push(event), close: async () => {} };
    const run = new ScriptedRun(redactingSink(keep, createRedactor(['two words'])));
    const play = run.play('play', ['a']);
    const result = { cmd: ['echo', 'two', 'words', 'x'], other: ['two', 'x'] };
    run.result(play, run.task(play, 'task', 1), 'a', { status: 'ok', result });
    expect(seen.at(-1)).toMatchObject({ result: { cmd: ['echo', '[REDACTED]', 'x'], other: ['two', 'x'] } });
  });
});

it('leaves out the line of a file with a secret in it: the caret would point beside its place', () => {
  const seen: RunEvent[] = [];
  const keep = { onEvent: (event: RunEvent) => void seen.push(event), close: async () => {} };
  const sink = redactingSink(keep, createRedactor([SECRET]));
  const run = new ScriptedRun(sink);
  const play = run.play('play', ['a']);
  const source = { file: 'site.yml', line: 3, column: 5 };
  run.result(play, run.task(play, 'task', 1), 'a', { message: 'bad' });
  const event = seen.at(-1);
  if (event?.type !== 'host:result' || event.failure === undefined) throw new Error('no failure');
  for (const line of [`x: ${SECRET}`, 'x: {{ y }}']) {
    sink.onEvent({ ...event, failure: { ...event.failure, source, excerpt: line } });
  }
  const [hidden, shown] = seen.slice(-2).map((each) => (each.type === 'host:result' ? each.failure : undefined));
  expect(hidden).toEqual({ ...event.failure, source });
  expect(shown).toMatchObject({ source, excerpt: 'x: {{ y }}' });
});

function playWithSecrets(run: ScriptedRun): void {
  run.start();
  const play = run.play(`Play ${SECRET}`, ['web1', 'web2']);
  const task = run.task(play, `Task ${SECRET}`, 2);
  const result = { stdout: `out ${SECRET}`, deep: [{ [SECRET]: SECRET }] };
  run.send({
    type: 'item:result',
    atMs: run.atMs,
    playId: play,
    taskId: task,
    host: 'web1',
    label: SECRET,
    status: 'changed',
    result,
  });
  const diff = { before: '', after: `password=${SECRET}\n` };
  run.result(play, task, 'web1', { status: 'changed', result, changes: [{ line: `set ${SECRET}`, diff }] });
  run.result(play, task, 'web2', { message: `bad ${SECRET}`, hint: `not ${SECRET}`, result });
  run.send({ type: 'warning', atMs: run.atMs, message: `weak ${SECRET}` });
  run.endPlay(play, `stopped by ${SECRET}`);
  run.end();
}
