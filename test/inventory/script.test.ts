import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toRepr } from '../../src/template/values/text.ts';
import { errorOf, inventoryDir, load, varsOf } from './inventory-dir.ts';

/** An inventory program that prints this for `--list`, and runs `more` for `--host`. */
function program(list: unknown, more = 'exit 9'): string {
  const text = typeof list === 'string' ? list : JSON.stringify(list);
  return inventoryDir({ 'inv!': `#!/bin/sh\nif [ "$1" = --list ]; then cat list; else ${more}; fi\n`, list: text });
}

test('groups, children and variables are read, and those of hosts from _meta in one call', async () => {
  const directory = program({
    web: { hosts: ['h1', 'h2'], vars: { port: 80 } },
    prod: { children: ['web'] },
    bare: ['h3'],
    _meta: { hostvars: { h1: { a: 1.0, big: 1 } } },
  });
  const inventory = await load(directory, 'inv');
  expect([...inventory.hosts.keys()]).toEqual(['h1', 'h2', 'h3']);
  expect(varsOf(inventory, 'h1')).toEqual({ port: 80, a: 1, big: 1 });
  expect(inventory.groups.get('web')?.parents.has(inventory.groups.get('prod') as never)).toBe(true);
});

test('numbers keep their digits', async () => {
  const directory = program(
    '{"g": ["h"], "_meta": {"hostvars": {"h": {"id": 12345678901234567890, "f": 1.0, "n": 1}}}}',
  );
  const vars = varsOf(await load(directory, 'inv'), 'h');
  expect(Object.values(vars).map((value) => toRepr(value))).toEqual(['12345678901234567890', '1.0', '1']);
});

test('without _meta each host is asked for, and may have nothing', async () => {
  const directory = program({ g: ['h1', 'h2'] }, 'test "$2" = h1 && echo "{\\"name\\": \\"$2\\"}"; exit 0');
  const inventory = await load(directory, 'inv');
  expect(varsOf(inventory, 'h1')).toEqual({ name: 'h1' });
  expect(varsOf(inventory, 'h2')).toEqual({});
});

test('the oldest form, a host with its variables as a group, is read', async () => {
  const inventory = await load(program({ h1: { a: 1 }, _meta: { hostvars: {} } }), 'inv');
  expect(varsOf(inventory, 'h1')).toEqual({ a: 1 });
});

test('it runs in its own directory with the environment and without a terminal', async () => {
  const script =
    '#!/bin/sh\npwd > where; echo "$TOKEN" >> where; read line || echo eof >> where\necho \'{"g": ["h"], "_meta": {"hostvars": {}}}\'\n';
  const directory = inventoryDir({ 'sub/inv!': script });
  await load(directory, 'sub/inv', { env: { PATH: process.env.PATH, TOKEN: 'tok' } });
  expect(readFileSync(join(directory, 'sub/where'), 'utf8').trim().split('\n')).toEqual([
    `${directory}/sub`,
    'tok',
    'eof',
  ]);
});

test('hosts that only _meta knows are left out with a warning', async () => {
  const inventory = await load(program({ g: ['h1'], _meta: { hostvars: { h9: {} } } }), 'inv');
  expect([...inventory.hosts.keys()]).toEqual(['h1']);
  expect(inventory.warnings).toEqual(["inv: 1 hosts in _meta.hostvars are in no group and are left out, such as 'h9'"]);
});

describe('a run does not start when the program', () => {
  test('fails, whatever it printed', async () => {
    const directory = inventoryDir({ 'inv!': '#!/bin/sh\necho \'{"g": ["h1"]}\'\necho no credentials >&2\nexit 3\n' });
    const error = await errorOf(load(directory, 'inv'));
    expect(error).toMatchObject({
      code: 'INVENTORY_SOURCE_FAILED',
      message: "inventory program 'inv --list' exited with status 3\nstderr:\n  no credentials",
    });
  });

  test('fails for one host', async () => {
    const error = await errorOf(load(program({ g: ['h1'] }, 'echo no such host >&2; exit 1'), 'inv'));
    expect(error.message).toBe("inventory program 'inv --host h1' exited with status 1\nstderr:\n  no such host");
  });

  test('does not end', async () => {
    const directory = inventoryDir({ 'inv!': '#!/bin/sh\necho half\nsleep 1000\n' });
    const error = await errorOf(load(directory, 'inv', { timeoutMs: 300 }));
    expect(error.message).toBe("inventory program 'inv --list' did not end within 300 ms and was killed");
  });

  test('is interrupted', async () => {
    const directory = inventoryDir({ 'inv!': '#!/bin/sh\ntouch started\nsleep 1000\n' });
    const aborter = new AbortController();
    const loading = errorOf(load(directory, 'inv', { signal: aborter.signal }));
    await expect.poll(() => existsSync(join(directory, 'started'))).toBe(true);
    aborter.abort();
    expect((await loading).message).toBe("inventory program 'inv --list' was interrupted");
  });

  test.each([
    ['nothing', '', "inventory program 'inv --list' printed nothing (it exited with status 0)"],
    ['only blanks', ' \n', "inventory program 'inv --list' printed nothing (it exited with status 0)"],
    [
      'garbage',
      'Traceback: oops',
      /^inventory program 'inv --list' printed no JSON: .* \(it exited with status 0\)\nstdout:\n {2}Traceback: oops$/,
    ],
    ['a list', '["h1"]', /printed no JSON object/],
    ['a number as group', { g: 5 }, /printed neither a list nor a map for group 'g'/],
    ['a text as hosts', { g: { hosts: 'h1' } }, /printed no list for the hosts of group 'g'/],
    [
      'a number among the hosts',
      { g: { hosts: ['h1', 2] } },
      /printed 2 among the hosts of group 'g', where names are expected/,
    ],
    ['a list as variables', { g: { hosts: ['h1'], vars: [] } }, /printed no map of variables for group 'g'/],
    ['a list as hostvars', { g: ['h1'], _meta: { hostvars: [] } }, /printed no map of hosts under _meta.hostvars/],
    [
      'a text as variables of a host',
      { g: ['h1'], _meta: { hostvars: { h1: 'x' } } },
      /printed no map of variables for host 'h1'/,
    ],
  ])('prints %s', async (_what, list, message) => {
    const error = await errorOf(load(program(list), 'inv'));
    expect(error.code).toBe('INVENTORY_SOURCE_FAILED');
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  test('needs an interpreter that is not there', async () => {
    const directory = inventoryDir({ 'inv!': '#!/no/such/python\n' });
    expect((await errorOf(load(directory, 'inv'))).message).toBe(
      "inventory program 'inv --list' could not be started: there is no such program (ENOENT); is the program of its first line ('#!') there?",
    );
  });

  test('lists no host at all', async () => {
    const error = await errorOf(load(program({ _meta: { hostvars: {} } }), 'inv'));
    expect(error.code).toBe('INVENTORY_EMPTY');
  });

  test('prints what would disturb the terminal, which is made harmless', async () => {
    const directory = inventoryDir({ 'inv!': "#!/bin/sh\nprintf '\\033[31mred\\007' >&2\nexit 1\n" });
    expect((await errorOf(load(directory, 'inv'))).message).toMatch(/stderr:\n {2}\uFFFD\[31mred\uFFFD$/);
  });
});
