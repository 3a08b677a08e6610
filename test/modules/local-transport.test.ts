import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findModule } from '../../src/modules/registry.ts';
import { type LocalConnection, openLocal } from '../util/local-connection.ts';
import { runModule } from '../util/module-runner.ts';
import { registerCopyTests } from './suites/copy.ts';
import { registerFileTests } from './suites/file.ts';

let local: LocalConnection | undefined;
beforeAll(async () => {
  local = await openLocal();
});
afterAll(() => local?.close());

/** The connection is there once the tests run. */
const on = {
  get connection() {
    return local?.connection;
  },
};

describe('over the local transport', () => {
  registerFileTests(on);
  registerCopyTests(on);

  describe('modules that run what they are told', () => {
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'fleetmend-local-'));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    test('command, shell and script keep output, status and stdin apart', async () => {
      writeFileSync(join(directory, 's.sh'), '#!/bin/sh\necho "$1"; exit 4\n');
      const options = { ...on, searchPaths: [directory], environment: { WORD: 'of the task' } };
      for (const [name, args, result] of [
        ['command', { cmd: 'cat - "$WORD"', stdin: 'in' }, { rc: 1, stdout: 'in' }],
        ['shell', { cmd: 'cat; echo "$WORD"; echo err >&2' }, { rc: 0, stdout: 'of the task', stderr: 'err' }],
        ['script', { cmd: 's.sh "$WORD"' }, { rc: 4, stdout: 'of the task\n' }],
        ['command', { cmd: 'no-such-program-here' }, { rc: 2 }],
        ['raw', { cmd: 'echo raw' }, { rc: 0, stdout: 'raw\n' }],
      ] as const) {
        const module = findModule(name);
        if (module === undefined) throw new Error(`no module ${name}`);
        expect((await runModule(module, args, options)).result, name).toMatchObject(result);
      }
    });

    test('setup and ping change nothing, once and again', async () => {
      for (const name of ['setup', 'ping', 'setup', 'ping']) {
        const module = findModule(name);
        if (module === undefined) throw new Error(`no module ${name}`);
        expect((await runModule(module, {}, on)).status).toBe('ok');
      }
    });
  });
});
