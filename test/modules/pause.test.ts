import { describe, expect, test } from 'vitest';
import { pause } from '../../src/modules/pause.ts';
import { runModule } from '../util/module-runner.ts';

function pauseFor(args: Record<string, unknown>) {
  let nowMs = 0;
  const sleep = async (durationMs: number) => {
    nowMs += durationMs;
  };
  return runModule(pause, args, { sleep, nowMs: () => nowMs });
}

describe('pause', () => {
  test('waits for seconds, in check mode too', async () => {
    const run = await pauseFor({ seconds: 5 });
    expect(run).toMatchObject({ status: 'ok', result: { delta: 5, stdout: 'Paused for 5.0 seconds', user_input: '' } });
  });

  test('waits for minutes', async () => {
    expect((await pauseFor({ minutes: 1.5 })).result).toMatchObject({ delta: 90, stdout: 'Paused for 1.5 minutes' });
  });

  test('takes less than a second for one', async () => {
    expect((await pauseFor({ seconds: 0 })).result.delta).toBe(1);
  });

  test('asks the person at the terminal when there is no time', async () => {
    const asked: unknown[] = [];
    const prompt = async (...question: unknown[]) => {
      asked.push(question);
      return 'yes';
    };
    const run = await runModule(pause, { prompt: 'Go on?', echo: false }, { prompt });
    expect(run.result).toMatchObject({ user_input: 'yes', echo: false });
    expect(asked).toEqual([['Go on?', { echo: false }]]);
  });

  test('fails instead of hanging when there is nobody to ask', async () => {
    expect((await runModule(pause, {})).status).toBe('failed');
  });

  test('refuses seconds and minutes together', async () => {
    expect((await pauseFor({ seconds: 1, minutes: 1 })).status).toBe('failed');
  });

  test('is done once for all hosts', () => {
    expect(pause.spec.runOnce).toBe(true);
  });
});
