import { expect, test } from 'vitest';
import { parseModuleArgs } from '../../src/playbook/index.ts';
import { catalog } from './fake-catalog.ts';

test.each<[string, string | Record<string, unknown>, string, Record<string, unknown>]>([
  ['command', 'ls -l chdir=/tmp', 'command', { cmd: 'ls -l', chdir: '/tmp' }],
  ['ansible.builtin.shell', 'docker ps | wc -l', 'shell', { cmd: 'docker ps | wc -l' }],
  ['copy', 'src=a dest="b c"', 'copy', { src: 'a', dest: 'b c' }],
  ['copy', '{"src": "a", "dest": "b", "backup": true}', 'copy', { src: 'a', dest: 'b', backup: true }],
  ['file', { name: '/x', state: '{{ s }}' }, 'file', { path: '/x', state: '{{ s }}' }],
  ['ping', '', 'ping', {}],
  ['shell', '{ echo a; }', 'shell', { cmd: '{ echo a; }' }],
])('%s %j', (name, args, module, expected) => {
  expect(parseModuleArgs(catalog, name, args)).toEqual({ module, args: expected });
});

test.each<[string, string, string]>([
  ['comand', 'ls', "unknown module 'comand'; did you mean 'command'?"],
  ['apt', 'name=x', "module 'apt' of Ansible is not supported yet"],
  ['copy', 'src=a', "module 'copy' needs argument 'dest'"],
  [
    'copy',
    'dest=/x bacup=yes mod=1',
    "module 'copy' has no argument 'bacup'; did you mean 'backup'?\nmodule 'copy' has no argument 'mod'; did you mean 'mode'?",
  ],
  ['copy', 'a b', "expected 'name=value' words as arguments of module 'copy', found 'a'"],
])('%s %j is refused', (name, args, message) => {
  expect(() => parseModuleArgs(catalog, name, args)).toThrow(expect.objectContaining({ message }));
});

test('findings of a command line have no place', () => {
  expect(() => parseModuleArgs(catalog, 'comand', 'ls')).toThrow(
    expect.objectContaining({
      diagnostics: [{ code: 'UNKNOWN_MODULE', message: "unknown module 'comand'", hint: "did you mean 'command'?" }],
    }),
  );
});

test('JSON that is broken is named as such', () => {
  expect(() => parseModuleArgs(catalog, 'copy', '{"src": a}')).toThrow(/^expected a JSON object of arguments: /);
});
