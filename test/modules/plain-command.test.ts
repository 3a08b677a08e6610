// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainCommand } from '../../src/modules/plain-command.ts';
import { shell } from '../../src/modules/shell.ts';
import { runModule } from '../util/module-runner.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetmend-plain-'));
  const script = (name: string, text: string, mode = 0o755) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  };
  script('shows', '#!/bin/sh\necho "$#:$*"\n');
  script('fails', '#!/bin/sh\necho wrong >&2\nexit 42\n');
  script('bare', 'echo "no line says who reads this: $1"\n');
  script('closed', '#!/bin/sh\necho never\n', 0o644);
});
afterAll(() => rmSync(folder, { recursive: true }));

const PLAIN = [
  'echo hi 0',
  'echo',
  '  echo  two   words ',
  "echo 'a  b' \"c  d\" e'f'g",
  "echo '$HOME * # ;' \"it's\"",
  'echo if then fi',
  'true',
  'false',
  ': anything',
  'shows a b c',
  'shows \'a b\' "c" x=y --long=1,2 @3:%4',
  './shows one',
  'fails',
  './fails now',
  'bare said',
  './bare said',
  'no-such-program at all',
  './no-such-program',
  './closed',
  '/tmp',
];

describe.each([['sh'], ['bash', '--posix'], ['busybox', 'sh']])('a script that %s runs', (program, ...options) => {
  test.each(PLAIN)('does with %j what `/bin/sh -c` does', (text) => {
    const run = (name: string, words: readonly string[]) => {
      const env = { PATH: `${folder}:${process.env.PATH}`, LC_ALL: 'C' };
      const { status, stdout, stderr } = spawnSync(name, words, {
        cwd: folder,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return { status, stdout, stderr };
    };
    const script = plainCommand(text);
    expect(script).toBeDefined();
    expect(run(program, [...options, '-c', script ?? ''])).toEqual(run('/bin/sh', ['-c', text]));
  });
});

test.each([
  ['a variable', 'echo $HOME'],
  ['a variable in quotes', 'echo "$HOME"'],
  ['a backslash', 'echo a\\nb'],
  ['a backslash in quotes', "echo 'a\\nb'"],
  ['an option of echo', 'echo -n hi'],
  ['an option of echo in quotes', "echo '-n' hi"],
  ['a pipe', 'echo hi | cat'],
  ['a list', 'true; false'],
  ['another list', 'true && false'],
  ['two lines', 'true\nfalse'],
  ['the background', 'shows &'],
  ['a redirection', 'echo hi >/dev/null'],
  ['a pattern', 'shows *.txt'],
  ['another pattern', 'shows [a]'],
  ['a home', 'shows ~'],
  ['braces', 'shows {a,b}'],
  ['a comment', 'shows # nothing'],
  ['an assignment', 'A=1 shows'],
  ['only an assignment', 'A=1'],
  ['a substitution', 'shows `date`'],
  ['another substitution', 'shows $(date)'],
  ['a negation', '! true'],
  ['a keyword', 'if true'],
  ['something that only a shell can do', 'cd /'],
  ['something that a shell does in its own way', 'printf %s x'],
  ['the shell itself', 'exec shows'],
  ['a reader of more text', '. ./shows'],
  ['an option where a name should be', '-x'],
  ['a quoted name', "'shows' x"],
  ['an open quote', "echo 'a"],
  ['a character that only looks like a space', 'echo a\u00a0b'],
  ['another', 'echo a\rb'],
  ['nothing', '  '],
])('%s needs a shell of its own', (_what, text) => {
  expect(plainCommand(text)).toBeUndefined();
});

test('the module starts a second shell only where it is needed, and the one that is named always', async () => {
  const scripts = async (args: Readonly<Record<string, unknown>>) => (await runModule(shell, args)).scripts.join('');
  expect(await scripts({ cmd: 'echo hi' })).toBe('echo hi\n');
  expect(await scripts({ cmd: 'echo hi | cat' })).toBe("exec /bin/sh -c 'echo hi | cat'\n");
  expect(await scripts({ cmd: 'echo hi', executable: '/bin/bash' })).toBe("exec /bin/bash -c 'echo hi'\n");
});
