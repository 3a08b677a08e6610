import { describe, expect, test } from 'vitest';
import { TemplateError } from '../../src/errors.ts';
import { assert } from '../../src/modules/assert.ts';
import { debug } from '../../src/modules/debug.ts';
import { fail } from '../../src/modules/fail.ts';
import { ping } from '../../src/modules/ping.ts';
import { setFact } from '../../src/modules/set-fact.ts';
import { runModule } from '../util/module-runner.ts';

describe('debug', () => {
  test('shows the message as it is, text or data', async () => {
    expect(await runModule(debug, { msg: 'up' })).toMatchObject({ status: 'ok', result: { msg: 'up' } });
    expect((await runModule(debug, { msg: [1, { a: null }] })).result).toEqual({ msg: [1, { a: null }] });
    expect((await runModule(debug, {})).result).toEqual({ msg: 'Hello world!' });
  });

  test('shows the value of an expression under its text', async () => {
    const evaluate = (text: string) => `value of ${text}`;
    expect((await runModule(debug, { var: 'a.b' }, { evaluate })).result).toEqual({ 'a.b': 'value of a.b' });
  });

  test('says that a variable is not defined instead of failing', async () => {
    const evaluate = () => {
      throw new TemplateError('TEMPLATE_UNDEFINED', "'a' is undefined");
    };
    const run = await runModule(debug, { var: 'a' }, { evaluate });
    expect(run).toMatchObject({ status: 'ok', result: { a: 'VARIABLE IS NOT DEFINED!' } });
  });

  test('any other error of the expression is the failure of the host', async () => {
    const evaluate = () => {
      throw new TemplateError('TEMPLATE_SYNTAX', 'bad');
    };
    await expect(runModule(debug, { var: 'a(' }, { evaluate })).rejects.toThrow('bad');
  });

  test('is skipped below its verbosity', async () => {
    expect((await runModule(debug, { msg: 'x', verbosity: 2 }, { verbosity: 1 })).status).toBe('skipped');
    expect((await runModule(debug, { msg: 'x', verbosity: 2 }, { verbosity: 2 })).status).toBe('ok');
  });
});

describe('assert', () => {
  const evaluate = (text: string) => JSON.parse(text);

  test('holds when all expressions are true as the expression language has it', async () => {
    const run = await runModule(assert, { that: ['1', 'true', '[0]', '{"a":0}', true] }, { evaluate });
    expect(run).toMatchObject({ status: 'ok', result: { msg: 'All assertions passed' } });
  });

  test.each(['0', 'false', 'null', '""', '[]', '{}'])('%s does not hold', async (that) => {
    const run = await runModule(assert, { that }, { evaluate });
    expect(run.status).toBe('failed');
    expect(run.result).toEqual({ msg: 'Assertion failed', assertion: that, evaluated_to: false });
  });

  test('names the first that does not hold, with the message that was asked for', async () => {
    const run = await runModule(assert, { that: ['1', '0', 'false'], fail_msg: ['no', 'way'] }, { evaluate });
    expect(run.result).toEqual({ msg: ['no', 'way'], assertion: '0', evaluated_to: false });
  });

  test('says what was asked for when all hold, and nothing when quiet', async () => {
    expect((await runModule(assert, { that: '1', success_msg: 'fine' }, { evaluate })).result).toEqual({ msg: 'fine' });
    expect((await runModule(assert, { that: '1', quiet: true }, { evaluate })).result).toEqual({});
  });
});

describe('fail', () => {
  test('fails with the message, in check mode too', async () => {
    const run = await runModule(fail, { msg: 'too full' }, { checkMode: true });
    expect(run).toMatchObject({ status: 'failed', result: { msg: 'too full' } });
    expect((await runModule(fail, {})).result).toEqual({ msg: 'Failed as requested from task' });
  });
});

describe('set_fact', () => {
  test('sets variables, in check mode too, and changes nothing', async () => {
    const run = await runModule(
      setFact,
      { release: '1.2', n: 5, on: 'yes', off: 'False', list: [] },
      { checkMode: true },
    );
    expect(run.status).toBe('ok');
    expect(run.facts).toEqual({ release: '1.2', n: 5, on: true, off: false, list: [] });
    expect(run.result).toEqual({ ansible_facts: run.facts });
  });

  test('does not set cacheable', async () => {
    expect((await runModule(setFact, { a: 1, cacheable: true })).facts).toEqual({ a: 1 });
  });

  test('refuses a name that is no variable, and no name at all', async () => {
    expect((await runModule(setFact, { 'a-b': 1 })).result.msg).toBe(
      "expected a variable's name (letters, digits and underscores, no digit first), found 'a-b'",
    );
    expect((await runModule(setFact, {})).result.msg).toBe('no variable given, expected at least one name and value');
  });
});

describe('ping', () => {
  test('brings back what the host answered', async () => {
    expect(await runModule(ping, {})).toMatchObject({ status: 'ok', result: { ping: 'pong' } });
    expect((await runModule(ping, { data: "it's $HOME" })).result).toEqual({ ping: "it's $HOME" });
  });

  test('fails when the host cannot run a script', async () => {
    const run = await runModule(ping, {}, { shell: ['false'] });
    expect(run).toMatchObject({ status: 'failed', result: { msg: 'could not run a script: exit status 1', rc: 1 } });
  });

  test('crashes when it is told to', async () => {
    expect((await runModule(ping, { data: 'crash' })).status).toBe('failed');
  });
});
