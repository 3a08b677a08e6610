import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { TransportError } from '../../src/errors.ts';
import { becomeFailed } from '../../src/transport/become/failures.ts';
import { becomeKey, becomeStart } from '../../src/transport/become/methods.ts';
import { PasswordDialog } from '../../src/transport/become/password-dialog.ts';
import { PasswordGate } from '../../src/transport/become/password-gate.ts';
import type { Become } from '../../src/transport/types.ts';
import { Secret } from '../../src/util/secret.ts';

const PLACE = { host: 'web1', loginUser: 'ops' };
const SUDO = { method: 'sudo', user: 'root', password: new Secret('pw-1234') } as const;
const SU = { ...SUDO, method: 'su' } as const;

describe('the words of a method', () => {
  test.each([
    ['sudo', ['sudo', '-H', '-n', '-g', 'web', '-u', 'app', '--', 'sh', '-c', 'x y']],
    ['su', ['su', '-s', '/bin/sh', '-c', "exec sh -c 'x y'", '-g', 'web', '--', 'app']],
    ['doas', ['doas', '-n', '-g', 'web', '-u', 'app', '--', 'sh', '-c', 'x y']],
  ] as const)('%s must not ask when no password is at hand', (method, expected) => {
    const start = becomeStart({ method, user: 'app', flags: ['-g', 'web'] }, ['sh', '-c', 'x y']);
    expect(start).toEqual({ words: expected });
  });

  test('sudo asks with a prompt that differs each time', () => {
    const first = becomeStart(SUDO, ['sh']);
    expect(first.words).toEqual(['sudo', '-H', '-S', '-p', first.prompt, '-u', 'root', '--', 'sh']);
    expect(first.prompt).not.toBe(becomeStart(SUDO, ['sh']).prompt);
  });

  test.each(['sudo', 'su', 'doas'] as const)('the password is no argument of %s and no part of its key', (method) => {
    const become = { ...SUDO, method };
    expect(JSON.stringify([becomeStart(become, ['sh']), becomeKey(become)])).not.toContain('pw-1234');
  });

  test.each(['sudo', 'su', 'doas'] as const)('another program than %s may stand in for it', (method) => {
    expect(becomeStart({ method, user: 'root', exe: '/opt/x' }, ['sh']).words[0]).toBe('/opt/x');
  });
});

describe('a refusal', () => {
  test.each([
    ['sudo', 1, 'sudo: a password is required\n', /asks for a password; use -K.*NOPASSWD/],
    ['sudo', 1, 'sudo: a terminal is required to read the password', /asks for a password/],
    ['doas', 1, 'doas: Authorization required', /asks for a password; use -K.*nopass/],
    ['su', 1, 'Password: su: Authentication failure', /^su on web1 asks for a password; use -K/],
    ['sudo', 127, 'sh: 1: exec: sudo: not found', /'sudo' was not found on web1/],
    ['sudo', 1, 'ops is not in the sudoers file.', /it says: ops is not in the sudoers file\.$/],
    ['sudo', 1, '', /ended with exit status 1 and no words$/],
  ] as const)('of %s, exit %i with %j, is explained', (method, exitCode, output, message) => {
    const error = becomeFailed(PLACE, { method, user: 'root' }, exitCode, output);
    expect(error).toMatchObject({ code: 'BECOME_FAILED', message: expect.stringMatching(message) });
  });
});

describe('the question for the password', () => {
  function dialog(become: Become, gate = new PasswordGate()) {
    const answers: string[] = [];
    const failures: TransportError[] = [];
    const start = becomeStart(become, ['sh']);
    const it = new PasswordDialog({
      start,
      become,
      place: PLACE,
      gate,
      answer: (line) => answers.push(line),
      fail: (error) => failures.push(error),
    });
    return { answers, failures, prompt: start.prompt ?? '', it, say: (text: string) => it.onOutput(Buffer.from(text)) };
  }

  test('our own prompt is answered at once, also behind a lecture and in pieces', async () => {
    const { say, answers, prompt } = dialog(SUDO);
    say(`We trust you have received the usual lecture\n${prompt.slice(0, 9)}`);
    expect(answers).toEqual([]);
    say(prompt.slice(9));
    await sleep(0);
    expect(answers).toEqual(['pw-1234\n']);
  });

  test.each(['PIN: ', 'Passwort: ', '\u30d1\u30b9\u30ef\u30fc\u30c9\uff1a', 'note\nPIN>'])(
    'output that stops at %j is a question',
    async (text) => {
      const { say, answers, it } = dialog(SU);
      say(text);
      expect(answers).toEqual([]);
      await sleep(400);
      expect(answers).toEqual(['pw-1234\n']);
      it.end('unknown');
    },
  );

  test('whole lines are no question, and neither is anything after the shell began', async () => {
    const lines = dialog(SU);
    lines.say('Creating directory /home/x\n  ');
    const begun = dialog(SU);
    begun.say('some word');
    begun.it.end('accepted');
    await sleep(400);
    expect([...lines.answers, ...begun.answers]).toEqual([]);
    lines.it.end('unknown');
  });

  test('a second question fails with what was said in between', async () => {
    const { say, answers, failures, prompt } = dialog(SUDO);
    say(prompt);
    await sleep(0);
    say(`\nSorry, try again.\n${prompt}`);
    say(prompt);
    expect(answers).toHaveLength(1);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({
      code: 'BECOME_FAILED',
      message: 'sudo on web1 refused the password of ops; it says: Sorry, try again.',
    });
  });

  test('an expired password is named, and whose it is', async () => {
    const { say, failures } = dialog(SU);
    say('Password: ');
    await sleep(400);
    say('Current password: ');
    await sleep(2200);
    expect(failures[0]?.message).toBe('su on web1 wants a new password for root; it says: Current password:');
  });

  test('a wrong password is sent once, whoever asks at the same time or later', async () => {
    const gate = new PasswordGate();
    const [first, second] = [dialog(SUDO, gate), dialog(SUDO, gate)];
    first.say(first.prompt);
    second.say(second.prompt);
    await sleep(0);
    expect([first.answers.length, second.answers.length]).toEqual([1, 0]);
    first.say(first.prompt);
    await sleep(0);
    const third = dialog(SUDO, gate);
    third.say(third.prompt);
    const other = dialog({ ...SUDO, password: new Secret('other') }, gate);
    other.say(other.prompt);
    await sleep(0);
    expect([second.failures[0], third.failures[0]]).toEqual([first.failures[0], first.failures[0]]);
    expect([second.answers, third.answers, other.answers]).toEqual([[], [], ['other\n']]);
  });

  test('after an attempt that came to no end, the next one asks again; after a good one, all answer', async () => {
    const gate = new PasswordGate();
    const [first, second, third] = [dialog(SUDO, gate), dialog(SUDO, gate), dialog(SUDO, gate)];
    for (const each of [first, second, third]) each.say(each.prompt);
    first.it.end('unknown');
    await sleep(0);
    expect([second.answers.length, third.answers.length]).toEqual([1, 0]);
    second.it.end('accepted');
    await sleep(0);
    expect(third.answers).toEqual(['pw-1234\n']);
  });
});
