import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkReportSpecs, checkReportTarget, createReport, parseReportSpec } from '../../src/report/index.ts';
import { ScriptedRun } from './scripted-run.ts';

describe('parseReportSpec', () => {
  it.each([
    ['json', { format: 'json' }],
    ['ndjson=-', { format: 'ndjson' }],
    ['junit=out/results.xml', { format: 'junit', path: 'out/results.xml' }],
    ['json=a=b.json', { format: 'json', path: 'a=b.json' }],
  ])('reads %s', (text, expected) => {
    expect(parseReportSpec(text)).toEqual(expected);
  });

  it('names the formats and the nearest one for an unknown format', () => {
    expect(() => parseReportSpec('jsn=x')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: "Expected --report json|ndjson|junit|prometheus, optionally followed by =FILE, got 'jsn=x'",
        hint: "did you mean 'json'?",
      }),
    );
  });

  it('refuses an empty path', () => {
    expect(() => parseReportSpec('json=')).toThrow('Expected a file after --report json=, got nothing');
  });
});

describe('checkReportSpecs', () => {
  it('allows one report on standard output beside files', () => {
    checkReportSpecs([{ format: 'json' }, { format: 'json', path: 'a' }, { format: 'junit', path: 'b' }]);
  });

  it('refuses two on standard output', () => {
    expect(() => checkReportSpecs([{ format: 'json' }, { format: 'junit' }])).toThrow(
      'Only one report can go to standard output, got json and junit',
    );
  });

  it('refuses two in the same file', () => {
    expect(() =>
      checkReportSpecs([
        { format: 'json', path: 'a' },
        { format: 'junit', path: './a' },
      ]),
    ).toThrow("Two reports would be written to the same file './a'");
  });
});

describe('createReport', () => {
  it.each([
    ['json', /^\{"fleetmend"/],
    ['ndjson', /^\{"type":"run:start"/],
    ['junit', /^<\?xml/],
  ] as const)('writes %s to standard output when there is no path', async (format, expected) => {
    let text = '';
    const write = (more: string) => {
      text += more;
    };
    const run = new ScriptedRun(createReport({ format }, write));
    run.start();
    run.end();
    await run.close();
    expect(text).toMatch(expected);
  });
});

describe('checkReportTarget', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fleetmend-target-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('takes a file in a directory that exists, and makes nothing', async () => {
    checkReportTarget(join(directory, 'new.json'));
    expect(await readdir(directory)).toEqual([]);
  });

  it('says how to make a directory that is missing', () => {
    const path = join(directory, 'reports', 'a.json');
    expect(() => checkReportTarget(path)).toThrow(
      expect.objectContaining({
        code: 'REPORT_FAILED',
        message: `Cannot write the report '${path}': directory '${join(directory, 'reports')}' does not exist`,
        hint: `create it first: mkdir -p '${join(directory, 'reports')}'`,
      }),
    );
  });

  it('refuses a path that is a directory', async () => {
    await mkdir(join(directory, 'a'));
    expect(() => checkReportTarget(join(directory, 'a'))).toThrow('it is a directory');
  });
});
