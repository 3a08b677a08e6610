import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileExpression, createEnvironment, type Environment, scopeOf } from '../../src/template/index.ts';
import { templateErrorOf } from './helpers.ts';

let folder: string;
let environment: Environment;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetmend-lookups-'));
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files', 'motd'), 'from files\n\n');
  writeFileSync(join(folder, 'a.conf'), 'a');
  writeFileSync(join(folder, 'b.conf'), 'b');
  writeFileSync(join(folder, '.hidden.conf'), 'c');
  environment = createEnvironment({
    cwd: folder,
    env: { HOME: '/home/me', PATH: '/usr/bin:/bin', COLOUR: 'red' },
    nowMs: () => Date.UTC(2026, 10, 21, 6, 7, 8),
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(text: string): unknown {
  return compileExpression(text, undefined, environment).evaluate(scopeOf({ port: 80, name: 'port', d: { a: 1 } }));
}

describe('lookups', () => {
  it('env reads the given environment, not the process', () => {
    expect(run("lookup('env', 'COLOUR')")).toBe('red');
    expect(run("lookup('env', 'NOPE')")).toBe('');
    expect(run("lookup('env', 'NOPE', default='x')")).toBe('x');
  });

  it('file reads from files/ first and drops the white space at the end', () => {
    expect(run("lookup('file', 'motd')")).toBe('from files');
    expect(run("lookup('ansible.builtin.file', 'a.conf', 'b.conf')")).toBe('a,b');
    expect(templateErrorOf(() => run("lookup('file', 'nope')")).message).toMatch(/found no 'nope' .*; it looked in /);
    expect(run("lookup('file', 'nope', errors='ignore')")).toBeNull();
  });

  it('fileglob lists files of one folder, hidden ones not', () => {
    expect(run("query('fileglob', '*.conf')")).toEqual([join(folder, 'a.conf'), join(folder, 'b.conf')]);
    expect(run("q('fileglob', 'nope*')")).toEqual([]);
  });

  it('first_found takes the first file that is there', () => {
    expect(run("lookup('first_found', ['nope', 'b.conf', 'a.conf'])")).toBe(join(folder, 'b.conf'));
    expect(run("q('first_found', {'files': ['nope'], 'skip': true})")).toEqual([]);
    expect(() => run("lookup('first_found', ['nope'])")).toThrow(/found none of the files/);
  });

  it('pipe gives the output of a shell command, and its error', () => {
    expect(run("lookup('pipe', 'echo $COLOUR; echo')")).toBe('red');
    expect(() => run("lookup('pipe', 'echo oops >&2; exit 3')")).toThrow(/exit status 3: oops/);
  });

  it('vars reads a variable by name', () => {
    expect(run("lookup('vars', name)")).toBe(80);
    expect(run("lookup('vars', 'nope', default=1)")).toBe(1);
    expect(templateErrorOf(() => run("lookup('vars', 'prot')")).message).toMatch(/did you mean 'port'/);
  });

  it('dict, items and list give lists', () => {
    expect(run("q('dict', d)")).toEqual([{ key: 'a', value: 1 }]);
    expect(run("q('items', [1, [2]], 3)")).toEqual([1, [2], 3]);
    expect(run("q('list', [1], 2)")).toEqual([[1], 2]);
  });

  it('sequence counts in both forms', () => {
    expect(run("q('sequence', 'start=1 end=3 format=web%02d')")).toEqual(['web01', 'web02', 'web03']);
    expect(run("q('sequence', '4-8/2:h%d')")).toEqual(['h4', 'h6', 'h8']);
    expect(run("q('sequence', count=2)")).toEqual(['1', '2']);
    expect(() => run("q('sequence', 'end=99999999')")).toThrow(/at most 1000000/);
  });

  it('are checked by name before anything runs, when the name is literal', () => {
    const error = templateErrorOf(() => compileExpression("false and lookup('fil', 'x')", undefined, environment));
    expect(error.code).toBe('TEMPLATE_SYNTAX');
    expect(() => run("lookup('f' ~ 'il', 'x')")).toThrow(/Unknown lookup 'fil' .*; did you mean 'file'/);
  });

  it('of the machine are not there unless they are given', () => {
    expect(() => compileExpression("lookup('pipe', 'id')")).toThrow(/Unknown lookup 'pipe'/);
  });
});

describe('paths and time', () => {
  it('relative paths start at the folder of the environment', () => {
    expect(run("'a.conf' is file")).toBe(true);
    expect(run("'files' is directory and 'nope' is not exists")).toBe(true);
    expect(run("'a.conf' is link")).toBe(false);
    expect(() => compileExpression("'a' is file").evaluate(scopeOf({}))).toThrow(/Expected an absolute path/);
  });

  it('expanduser knows the home of the environment', () => {
    expect(run("'~/x' | expanduser")).toBe('/home/me/x');
  });

  it('now and strftime use the clock of the environment', () => {
    expect(run("now(utc=true, fmt='%Y-%m-%d %H:%M:%S')")).toBe('2026-11-21 06:07:08');
    expect(run('now(utc=true).year')).toBe(2026);
    expect(run("'%F %T' | strftime(utc=true)")).toBe('2026-11-21 06:07:08');
  });
});
