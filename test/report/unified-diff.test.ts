import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../src/report/unified-diff.ts';

describe('unifiedDiff', () => {
  it('is empty for equal texts', () => {
    expect(unifiedDiff('a\nb\n', 'a\nb\n')).toEqual([]);
  });

  it('shows a changed line with its context and the file', () => {
    expect(unifiedDiff('1\n2\n3\n4\n5\n6\n', '1\n2\n3\n4\nfive\n6\n', '/etc/x')).toEqual([
      '--- /etc/x (before)',
      '+++ /etc/x (after)',
      '@@ -2,5 +2,5 @@',
      ' 2',
      ' 3',
      ' 4',
      '-5',
      '+five',
      ' 6',
    ]);
  });

  it('shows a new file', () => {
    expect(unifiedDiff('', 'a\n')).toEqual(['--- before', '+++ after', '@@ -0,0 +1 @@', '+a']);
  });

  it('says that a newline at the end is missing', () => {
    expect(unifiedDiff('a\n', 'a').slice(2)).toEqual(['@@ -1 +1 @@', '-a', '+a', '\\ No newline at end of file']);
  });

  it('is a patch that turns the one text into the other', () => {
    const directory = mkdtempSync(join(tmpdir(), 'fleetmend-diff-'));
    try {
      let state = 11;
      const random = (limit: number) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((state / 2_147_483_648) * limit);
      };
      for (let round = 0; round < 30; round++) {
        const before = Array.from({ length: random(30) }, () => `line ${random(8)}\n`);
        const after = before.flatMap((line) =>
          random(5) === 0 ? [] : random(5) === 0 ? [line, `new ${round}\n`] : [line],
        );
        const diff = unifiedDiff(before.join(''), after.join(''), 'x');
        if (diff.length === 0 || before.length === 0 || after.length === 0) continue;
        writeFileSync(join(directory, 'x'), before.join(''));
        const input = `${diff.join('\n').replace('--- x (before)', '--- x').replace('+++ x (after)', '+++ x')}\n`;
        execFileSync('git', ['apply', '-p0', '-'], { cwd: directory, input });
        expect(readFileSync(join(directory, 'x'), 'utf8')).toBe(after.join(''));
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('shows a middle that is too large to compare as replaced', () => {
    const before = Array.from({ length: 3000 }, (_, i) => `a${i}\n`).join('');
    const after = Array.from({ length: 3000 }, (_, i) => `b${i}\n`).join('');
    const diff = unifiedDiff(before, after);
    expect(diff).toHaveLength(6003);
    expect(diff[2]).toBe('@@ -1,3000 +1,3000 @@');
  });
});
