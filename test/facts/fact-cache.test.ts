import { chmod, mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFactCache } from '../../src/facts/fact-cache.ts';
import { runCli, testFolder } from '../cli/run-cli.ts';

async function cacheIn(folder: string, options: { maxAgeMs?: number; prefix?: string } = {}) {
  const warnings: string[] = [];
  const cache = createFactCache({
    folder,
    prefix: options.prefix ?? '',
    maxAgeMs: options.maxAgeMs ?? 0,
    nowMs: Date.now,
    onWarning: (message, host) => warnings.push(`${host}: ${message}`),
    openVault: (text) => `opened ${text}`,
  });
  return { cache, warnings };
}

it('what is saved is there in the next run, the last of several at once', async () => {
  const folder = join(await testFolder(), 'deep', 'cache');
  const { cache, warnings } = await cacheIn(folder, { prefix: 'site_' });
  const store = cache.of('web1');
  for (let n = 0; n < 50; n++) store.save({ facts: { n }, isComplete: false });
  store.save({ facts: { b: [1], a: { z: 'ü', y: null } }, isComplete: true });
  await cache.close();
  expect((await cacheIn(folder, { prefix: 'site_' })).cache.of('web1').load()).toEqual({
    facts: { a: { y: null, z: 'ü' }, b: [1] },
    isComplete: true,
  });
  const text = await readFile(join(folder, 'site_web1'), 'utf8');
  expect(text).toMatch(/^\{\n {4}"_ansible_facts_gathered": true,\n {4}"a": \{\n {8}"y": null,/);
  expect((await stat(join(folder, 'site_web1'))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(warnings).toEqual([]);
});

it.each(['{"a": ', '[]', '', '"x"'])('a broken file is as good as none, with a warning: %s', async (text) => {
  const folder = await testFolder();
  await writeFile(join(folder, 'web1'), text);
  const { cache, warnings } = await cacheIn(folder);
  const store = cache.of('web1');
  expect(store.load()).toBeUndefined();
  expect(warnings).toEqual([
    `web1: the file of cached facts '${folder}/web1': it is no JSON object; it is not used, and written anew when there are facts`,
  ]);
  store.save({ facts: { a: 1 }, isComplete: false });
  await cache.close();
  expect(JSON.parse(await readFile(join(folder, 'web1'), 'utf8'))).toEqual({ a: 1 });
});

it('a file that is too old is not read', async () => {
  const folder = await testFolder();
  await writeFile(join(folder, 'web1'), '{"a": 1}');
  await utimes(join(folder, 'web1'), new Date(), new Date(Date.now() - 10_000));
  expect((await cacheIn(folder, { maxAgeMs: 5000 })).cache.of('web1').load()).toBeUndefined();
  expect((await cacheIn(folder, { maxAgeMs: 60_000 })).cache.of('web1').load()).toBeDefined();
});

it('encrypted values of Ansible are opened for the run and stay encrypted in the file', async () => {
  const folder = await testFolder();
  const held = {
    secret: { __ansible_vault: 'V' },
    text: { __ansible_unsafe: '{{ x }}' },
    list: [{ __ansible_vault: 'W' }],
  };
  await writeFile(join(folder, 'web1'), JSON.stringify(held));
  const { cache } = await cacheIn(folder);
  const store = cache.of('web1');
  const loaded = store.load();
  expect(loaded?.facts).toEqual({ secret: 'opened V', text: '{{ x }}', list: ['opened W'] });
  store.save({ facts: { ...loaded?.facts, more: 1 }, isComplete: false });
  await cache.close();
  expect(JSON.parse(await readFile(join(folder, 'web1'), 'utf8'))).toEqual({ ...held, more: 1 });
});

it('a name that is a path is kept in no file', async () => {
  const folder = join(await testFolder(), 'cache');
  const { cache } = await cacheIn(folder);
  for (const host of ['../web1', 'a/b', '..']) {
    cache.of(host).save({ facts: { a: 1 }, isComplete: false });
    cache.of(host).clear();
    expect(cache.of(host).load()).toBeUndefined();
  }
  await cache.close();
  await expect(stat(join(folder, '..', 'web1'))).rejects.toThrow('ENOENT');
});

it('the command line refuses a cache without a folder, and one of another plugin', async () => {
  const cwd = await testFolder();
  await writeFile(join(cwd, 'p.yml'), '- {hosts: a, gather_facts: false, tasks: [{debug: {msg: x}}]}\n');
  const words = ['run', '-i', 'a,', '-c', 'local', '--state-dir', cwd, 'p.yml'];
  const without = await runCli([...words, '--fact-caching', 'jsonfile'], { cwd });
  expect(without).toMatchObject({ code: 1 });
  expect(without.stderr).toContain('give it with --fact-caching-connection');
  const other = await runCli(words, { cwd, env: { ANSIBLE_CACHE_PLUGIN: 'redis' } });
  expect(other).toMatchObject({ code: 1 });
  expect(other.stderr).toContain("expected ANSIBLE_CACHE_PLUGIN to be 'memory' or 'jsonfile', found 'redis'");
});

it('a folder in the place of a file is told, and the run goes on', async () => {
  const cwd = await testFolder();
  await mkdir(join(cwd, 'cache', 'a'), { recursive: true });
  await chmod(join(cwd, 'cache'), 0o700);
  await writeFile(join(cwd, 'ansible.cfg'), '[defaults]\nfact_caching = jsonfile\nfact_caching_connection = cache\n');
  await writeFile(
    join(cwd, 'p.yml'),
    '- {hosts: a, gather_facts: false, tasks: [{set_fact: {x: 1, cacheable: true}}, {debug: {msg: "{{ ansible_facts.x }}"}}]}\n',
  );
  const end = await runCli(['run', '-i', 'a,', '-c', 'local', '--state-dir', cwd, 'p.yml'], { cwd });
  expect(end).toMatchObject({ code: 0 });
  expect(end.stdout).toContain('ok: a => 1');
  expect(
    end.stdout.match(/\[WARNING\]: a: the file of cached facts '.*\/cache\/a': it cannot be written/g),
  ).toHaveLength(1);
});
