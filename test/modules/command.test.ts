// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { command } from '../../src/modules/command.ts';
import { raw } from '../../src/modules/raw.ts';
import { shell } from '../../src/modules/shell.ts';
import { runModule } from '../util/module-runner.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fleetmend-command-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('command', () => {
  test('gives the keys of Ansible for a command that works', async () => {
    const nowMs = [1_000, 3_500][Symbol.iterator]();
    const run = await runModule(command, { cmd: 'printf "a\\nb\\n\\n"' }, { nowMs: () => nowMs.next().value ?? 0 });
    expect(run.status).toBe('changed');
    expect(run.result).toMatchObject({
      cmd: ['printf', 'a\\nb\\n\\n'],
      rc: 0,
      stdout: 'a\nb',
      stdout_lines: ['a', 'b'],
      stderr: '',
      stderr_lines: [],
      delta: '0:00:02.500000',
    });
    expect(run.result).not.toHaveProperty('msg');
    expect(run.scripts).toHaveLength(1);
  });

  test('fails with the exit status of the command', async () => {
    const run = await runModule(command, { cmd: "sh -c 'echo out; echo err >&2; exit 3'" });
    expect(run.status).toBe('failed');
    expect(run.result).toMatchObject({ rc: 3, stdout: 'out', stderr: 'err', msg: 'non-zero return code' });
  });

  test('names the signal that ended the command', async () => {
    const run = await runModule(command, { cmd: "sh -c 'kill -KILL $$'", expand_argument_vars: false });
    expect(run.result).toMatchObject({ rc: 137, msg: 'non-zero return code (killed by signal KILL)' });
  });

  test('expands home and variables in each word, and nothing else of a shell', async () => {
    const cmd = 'printf "%s\\n" $WORD a"${WORD}"b ~ ~/x "$NOPE" ${NOPE} * | ; \'a  b\' $(id) `id`';
    const run = await runModule(command, { cmd }, { env: { HOME: '/home/of user', WORD: "it's  *" } });
    expect(run.result.stdout_lines).toEqual([
      "it's  *",
      "ait's  *b",
      '/home/of user',
      '/home/of user/x',
      '$NOPE',
      '${NOPE}',
      '*',
      '|',
      ';',
      'a  b',
      '$(id)',
      '`id`',
    ]);
  });

  test('leaves words as they are when expand_argument_vars is off', async () => {
    const run = await runModule(command, { argv: ['printf', '%s', '$HOME ~'], expand_argument_vars: false });
    expect(run.result.stdout).toBe('$HOME ~');
  });

  test('takes its words from argv, numbers too', async () => {
    const run = await runModule(command, { argv: ['printf', '<%s>', 'a b', 5, ''] });
    expect(run.result.stdout).toBe('<a b><5><>');
  });

  test.each(['fleetmend-no-such-program', 'cd', '/nowhere/program'])(
    'says that %s is no program, with the exit status 2 of Ansible',
    async (name) => {
      const run = await runModule(command, { cmd: `${name} x` });
      expect(run.status).toBe('failed');
      expect(run.result).toMatchObject({ rc: 2, msg: `[Errno 2] No such file or directory: '${name}'` });
    },
  );

  test('keeps an exit status of 127 that is the own of the command', async () => {
    const run = await runModule(command, { cmd: "sh -c 'exit 127'" });
    expect(run.result).toMatchObject({ rc: 127, msg: 'non-zero return code' });
  });

  test('runs in chdir, and a relative program is found from there', async () => {
    writeFileSync(join(directory, 'here'), '#!/bin/sh\npwd\n', { mode: 0o755 });
    const run = await runModule(command, { cmd: './here', chdir: directory });
    expect(run.result).toMatchObject({ rc: 0, stdout: directory });
  });

  test('says that it could not enter chdir', async () => {
    const run = await runModule(command, { cmd: 'pwd', chdir: `${directory}/none` });
    expect(run.status).toBe('failed');
    expect(run.result.msg).toBe(
      `Unable to change directory before execution: [Errno 2] No such file or directory: '${directory}/none'`,
    );
  });

  test('gives stdin to the command, with a newline unless told otherwise', async () => {
    expect((await runModule(command, { cmd: 'od -An -c', stdin: 'ab' })).result.stdout).toMatch(/^\s*a\s+b\s+\\n$/);
    const bare = await runModule(command, { cmd: 'od -An -c', stdin: 'ab', stdin_add_newline: false });
    expect(bare.result.stdout).toMatch(/^\s*a\s+b$/);
  });

  test('keeps the ends of the output when strip_empty_ends is off', async () => {
    const run = await runModule(command, { cmd: 'printf "a\\n\\n"', strip_empty_ends: false });
    expect(run.result).toMatchObject({ stdout: 'a\n\n', stdout_lines: ['a', ''] });
  });

  test('does not run when creates exists, as a glob, a dangling link or relative to chdir', async () => {
    writeFileSync(join(directory, 'made file.1'), '');
    symlinkSync('/nowhere', join(directory, 'dangling'));
    for (const args of [
      { creates: `${directory}/made*` },
      { creates: `${directory}/made file.[0-9]` },
      { creates: `${directory}/dangling` },
      { creates: 'made file.?', chdir: directory },
    ]) {
      const run = await runModule(command, { cmd: 'touch never', ...args });
      expect(run.status).toBe('ok');
      expect(run.result).toMatchObject({
        rc: 0,
        stdout: `skipped, since ${args.creates} exists`,
        msg: `Did not run command since '${args.creates}' exists`,
      });
    }
  });

  test('runs when creates is absent and removes is there', async () => {
    const args = { cmd: 'echo ran', creates: `${directory}/no*`, removes: directory };
    expect((await runModule(command, args)).result.stdout).toBe('ran');
  });

  test('does not run when removes is absent', async () => {
    const run = await runModule(command, { cmd: 'echo ran', removes: `${directory}/none` });
    expect(run).toMatchObject({ status: 'ok', result: { stdout: `skipped, since ${directory}/none does not exist` } });
  });

  test('check mode skips it, unless creates or removes decide', async () => {
    const check = { checkMode: true };
    expect((await runModule(command, { cmd: 'false' }, check)).status).toBe('skipped');
    expect((await runModule(command, { cmd: 'false', creates: `${directory}/no` }, check)).status).toBe('changed');
    expect((await runModule(command, { cmd: 'false', creates: directory }, check)).status).toBe('ok');
  });

  test.each([
    [{}, 'no command given'],
    [{ cmd: '  ' }, 'no command given'],
    [{ cmd: 'a', argv: ['b'] }, "expected 'cmd' or 'argv', found both"],
    [{ cmd: "echo 'a" }, "cannot split the command into words: unclosed quote in: echo 'a"],
  ])('refuses %j before the host is asked anything', async (args, msg) => {
    const run = await runModule(command, args);
    expect(run).toMatchObject({ status: 'failed', result: { msg }, scripts: [] });
  });
});

