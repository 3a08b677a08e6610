import { describe, expect, test } from 'vitest';
import { becomeKey, sudoCommand, sudoFailed } from '../../src/transport/become/sudo.ts';
import { bootstrapText, findAnnouncement, scriptPayload } from '../../src/transport/shell/protocol.ts';
import { Secret } from '../../src/util/secret.ts';

describe('the bootstrap of a shell', () => {
  test('holds nothing that a login shell of another family would read otherwise', () => {
    expect(bootstrapText('fleetmend-ab12')).not.toMatch(/['\\!\n]/);
  });

  test('its announcement is found behind whatever a profile printed', () => {
    const seen = Buffer.from('Welcome\nno newline fleetmend-ab12 42 40\nout');
    expect(findAnnouncement(seen, 'fleetmend-ab12')).toEqual({ pid: 42, processGroup: 40, end: seen.length - 3 });
  });

  test.each(['', 'fleetmend-ab', 'fleetmend-ab12', 'fleetmend-ab12 42 4'])('%j is not yet an announcement', (text) => {
    expect(findAnnouncement(Buffer.from(text), 'fleetmend-ab12')).toBeUndefined();
  });
});

describe('the payload of a script', () => {
  test.each([
    ['one line', 'echo hi', undefined, 'exec </dev/null;echo hi\n'],
    ['several lines', 'a\nb', undefined, '_fm=$(cat);exec </dev/null;eval "$_fm"\na\nb'],
    ['stdin', 'a\\n\nb', Buffer.from('in'), 'IFS= read -r _fm;_fm=$(printf %b "$_fm");eval "$_fm"\na\\\\n\\nb\nin'],
  ])('for %s is as sent', (_title, script, stdin, expected) => {
    expect(Buffer.concat(scriptPayload(script, {}, stdin)).toString()).toBe(expected);
  });

  test('exports the environment first', () => {
    expect(Buffer.concat(scriptPayload('x', { A: "it's" })).toString()).toBe("exec </dev/null;export A='it'\\''s';x\n");
  });

  test('does not copy a large stdin, which many hosts may share', () => {
    const stdin = Buffer.alloc(1_000_000);
    expect(scriptPayload('x', {}, stdin).at(-1)).toBe(stdin);
  });

  test('refuses a NUL, which sh would drop in silence', () => {
    expect(() => scriptPayload('a\0b')).toThrow('without NUL bytes');
  });
});

describe('sudo', () => {
  test('must not ask when no password is at hand', () => {
    const { words, prompt } = sudoCommand({ method: 'sudo', user: 'app', flags: ['-g', 'web'] }, ['sh', '-c', 'x']);
    expect(words).toEqual(['sudo', '-H', '-n', '-g', 'web', '-u', 'app', '--', 'sh', '-c', 'x']);
    expect(prompt).toBeUndefined();
  });

  test('asks with a prompt that differs each time, and gets the password by no argument', () => {
    const become = { method: 'sudo', user: 'root', password: new Secret('pw-1234') } as const;
    const first = sudoCommand(become, ['sh']);
    expect(first.words.slice(0, 4)).toEqual(['sudo', '-H', '-S', '-p']);
    expect(first.prompt).not.toBe(sudoCommand(become, ['sh']).prompt);
    expect(JSON.stringify([first, becomeKey(become)])).not.toContain('pw-1234');
  });

  test.each([
    [1, 'sudo: a password is required\n', /asks for a password; use -K/],
    [1, 'sudo: a terminal is required to read the password\nsudo: a password is required', /asks for a password/],
    [127, 'sh: 1: exec: sudo: not found', /'sudo' was not found on web1/],
    [1, 'ops is not in the sudoers file.', /it says: ops is not in the sudoers file\.$/],
    [1, '', /ended with exit status 1 and no words$/],
  ])('exit %i with %j is explained', (exitCode, output, message) => {
    const error = sudoFailed('web1', { method: 'sudo', user: 'root' }, exitCode, output);
    expect(error).toMatchObject({ code: 'BECOME_FAILED', message: expect.stringMatching(message) });
  });
});
