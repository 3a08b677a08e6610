import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { bootstrapText, findAnnouncement, prepareScript, scriptPayload } from '../../src/transport/shell/protocol.ts';

describe('the bootstrap of a shell', () => {
  test('holds nothing that a login shell of another family would read otherwise', () => {
    for (const isGuarded of [false, true]) expect(bootstrapText('fleetmend-ab12', isGuarded)).not.toMatch(/['\\!\n]/);
  });

  test('its announcement is found behind whatever a profile printed', () => {
    const seen = Buffer.from('Welcome\nno newline fleetmend-ab12 42 40\nout');
    expect(findAnnouncement(seen, 'fleetmend-ab12')).toEqual({
      pid: 42,
      processGroup: 40,
      hasSetsid: false,
      end: seen.length - 3,
    });
    expect(findAnnouncement(Buffer.from('fleetmend-ab12 4 4 setsid\n'), 'fleetmend-ab12')?.hasSetsid).toBe(true);
  });

  test.each(['', 'fleetmend-ab', 'fleetmend-ab12', 'fleetmend-ab12 42 4'])('%j is not yet an announcement', (text) => {
    expect(findAnnouncement(Buffer.from(text), 'fleetmend-ab12')).toBeUndefined();
  });
});

describe('the payload of a script', () => {
  /** What a waiting shell does with the payload when the connection is cut after so many bytes. */
  function runCut(payload: Buffer, sizeBytes = payload.length): string {
    const shell = spawnSync('sh', ['-c', 'IFS= read -r _fm&&eval "$_fm"'], { input: payload.subarray(0, sizeBytes) });
    expect(shell.stderr.toString()).toBe('');
    return shell.stdout.toString();
  }

  test.each([
    ['one line', 'printf %s a\\\\n', undefined, 'a\\n'],
    ['several lines', 'echo a\necho b', undefined, 'a\nb\n'],
    ['a here-document at its end', 'cat <<E\na \\\\n\nE', undefined, 'a \\n\n'],
    ['stdin', 'printf %s a\\\\n\ncat', Buffer.from('in'), 'a\\nin'],
  ])('for %s is run when all of it came, and not a part of it', (_title, script, stdin, expected) => {
    const payload = Buffer.concat(scriptPayload(prepareScript(script, {}, stdin)));
    expect(runCut(payload)).toBe(expected);
    const scriptEnd = payload.length - (stdin?.length ?? 0) - 1;
    for (let sizeBytes = 0; sizeBytes <= scriptEnd; sizeBytes += 7) expect(runCut(payload, sizeBytes)).toBe('');
    expect(runCut(payload, scriptEnd)).toBe('');
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
