/** Behaviour of `file` and `stat` on a real file system, for any shell and any set of tools. */
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { file } from '../../../src/modules/file.ts';
import { stat } from '../../../src/modules/stat.ts';
import { type RunModuleOptions, runModule } from '../../util/module-runner.ts';

/** Names that scripts get wrong: blanks, quotes, a leading dash, a line end, glob characters, a dollar that names nothing. */
export const ODD_NAMES = ["it's a b", '-rf', 'two\nlines', '*?[a]', 'a"b`id`$(id)', 'täglich', 'c\\d'] as const;

export function registerFileTests(on: RunModuleOptions): void {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fleetmend-file-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const at = (name: string) => join(directory, name);
  const modeOf = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);
  /** Runs it in check mode, for real, and again: the plan comes true, and nothing is left to do. */
  async function converges(args: Record<string, unknown>) {
    const check = await runModule(file, args, { ...on, checkMode: true });
    const first = await runModule(file, args, on);
    const second = await runModule(file, args, on);
    expect({ check: check.status, first: first.status }).toEqual({ check: 'changed', first: 'changed' });
    expect(first.changes).toEqual(check.changes);
    expect({ status: second.status, changes: second.changes }).toEqual({ status: 'ok', changes: [] });
    return { check, first, second };
  }

  describe('file', () => {
    test('makes a directory with its parents, all with the mode', async () => {
      const { first } = await converges({ path: at('a/b/c'), state: 'directory', mode: '0750' });
      for (const path of ['a', 'a/b', 'a/b/c']) expect(modeOf(at(path))).toBe('750');
      expect(first.result).toMatchObject({
        path: at('a/b/c'),
        state: 'directory',
        mode: '0750',
        uid: process.getuid?.(),
      });
      expect(first.changes).toEqual([
        {
          line: `create directory ${at('a/b/c')} (mode 0750)`,
          diff: { path: at('a/b/c'), before: 'state: absent\n', after: 'state: directory\n' },
        },
      ]);
    });

    test.each(ODD_NAMES)('works on %j', async (name) => {
      await converges({ path: at(name), state: 'directory' });
      await converges({ path: at(name), mode: '0700' });
      await converges({ path: at(`${name}.l`), src: at(name), state: 'link' });
      expect(readlinkSync(at(`${name}.l`))).toBe(at(name));
      await converges({ path: at(`${name}.l`), state: 'absent' });
      expect(existsSync(at(name))).toBe(true);
      await converges({ path: at(name), state: 'absent' });
      expect(existsSync(at(name))).toBe(false);
    });

    test('sets a mode, symbolic ones from what is there', async () => {
      writeFileSync(at('f'), 'x', { mode: 0o600 });
      const { first } = await converges({ path: at('f'), mode: 'u+x,g=r' });
      expect(modeOf(at('f'))).toBe('740');
      expect(first.changes[0]?.line).toBe(`set of ${at('f')}: mode 0600 -> 0740`);
      expect(first.changes[0]?.diff).toEqual({ path: at('f'), before: 'mode: 0600\n', after: 'mode: 0740\n' });
      await converges({ path: at('f'), mode: 0o644 });
      expect(modeOf(at('f'))).toBe('644');
    });

    test('clears the setgid bit of a directory when the mode has none', async () => {
      mkdirSync(at('d'));
      await converges({ path: at('d'), mode: '2755' });
      await converges({ path: at('d'), mode: '0755' });
      expect(modeOf(at('d'))).toBe('755');
    });

    test('removes a file, a link but not its target, and a tree', async () => {
      mkdirSync(at('d/e'), { recursive: true });
      writeFileSync(at('d/e/f'), 'x');
      symlinkSync(at('d'), at('l'));
      await converges({ path: at('l'), state: 'absent' });
      expect(existsSync(at('d/e/f'))).toBe(true);
      const { first } = await converges({ path: at('d'), state: 'absent' });
      expect(first.result).toEqual({ path: at('d'), state: 'absent' });
      expect(existsSync(at('d'))).toBe(false);
    });

    test('never removes the root directory', async () => {
      const run = await runModule(file, { path: '//', state: 'absent' }, on);
      expect(run).toMatchObject({ status: 'failed', scripts: [] });
    });

    test('makes a link, points it elsewhere, and keeps its target', async () => {
      writeFileSync(at('one'), '1');
      writeFileSync(at('two'), '2');
      const { first } = await converges({ path: at('l'), src: at('one'), state: 'link' });
      expect(first.result).toMatchObject({ dest: at('l'), src: at('one'), state: 'link', mode: '0777' });
      await converges({ path: at('l'), src: at('two'), state: 'link' });
      expect(readlinkSync(at('l'))).toBe(at('two'));
      expect(readFileSync(at('one'), 'utf8')).toBe('1');
    });

    test('points a link to a directory elsewhere instead of putting a link into it', async () => {
      mkdirSync(at('one'));
      mkdirSync(at('two'));
      symlinkSync('one', at('l'));
      await converges({ path: at('l'), src: 'two', state: 'link' });
      expect(readlinkSync(at('l'))).toBe('two');
      expect(existsSync(at('one/two'))).toBe(false);
    });

    test('makes a link to nothing only when it is forced to', async () => {
      const refused = await runModule(file, { path: at('l'), src: at('none'), state: 'link' }, on);
      expect(refused.status).toBe('failed');
      expect(refused.result.msg).toBe(
        `src file does not exist, use "force=yes" if you really want to create the link: ${at('none')}`,
      );
      await converges({ path: at('l'), src: at('none'), state: 'link', force: true });
    });

    test('puts a link in the place of a file or an empty directory only when it is forced to', async () => {
      writeFileSync(at('f'), 'x');
      mkdirSync(at('d'));
      mkdirSync(at('full/x'), { recursive: true });
      for (const name of ['f', 'd']) {
        const args = { path: at(name), src: '/', state: 'link' };
        const refused = await runModule(file, args, on);
        expect(refused.result.msg).toMatch(/^refusing to convert from (?:file|directory) to symlink for /);
        await converges({ ...args, force: true });
      }
      const full = await runModule(file, { path: at('full'), src: '/', state: 'link', force: true }, on);
      expect(full.result.msg).toBe(`the directory ${at('full')} is not empty, refusing to convert it`);
    });

    test('makes a hard link', async () => {
      writeFileSync(at('f'), 'x');
      const { first } = await converges({ path: at('h'), src: at('f'), state: 'hard' });
      expect(lstatSync(at('h')).ino).toBe(lstatSync(at('f')).ino);
      expect(first.result).toMatchObject({ dest: at('h'), src: at('f'), state: 'hard' });
    });

    test('touches: makes a file, then sets its times each time', async () => {
      const made = await runModule(file, { path: at('t'), state: 'touch', mode: '0600' }, on);
      expect(made).toMatchObject({
        status: 'changed',
        result: { dest: at('t'), state: 'file', mode: '0600', size: 0 },
      });
      writeFileSync(at('t'), 'kept');
      utimesSync(at('t'), 1000, 1000);
      const again = await runModule(file, { path: at('t'), state: 'touch' }, on);
      expect(again.status).toBe('changed');
      expect(statSync(at('t')).mtimeMs).toBeGreaterThan(1_000_000);
      expect(readFileSync(at('t'), 'utf8')).toBe('kept');
    });

    test('a touch that preserves times changes nothing on a file that is there', async () => {
      writeFileSync(at('t'), 'x');
      utimesSync(at('t'), 1000, 1000);
      const args = { path: at('t'), state: 'touch', access_time: 'preserve', modification_time: 'preserve' };
      expect((await runModule(file, args, on)).status).toBe('ok');
      expect(statSync(at('t')).mtimeMs).toBe(1_000_000);
    });

    test('fails on a file that is absent, a directory that is one, and a file in the way of a directory', async () => {
      writeFileSync(at('f'), 'x');
      mkdirSync(at('d'));
      const messages = [
        [{ path: at('none') }, `file (${at('none')}) is absent, cannot continue`],
        [{ path: at('d'), state: 'file' }, `file (${at('d')}) is directory, cannot continue`],
        [{ path: at('f'), state: 'directory' }, `${at('f')} already exists as a file`],
        [{ path: at('f'), mode: 'abc' }, "mode must be in octal or symbolic form, found 'abc'"],
        [{ path: at('f'), owner: 'no-such-user' }, 'chown failed: failed to look up user no-such-user'],
        [{ path: at('f'), group: 'no-such-group' }, 'chgrp failed: failed to look up group no-such-group'],
        [{ path: at('l'), state: 'link' }, 'src is required for creating new links'],
      ] as const;
      for (const [args, msg] of messages) {
        const run = await runModule(file, args, on);
        expect({ status: run.status, msg: run.result.msg }).toEqual({ status: 'failed', msg });
      }
    });

    test('names the reason of the host when it cannot do it', async () => {
      const run = await runModule(file, { path: '/proc/none/x', state: 'touch' }, on);
      expect(run.status).toBe('failed');
      expect(run.result.msg).toMatch(/^could not change \/proc\/none\/x: .*No such file or directory/);
    });

    test('recurse sets attributes of all that differs below, links left alone', async () => {
      mkdirSync(at('d/e'), { recursive: true });
      for (const name of ODD_NAMES) writeFileSync(at(`d/e/${name}`), 'x', { mode: 0o600 });
      writeFileSync(at('d/x'), 'x', { mode: 0o700 });
      symlinkSync('/etc/passwd', at('d/l'));
      const passwd = modeOf('/etc/passwd');
      const { first } = await converges({ path: at('d'), state: 'directory', mode: 'u=rwX,g=rX,o=', recurse: true });
      expect(['d', 'd/e', 'd/x', 'd/e/-rf', 'd/e/two\nlines'].map((name) => modeOf(at(name)))).toEqual([
        '750',
        '750',
        '750',
        '640',
        '640',
      ]);
      expect(first.changes.map((change) => change.line)).toContain(
        `set of ${ODD_NAMES.length} files below ${at('d')}: mode 0600 -> 0640`,
      );
      expect(modeOf('/etc/passwd')).toBe(passwd);
    });

    test('follows a link at the path, and not when it is told not to', async () => {
      writeFileSync(at('f'), 'x', { mode: 0o600 });
      symlinkSync('f', at('l'));
      const { first } = await converges({ path: at('l'), mode: '0640' });
      expect(first.result.path).toBe(at('f'));
      expect(modeOf(at('f'))).toBe('640');
      expect((await runModule(file, { path: at('l'), mode: '0600', follow: false }, on)).status).toBe('ok');
    });

    test('expands the home and variables of the host in paths', async () => {
      const environment = { HOME: directory, PART: "b 'c" };
      const run = await runModule(file, { path: '~/a/$PART', state: 'directory' }, { ...on, environment });
      expect(run.result.path).toBe(at("a/b 'c"));
      expect(existsSync(at("a/b 'c"))).toBe(true);
    });
  });

  describe('stat', () => {
    const look = async (args: Record<string, unknown>) =>
      (await runModule(stat, args, on)).result.stat as Record<string, unknown>;

    test('says that nothing is there', async () => {
      expect(await look({ path: at('none') })).toEqual({ exists: false });
      writeFileSync(at('f'), '');
      expect(await look({ path: at('f/below') })).toEqual({ exists: false });
    });

    test('describes a file', async () => {
      writeFileSync(at('f'), 'hi\n', { mode: 0o640 });
      utimesSync(at('f'), 1000, 2000);
      linkSync(at('f'), at('g'));
      expect(await look({ path: at('f') })).toMatchObject({
        exists: true,
        path: at('f'),
        isreg: true,
        isdir: false,
        islnk: false,
        mode: '0640',
        size: 3,
        uid: process.getuid?.(),
        gid: process.getgid?.(),
        inode: lstatSync(at('f')).ino,
        nlink: 2,
        mtime: 2000,
        rgrp: true,
        wgrp: false,
        readable: true,
        writeable: true,
        checksum: '55ca6286e3e4f4fba5d0448333fa99fc5a404a73',
      });
    });

    test('computes the checksum that is asked for, or none', async () => {
      writeFileSync(at('f'), 'hi\n');
      const sha256 = '98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4';
      expect((await look({ path: at('f'), checksum_algorithm: 'sha256' })).checksum).toBe(sha256);
      expect(await look({ path: at('f'), get_checksum: false })).not.toHaveProperty('checksum');
      expect(await look({ path: directory })).not.toHaveProperty('checksum');
    });

    test.each(ODD_NAMES)('describes %j and a link to it', async (name) => {
      writeFileSync(at(name), 'x');
      symlinkSync(name, at('l'));
      expect(await look({ path: at(name) })).toMatchObject({ path: at(name), isreg: true, size: 1 });
      expect(await look({ path: at('l') })).toMatchObject({ islnk: true, lnk_target: name, lnk_source: at(name) });
      expect(await look({ path: at('l'), follow: true })).toMatchObject({ islnk: false, isreg: true, path: at('l') });
    });

    test('a link to nothing exists unless it is followed', async () => {
      symlinkSync('none', at('l'));
      expect(await look({ path: at('l') })).toMatchObject({ exists: true, islnk: true, lnk_target: 'none' });
      expect(await look({ path: at('l'), follow: true })).toEqual({ exists: false });
    });
  });
}