describe('shell', () => {
  test('runs a text in a shell of its own', async () => {
    const cmd = 'for i in 1 2; do echo "$i"; done | tail -1; echo $0; trap "echo bye" EXIT';
    const run = await runModule(shell, { cmd });
    expect(run.result).toMatchObject({ cmd, rc: 0, stdout: '2\n/bin/sh\nbye' });
  });

  test('a wrong text fails as the shell says it', async () => {
    const run = await runModule(shell, { cmd: 'if' });
    expect(run.status).toBe('failed');
    expect(run.result.stderr).toMatch(/syntax error/i);
  });

  test('reads end of file when there is no stdin', async () => {
    expect((await runModule(shell, { cmd: 'cat; echo done' })).result.stdout).toBe('done');
  });

  test('runs in chdir with another executable', async () => {
    writeFileSync(join(directory, 'my sh'), '#!/bin/sh\necho "mine $*"\n', { mode: 0o755 });
    const run = await runModule(shell, { cmd: 'x  y', chdir: directory, executable: `${directory}/my sh` });
    expect(run.result.stdout).toBe('mine -c x  y');
  });
});

describe('raw', () => {
  test('hands the line on as it is and keeps the output as it came', async () => {
    const run = await runModule(raw, { cmd: 'echo hi; exit 3' });
    expect(run.status).toBe('failed');
    expect(run.scripts).toEqual(['echo hi; exit 3']);
    expect(run.result).toEqual({
      rc: 3,
      stdout: 'hi\n',
      stdout_lines: ['hi'],
      stderr: '',
      stderr_lines: [],
      msg: 'non-zero return code',
    });
  });

  test('check mode skips it', async () => {
    expect((await runModule(raw, { cmd: 'false' }, { checkMode: true })).status).toBe('skipped');
  });
});
