/** The variables that a script sees. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Place } from './place.ts';

export function registerEnvironmentTests(place: Place): void {
  test('variables are exported, whatever the values hold', async () => {
    const environment = { FM_ONE: 'it\'s $HOME\n`x` \\ "q" ä\t!', FM_TWO: '' };
    const script = `sh -c 'env | grep -c ^FM_TWO=; printf "%s" "$FM_ONE"'`;
    expect((await place.exec(script, { environment })).stdout).toBe(`1\n${environment.FM_ONE}`);
  });

  test('a hundred variables, one of them of 100 KB', async () => {
    const environment: Record<string, string> = { FM_LONG: 'x'.repeat(100_000) };
    for (let i = 0; i < 100; i++) environment[`FM_N${i}`] = `value ${i}`;
    const result = await place.exec(`echo \${#FM_LONG}; env | grep -c "^FM_N[0-9]*=value"`, { environment });
    expect(result.stdout).toBe('100000\n100\n');
  });

  test.each(['a;b', '1A', 'A-B', '', 'a b', 'ä'])("'%s' is no name of a variable and is refused", async (name) => {
    const refused = place.exec('true', { environment: { [name]: '1' } });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('a NUL in a value is refused', async () => {
    const refused = place.exec('true', { environment: { FM_NUL: 'a\0b' } });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('variables are those of one script', async () => {
    const probe = `echo "[\${FM_ONE-unset}]"`;
    const first = await place.exec(probe, { environment: { FM_ONE: 'one' } });
    const second = await place.exec(probe);
    const other = await place.exec(probe, { environment: { FM_TWO: 'two' } });
    expect([first.stdout, second.stdout, other.stdout]).toEqual(['[one]\n', '[unset]\n', '[unset]\n']);
  });

  test('a PATH that is given is the one that programs are looked for in', async () => {
    await writeFile(place.path('fm-program'), '#!/bin/sh\necho mine\n', { mode: 0o755 });
    expect((await place.exec('fm-program', { environment: { PATH: place.folder } })).stdout).toBe('mine\n');
    expect((await place.exec('fm-program')).exitCode).toBe(127);
  });

  test('variables come with stdin too', async () => {
    const result = await place.exec('echo "$FM_ONE"; cat', {
      environment: { FM_ONE: 'a\nb' },
      stdin: Buffer.from('in'),
    });
    expect(result.stdout).toBe('a\nb\nin');
  });

  test('a script finds HOME and PATH, and nothing of ours', async () => {
    const result = await place.exec(
      'cd "$HOME" && [ -n "$PATH" ] && echo there; env | grep -i "^_*\\(fm\\|fleetmend\\)"',
    );
    expect(result).toMatchObject({ stdout: 'there\n', stderr: '' });
  });
}
