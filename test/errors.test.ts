import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DiagnosticsError, errorMessage, formatDiagnostic, UsageError, withExcerpt } from '../src/errors.ts';

describe('docs/errors.md', () => {
  const rows = [...read('../docs/errors.md').matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.+) \|$/gm)].map(([, code]) => code);
  const union = /export type ErrorCode =\n([^;]+);/.exec(read('../src/errors.ts'))?.[1] ?? '';
  const codes = [...union.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code);

  it('has one row for every error code', () => {
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !rows.includes(code))).toEqual([]);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('has no row for a code that does not exist', () => {
    expect(rows.filter((code) => !codes.includes(code))).toEqual([]);
  });
});

describe('formatDiagnostic', () => {
  const source = { file: 'site.yml', line: 2, column: 5 };

  it('names the place and the hint, and shows the line with a caret', () => {
    const diagnostic = withExcerpt(
      { code: 'UNKNOWN_KEYWORD', message: "unknown keyword 'tsks'", source, hint: "did you mean 'tasks'?" },
      '- hosts: all\n    tsks: []\n',
    );
    expect(formatDiagnostic(diagnostic)).toBe(`site.yml:2:5: unknown keyword 'tsks'; did you mean 'tasks'?
  2 |     tsks: []
    |     ^`);
  });

  it('keeps tabs before the caret, so that it stands under its character', () => {
    const diagnostic = withExcerpt(
      { code: 'YAML_SYNTAX', message: 'tab', source: { ...source, column: 3 } },
      'a\n\t\tb',
    );
    expect(formatDiagnostic(diagnostic)).toBe('site.yml:2:3: tab\n  2 | \t\tb\n    | \t\t^');
  });

  it('is the bare message when the place is not known', () => {
    expect(formatDiagnostic({ code: 'USAGE', message: 'no file' })).toBe('no file');
  });
});

describe('errors', () => {
  it('carry a code, an exit code and their class name', () => {
    const error = new UsageError('Expected a pattern', { hint: 'see --help' });
    expect(error).toMatchObject({ name: 'UsageError', code: 'USAGE', exitCode: 1, hint: 'see --help' });
  });

  it('show all findings at once', () => {
    const error = new DiagnosticsError([
      { code: 'UNKNOWN_MODULE', message: 'one' },
      { code: 'UNKNOWN_KEYWORD', message: 'two' },
    ]);
    expect(error).toMatchObject({ code: 'UNKNOWN_MODULE', message: 'one\ntwo' });
  });

  it.each([
    [new Error('boom'), 'boom'],
    [new TypeError(''), 'TypeError'],
    ['text', 'text'],
    ['', 'unknown error'],
  ])('give text for whatever was thrown', (thrown, text) => {
    expect(errorMessage(thrown)).toBe(text);
  });
});

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
