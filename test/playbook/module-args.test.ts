import { describe, expect, test } from 'vitest';
import { validateArgs } from '../../src/playbook/index.ts';
import { PyFloat } from '../../src/template/index.ts';
import { entryOf } from './fake-catalog.ts';

function check(module: string, args: Record<string, unknown>) {
  const { problems, args: checked } = validateArgs(entryOf(module), args);
  return {
    args: checked,
    problems: problems.map(({ message, hint }) => (hint === undefined ? message : `${message}; ${hint}`)),
  };
}

const accepted = (module: string, args: Record<string, unknown>) => {
  const result = check(module, args);
  expect(result.problems).toEqual([]);
  return result.args;
};

const refused = (module: string, args: Record<string, unknown>) => check(module, args).problems;

test('defaults are filled in and aliases are resolved', () => {
  expect(accepted('copy', { dest: '/x', thirsty: 'no' })).toEqual({ dest: '/x', force: false, backup: false });
});

test('an argument under its own name beats its alias', () => {
  expect(accepted('file', { dest: '/a', path: '/b' })).toEqual({ path: '/b' });
});

test('null is not given: the default holds, and a required argument is missing', () => {
  expect(accepted('copy', { dest: '/x', backup: null })).toEqual({ dest: '/x', backup: false, force: true });
  expect(refused('copy', { dest: null })).toEqual(["module 'copy' needs argument 'dest'"]);
});

test('the free-form argument has the name _raw_params, too', () => {
  expect(accepted('command', { _raw_params: 'ls' })).toEqual({ cmd: 'ls' });
});

test('a module that takes any argument takes null as well', () => {
  expect(accepted('set_fact', { x: null, y: { z: 1 }, cacheable: 'yes' })).toEqual({
    x: null,
    y: { z: 1 },
    cacheable: true,
  });
});

describe('loose typing', () => {
  test.each<[string, string, unknown, unknown]>([
    ['file', 'follow', 'yes', true],
    ['file', 'follow', 'OFF', false],
    ['file', 'follow', 1, true],
    ['file', 'follow', '0', false],
    ['file', 'follow', new PyFloat(1), true],
    ['file', 'mode', 420, 420],
    ['file', 'mode', '0644', '0644'],
    ['command', 'chdir', 5, '5'],
    ['command', 'chdir', new PyFloat(5), '5.0'],
    ['command', 'chdir', true, 'True'],
    ['command', 'argv', 'ls,-l', ['ls', '-l']],
    ['command', 'argv', ['echo', 5, true], ['echo', '5', 'True']],
    ['command', 'argv', 5, ['5']],
    ['wait_for', 'port', '22', 22],
    ['wait_for', 'port', new PyFloat(22), 22],
    ['wait_for', 'port', true, 1],
    ['wait_for', 'timeout', '1.5', 1.5],
    ['login', 'env', '{"A": 1}', { A: 1 }],
    ['login', 'env', 'A=1, B="x y"', { A: '1', B: 'x y' }],
    ['login', 'env', new Map([[1, 'a']]), { 1: 'a' }],
    ['debug', 'msg', ['any', { thing: 1 }], ['any', { thing: 1 }]],
  ])('%s %s: %j becomes %j', (module, name, value, expected) => {
    const rest = module === 'file' ? { path: '/x' } : {};
    expect(accepted(module, { ...rest, [name]: value })).toMatchObject({ [name]: expected });
  });

  test.each<[string, string, unknown, string]>([
    ['file', 'follow', 'perhaps', "expected argument 'follow' to be true or false, found 'perhaps'"],
    ['file', 'follow', [], "expected argument 'follow' to be true or false, found a list"],
    ['wait_for', 'port', 'ssh', "expected argument 'port' to be a whole number, found 'ssh'"],
    ['wait_for', 'port', 1.5, "expected argument 'port' to be a whole number, found 1.5 (number)"],
    ['wait_for', 'timeout', '', "expected argument 'timeout' to be a number, found ''"],
    ['command', 'chdir', ['/'], "expected argument 'chdir' to be text, found a list"],
    ['command', 'argv', { a: 1 }, "expected argument 'argv' to be a list, found a map"],
    ['command', 'argv', [['x']], "expected each item of argument 'argv' to be text, found a list"],
    ['login', 'env', 'nothing', "expected argument 'env' to be a map, found 'nothing'"],
    ['debug', 'verbosity', -1, "argument 'verbosity' must be >= 0, found -1 (number)"],
  ])('%s %s: %j is refused', (module, name, value, message) => {
    const rest = module === 'file' ? { path: '/x' } : {};
    expect(refused(module, { ...rest, [name]: value })).toEqual([message]);
  });
});

test('an unknown argument is named with what was meant, and that one is not called missing', () => {
  expect(refused('copy', { dst: '/x' })).toEqual(["module 'copy' has no argument 'dst'; did you mean 'dest'?"]);
  expect(refused('ping', { whatever: 1 })).toEqual(["module 'ping' has no argument 'whatever'; it has data"]);
  expect(refused('ping', { constructor: 1 })).toHaveLength(1);
});

test('a value outside the allowed ones is answered with the nearest', () => {
  expect(refused('file', { path: '/x', state: 'absnt' })).toEqual([
    "expected argument 'state' to be 'file', 'directory', 'absent', 'touch' or 'link', found 'absnt'; did you mean 'absent'?",
  ]);
});

test('maps in arguments are converted and checked as deep as their schema says', () => {
  expect(accepted('prune', { protect: { names: 'a,b' }, status: null })).toEqual({
    protect: { names: ['a', 'b'] },
    status: null,
  });
  expect(refused('prune', { protect: { nmes: [] } })).toEqual([
    "argument 'protect' has no 'nmes'; did you mean 'names'?",
  ]);
  expect(refused('prune', { protect: { names: [{}] } })).toEqual([
    "expected each item of 'names' of argument 'protect' to be text, found a map",
  ]);
  expect(refused('prune', { protect: { mode: 'fast' } })).toEqual([
    "expected 'mode' of argument 'protect' to be 'a' or 'b', found 'fast'",
  ]);
  expect(refused('prune', { status: { a: 1 } })).toEqual([
    "expected argument 'status' to be a list or text, found a map",
  ]);
});

test('a secret value is never part of a message', () => {
  const [message] = refused('login', { token: 'hunter2' });
  expect(message).toBe("expected argument 'token' to be 't1' or 't2', found another value");
  expect(refused('login', { token: ['hunter2'] })).toEqual([
    "expected argument 'token' to be text, found another type",
  ]);
});

test('a value that cannot be judged yet passes, and counts as given', () => {
  const isDeferred = (value: unknown) => value === '{{ x }}';
  const { args, problems } = validateArgs(entryOf('file'), { dest: '{{ x }}', follow: '{{ x }}' }, isDeferred);
  expect(problems).toEqual([]);
  expect(args).toEqual({ path: '{{ x }}', follow: '{{ x }}' });
});
