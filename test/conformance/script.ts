/** What a script's text may hold. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Place } from './place.ts';

export function registerScriptTests(place: Place): void {
  test('quotes, dollars, backslashes and newlines arrive as they are', async () => {
    const script = `printf '%s|' 'it'\\''s' "a b" '$HOME' '\\n' '!' "\`echo x\`" 'ä\nz'`;
    expect((await place.exec(script)).stdout).toBe("it's|a b|$HOME|\\n|!|x|ä\nz|");
  });

  test.each([
    ['nothing at all', '', ''],
    ['blanks and newlines', ' \n\n ', ''],
    ['a comment', '# nothing', ''],
    ['a comment at the end', 'echo a # b', 'a\n'],
    ['a newline first', '\n\necho a', 'a\n'],
    ['newlines at the end', 'echo a\n\n\n', 'a\n'],
    ['a backslash at the end', "printf '%s' a\\", 'a\\'],
    ['a continued line', 'echo a \\\nb', 'a b\n'],
    ['a semicolon at the end', 'echo a;', 'a\n'],
    ['tabs', 'printf "%s" "\ta\tb"', '\ta\tb'],
    ['a carriage return', "printf '%s' 'a\rb'", 'a\rb'],
    ['characters beyond the first plane', "printf '%s' 'héé 😀 漢字'", 'héé 😀 漢字'],
    ['a percent sign and octal-like text', "printf '%s' '%s %d \\101 \\x41 %%'", '%s %d \\101 \\x41 %%'],
    ['glob characters', "printf '%s' '* ? [a-z] {a,b} ~'", '* ? [a-z] {a,b} ~'],
    ['a here document', "cat <<'E'\n$HOME `x` \\\nE\necho b", '$HOME `x` \\\nb\n'],
    ['a here document at the very end', 'cat <<E\na\nE', 'a\n'],
    ['a function', 'f() {\n  echo "f $1"\n}\nf x', 'f x\n'],
    ['a subshell and a pipe', '(echo b; echo a) | sort', 'a\nb\n'],
  ])('a script of %s', async (_title, script, stdout) => {
    expect(await place.exec(script)).toMatchObject({ exitCode: 0, stdout, stderr: '' });
  });

  test('a script of 300 KB is read whole before it runs', async () => {
    const script = `x=1\n${': comment comment comment comment\n'.repeat(9000)}echo "$x $#"\n`;
    expect(script.length).toBeGreaterThan(300_000);
    expect(await place.exec(script)).toMatchObject({ exitCode: 0, stdout: '1 0\n' });
  });

  test('a line of 500 KB, longer than an argument may be', async () => {
    const script = `x='${'0123456789'.repeat(50_000)}'; echo \${#x}`;
    expect((await place.exec(script)).stdout).toBe('500000\n');
  });

  test('a script has no arguments', async () => {
    expect((await place.exec('echo "$#:$*"')).stdout).toBe('0:\n');
  });

  test('a NUL byte is refused, and nothing runs', async () => {
    const refused = place.exec('echo a\0b');
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect((await place.exec('echo fine')).stdout).toBe('fine\n');
  });

  test.each([
    ['short', 1],
    ['long', 3000],
  ])('a %s script, its environment and its stdin are in no argument list', async (_title, repeat) => {
    const word = randomBytes(12).toString('hex');
    // The pattern must not find itself.
    const pattern = `[${word.slice(0, 1)}]${word.slice(1)}`;
    const script = `grep -l '${pattern}' /proc/[0-9]*/cmdline 2>/dev/null\n${`: ${word}\n`.repeat(repeat)}echo looked`;
    const stdin = Buffer.from(word);
    const [plain, fed] = await Promise.all([
      place.exec(script, { environment: { FM_WORD: word } }),
      place.exec(script, { environment: { FM_WORD: word }, stdin }),
    ]);
    expect([plain.stdout, fed.stdout]).toEqual(['looked\n', 'looked\n']);
  });
}
