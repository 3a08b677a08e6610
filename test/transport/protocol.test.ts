import { describe, expect, test } from 'vitest';
import { bootstrapText, findAnnouncement, prepareScript, scriptPayload } from '../../src/transport/shell/protocol.ts';

describe('the bootstrap of a shell', () => {
  test('holds nothing that a login shell of another family would read otherwise', () => {
    for (const isGuarded of [false, true]) expect(bootstrapText('fleetmend-ab12', isGuarded)).not.toMatch(/['\\!\n]/);
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
    expect(Buffer.concat(scriptPayload(prepareScript(script, {}, stdin))).toString()).toBe(expected);
  });

  test('exports the environment first', () => {
    const payload = scriptPayload(prepareScript('x', { A: "it's" }));
    expect(Buffer.concat(payload).toString()).toBe("exec </dev/null;export A='it'\\''s';x\n");
  });

  test('does not copy a large stdin, which many hosts may share', () => {
    const stdin = Buffer.alloc(1_000_000);
    expect(scriptPayload({ text: 'x', stdin }).at(-1)).toBe(stdin);
  });

  test('refuses a NUL, which sh would drop in silence', () => {
    expect(() => prepareScript('a\0b')).toThrow('without NUL bytes');
  });
});
