/** What one script does to its shell, the next one does not notice. */
import { expect, test } from 'vitest';
import type { Place } from './place.ts';

/** What is done, the script that does it, and what shows whether it is still so. */
const LEAKS: readonly (readonly [title: string, change: string, probe: string])[] = [
  ['a folder it went to', 'cd /usr', 'pwd'],
  ['a folder that is gone', 'd=$(mktemp -d); cd "$d"; rmdir "$d"', 'pwd; ls -d .'],
  ['a umask', 'umask 0007', 'umask'],
  ['a limit of open files', 'ulimit -n 40', 'ulimit -n'],
  ['a limit of file sizes', 'ulimit -f 1', 'ulimit -f'],
  ['a variable', 'FM_LEAK=1', `echo "\${FM_LEAK-unset}"`],
  ['an exported variable', 'export FM_LEAK=1', 'env | grep -c FM_LEAK'],
  ['a PATH', 'PATH=/nowhere', 'command -v ls >/dev/null; echo $?'],
  ['a PATH that is gone', 'unset PATH HOME IFS', 'command -v ls >/dev/null; echo $? "$HOME"'],
  ['a read-only variable', 'readonly FM_FIXED=1', 'FM_FIXED=2; echo "$FM_FIXED"'],
  ['word splitting', 'IFS=:', 'x="a:b"; set -- $x; echo $#'],
  ['arguments', 'set -- a b c', 'echo $#'],
  ['a function', 'ls() { echo mine; }', 'ls -d /'],
  ['an alias', "alias echo='echo aliased'", 'echo fine'],
  ['set -e', 'set -e', 'false; echo on'],
  ['set -u', 'set -u', 'echo "[$FM_NOT_THERE]"'],
  ['set -f', 'set -f', 'echo /et[c]'],
  ['set -C', 'set -C', 'f=$(mktemp); echo x >"$f"; echo $?; rm "$f"'],
  ['set -v and -x', 'set -vx', 'echo fine'],
  ['set -n', 'set -n', 'echo fine'],
  ['a trap for its exit', "trap 'echo trapped' EXIT", 'echo fine'],
  ['an ignored signal', "trap '' TERM INT", 'sh -c "kill -s TERM \\$\\$; echo survived"; echo $?'],
  ['closed streams', 'exec >&- 2>&- <&-', 'echo out; echo err >&2'],
  ['redirected streams', 'exec >/dev/null 2>&1', 'echo out; echo err >&2'],
  ['stdout and stderr swapped', 'exec 3>&1 1>&2 2>&3', 'echo out; echo err >&2'],
  ['an open file', 'exec 5>/dev/null', '{ echo x >&5; } 2>/dev/null && echo open || echo closed'],
  ['an exit', 'exit 3', 'echo fine'],
  ['an exit within a function', 'f() { exit 3; }; f', 'echo fine'],
  ['a return', 'return 3', 'echo fine'],
  ['a break', 'break', 'echo fine'],
  ['an exec', 'exec true', 'echo fine'],
  ['an exec that fails', 'exec /no/such/program', 'echo fine'],
  ['a failed special builtin', '. /no/such/file', 'echo fine'],
  ['a syntax error', 'if', 'echo fine'],
  ['an unset variable under set -u', 'set -u; echo $FM_NOT_THERE', 'echo fine'],
  ['a TERM to its shell', 'kill -s TERM $$', 'echo fine'],
  ['a KILL to its shell', 'kill -s KILL $$', 'echo fine'],
  ['a KILL to its parent', "kill -s KILL $(sh -c 'echo $PPID')", 'echo fine'],
  ['a stopped shell that goes on', '(sleep 1; kill -s CONT $$) & kill -s STOP $$; wait', 'echo fine'],
];

export function registerIsolationTests(place: Place): void {
  test.each(LEAKS)('%s is not left to the next script', async (_title, change, probe) => {
    const before = await place.exec(probe);
    for (let i = 0; i < 2; i++) {
      place.connection.prepare(undefined);
      await place.exec(change);
      const after = await place.exec(probe);
      const seen = ({ exitCode, stdout, stderr }: typeof after) => ({ exitCode, stdout, stderr });
      expect(seen(after)).toEqual(seen(before));
    }
  });

  test('what a script left running prints nothing into the next one', async () => {
    const first = await place.exec('(sleep 2; echo late; echo late >&2) & echo first');
    expect(first).toMatchObject({ exitCode: 0, ended: 'exited' });
    expect(first.stdout.startsWith('first\n')).toBe(true);
    const second = await place.exec('sleep 2; echo second');
    expect(second).toMatchObject({ stdout: 'second\n', stderr: '' });
  });

  test('a prepared shell runs the next script, and the one after it needs no preparing', async () => {
    place.connection.prepare(undefined);
    place.connection.prepare(undefined);
    expect((await place.exec('echo one')).stdout).toBe('one\n');
    expect((await place.exec('echo two')).stdout).toBe('two\n');
  });
}
