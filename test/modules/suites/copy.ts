/** Behaviour of `copy` on a real file system, for any shell and any set of tools. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copy } from '../../../src/modules/copy.ts';
import { type RunModuleOptions, runModule } from '../../util/module-runner.ts';
import { ODD_NAMES } from './file.ts';

export function registerCopyTests(on: RunModuleOptions): void {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fleetmend-copy-'));
    mkdirSync(join(directory, 'files'));
    mkdirSync(join(directory, 'host'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const local = (name: string) => join(directory, 'files', name);
  const at = (name: string) => join(directory, 'host', name);
  const modeOf = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);
  const run = (args: Record<string, unknown>, options: RunModuleOptions = {}) =>
    runModule(copy, args, { ...on, searchPaths: [local(''), directory], ...options });

  async function converges(args: Record<string, unknown>) {
    const check = await run(args, { checkMode: true });
    const first = await run(args);
    const second = await run(args);
    expect({ check: check.status, first: first.status }).toEqual({ check: 'changed', first: 'changed' });
    expect(first.changes).toEqual(check.changes);
    expect({ status: second.status, changes: second.changes }).toEqual({ status: 'ok', changes: [] });
    return { check, first, second };
  }

  describe('copy', () => {
    test('writes content, with the keys of Ansible', async () => {
      const { first, second } = await converges({ content: 'hi', dest: at('f'), mode: '0640' });
      expect(readFileSync(at('f'), 'utf8')).toBe('hi');
      expect(first.result).toMatchObject({
        dest: at('f'),
        checksum: 'c22b5f9178342609428d6f51b2c5af4c0bde6a42',
        md5sum: '49f68a5c8493ec2c0bf489821c21fc3b',
        mode: '0640',
        size: 2,
        state: 'file',
        uid: process.getuid?.(),
      });
      expect(first.changes).toEqual([{ line: `create ${at('f')} (2 bytes, mode 0640)` }]);
      expect(second.result).toMatchObject({ dest: at('f'), path: at('f'), mode: '0640' });
      expect(second.result).not.toHaveProperty('md5sum');
    });

    test('writes data as JSON, as Ansible does', async () => {
      await converges({ content: { b: 1, a: [1, 'ü'] }, dest: at('j') });
      expect(readFileSync(at('j'), 'utf8')).toBe('{"b": 1, "a": [1, "\\u00fc"]}');
    });

    test.each(ODD_NAMES)('works on %j', async (name) => {
      writeFileSync(local(name), 'x');
      await converges({ src: name, dest: at(name) });
      mkdirSync(at('d'));
      await converges({ src: name, dest: at('d') });
      expect(readFileSync(at(`d/${name}`), 'utf8')).toBe('x');
    });

    test('sends any bytes, many of them', async () => {
      const bytes = Buffer.alloc(700_000, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
      writeFileSync(local('big'), bytes);
      await converges({ src: 'big', dest: at('big') });
      expect(readFileSync(at('big')).equals(bytes)).toBe(true);
    });

    test('changes only the mode when the content is the same', async () => {
      writeFileSync(at('f'), 'hi', { mode: 0o644 });
      const before = lstatSync(at('f')).ino;
      const { first } = await converges({ content: 'hi', dest: at('f'), mode: 'go-r' });
      expect(first.changes[0]?.line).toBe(`set of ${at('f')}: mode 0644 -> 0600`);
      expect(first.result).toMatchObject({ mode: '0600', dest: at('f') });
      expect(lstatSync(at('f')).ino).toBe(before);
    });

    test('keeps the mode of a file that it replaces', async () => {
      writeFileSync(at('f'), 'old');
      chmodSync(at('f'), 0o754);
      await converges({ content: 'new', dest: at('f') });
      expect(modeOf(at('f'))).toBe('754');
    });

    test('takes the mode of the source with preserve', async () => {
      writeFileSync(local('f'), 'x', { mode: 0o700 });
      await converges({ src: 'f', dest: at('f'), mode: 'preserve' });
      expect(modeOf(at('f'))).toBe('700');
    });

    test('shows the difference of texts in diff mode, and none of binaries', async () => {
      writeFileSync(at('f'), 'old\n');
      const text = await run({ content: 'new\n', dest: at('f') }, { diffMode: true, checkMode: true });
      expect(text.changes[0]?.diff).toEqual({ path: at('f'), before: 'old\n', after: 'new\n' });
      writeFileSync(at('f'), Buffer.from([0xff, 0]));
      const binary = await run({ content: 'new\n', dest: at('f') }, { diffMode: true, checkMode: true });
      expect(binary.changes[0]).not.toHaveProperty('diff');
      const made = await run({ content: 'new\n', dest: at('g') }, { diffMode: true, checkMode: true });
      expect(made.changes[0]?.diff).toEqual({ path: at('g'), before: '', after: 'new\n' });
    });

    test('makes the folder of a destination that ends with a slash, and no other', async () => {
      writeFileSync(local('f'), 'x');
      const { first } = await converges({ src: 'f', dest: `${at('a/b')}/`, directory_mode: '0750' });
      expect(first.result.dest).toBe(at('a/b/f'));
      expect(modeOf(at('a/b'))).toBe('750');
      const refused = await run({ src: 'f', dest: at('c/d') });
      expect(refused).toMatchObject({
        status: 'failed',
        result: { msg: `Destination directory ${at('c')} does not exist` },
      });
    });

    test('keeps what it replaces when it is told to', async () => {
      writeFileSync(at('f'), 'old', { mode: 0o600 });
      const { first } = await converges({ content: 'new', dest: at('f'), backup: true });
      const backup = String(first.result.backup_file);
      expect(backup).toMatch(/\/host\/f\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/);
      expect(readFileSync(backup, 'utf8')).toBe('old');
    });

    test('leaves a file that is there alone without force', async () => {
      writeFileSync(at('f'), 'old');
      expect((await run({ content: 'new', dest: at('f'), force: false })).status).toBe('ok');
      expect(readFileSync(at('f'), 'utf8')).toBe('old');
    });

    test('puts a file in its place only when it is valid', async () => {
      writeFileSync(at('f'), 'old');
      const bad = await run({ content: 'bad', dest: at('f'), validate: "grep -q 'go od' %s" });
      expect(bad).toMatchObject({ status: 'failed', result: { msg: 'failed to validate', exit_status: 1 } });
      expect(readFileSync(at('f'), 'utf8')).toBe('old');
      expect(readdirSync(at(''))).toEqual(['f']);
      await converges({ content: 'go od', dest: at('f'), validate: "grep -q 'go od' %s" });
      const wrong = await run({ content: 'x', dest: at('f'), validate: 'true' });
      expect(wrong.result.msg).toBe('validate must contain %s: true');
    });

    test('replaces a link, or its target when it follows', async () => {
      writeFileSync(at('target'), 'old');
      symlinkSync('target', at('l'));
      await converges({ content: 'new', dest: at('l'), follow: true });
      expect(lstatSync(at('l')).isSymbolicLink()).toBe(true);
      expect(readFileSync(at('target'), 'utf8')).toBe('new');
      await converges({ content: 'newer', dest: at('l') });
      expect(lstatSync(at('l')).isFile()).toBe(true);
      expect(readFileSync(at('target'), 'utf8')).toBe('new');
    });

    test('copies a tree, with its own name or without it', async () => {
      mkdirSync(local('tree/sub dir/empty'), { recursive: true });
      for (const name of ODD_NAMES) writeFileSync(local(`tree/sub dir/${name}`), name);
      symlinkSync('sub dir/-rf', local('tree/link'));
      const { first } = await converges({ src: 'tree', dest: at('a'), mode: '0600', directory_mode: '0710' });
      expect(first.result).toEqual({ dest: `${at('a')}/`, src: 'tree' });
      for (const name of ODD_NAMES) expect(readFileSync(at(`a/tree/sub dir/${name}`), 'utf8')).toBe(name);
      expect(readFileSync(at('a/tree/link'), 'utf8')).toBe('-rf');
      expect(modeOf(at('a/tree/link'))).toBe('600');
      expect(modeOf(at('a/tree/sub dir/empty'))).toBe('710');
      await converges({ src: 'tree/', dest: at('b') });
      expect(existsSync(at('b/sub dir/empty'))).toBe(true);
      writeFileSync(at('b/sub dir/-rf'), 'changed');
      const repaired = await converges({ src: 'tree/', dest: at('b') });
      expect(repaired.first.changes).toHaveLength(1);
    });

    test('copies a file that is on the host', async () => {
      writeFileSync(at("s'rc"), 'x', { mode: 0o600 });
      const { first } = await converges({ src: at("s'rc"), dest: at('f'), remote_src: true });
      expect(readFileSync(at('f'), 'utf8')).toBe('x');
      expect(first.result).toMatchObject({ checksum: '11f6ad8ec52a2984abaafd7c3b516503785c2072', size: 1 });
      const none = await run({ src: at('none'), dest: at('f'), remote_src: true });
      expect(none.result.msg).toBe(`Source ${at('none')} not found`);
    });

    test.each([
      [{}, "expected 'src' or 'content', found neither"],
      [{ src: 'a', content: 'b' }, "expected 'src' or 'content', found both"],
    ])('refuses %j before the host is asked anything', async (args, msg) => {
      expect(await run({ dest: at('f'), ...args })).toMatchObject({ status: 'failed', result: { msg }, scripts: [] });
    });

    test('names the places where a source was looked for', async () => {
      const failed = await run({ src: 'none', dest: at('f') });
      expect(failed.result.msg).toBe(
        `Could not find or access 'none' on the controller; looked for '${local('none')}', '${join(directory, 'none')}'`,
      );
    });

    test('refuses content for a directory, and a source with another checksum', async () => {
      expect((await run({ content: 'x', dest: at('') })).result.msg).toBe('can not use content with a dir as dest');
      writeFileSync(local('f'), 'x');
      expect((await run({ src: 'f', dest: at('f'), checksum: 'abc' })).status).toBe('failed');
    });

    test('names the reason of the host when it cannot write, and leaves nothing behind', async () => {
      const failed = await run({ content: 'x', dest: '/proc/x' });
      expect(failed.status).toBe('failed');
      expect(failed.result.msg).toMatch(/^could not write \/proc\/x: /);
    });
  });
}
