import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellJoin, shellQuote } from '../../src/util/shell-quote.ts';

describe('shellQuote', () => {
  it('leaves safe words as they are', () => {
    expect(shellQuote('/usr/bin/docker')).toBe('/usr/bin/docker');
  });

  it('quotes the empty word', () => {
    expect(shellQuote('')).toBe("''");
  });

  it('gives sh back every word unchanged', () => {
    const words = [
      '',
      ' ',
      "it's",
      '"',
      '$HOME',
      '`id`',
      'a\nb',
      '\\',
      '*',
      '!',
      '~',
      '-n',
      'ü',
      '; exit 3',
      "''",
      '\t',
    ];
    const output = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellJoin(words)}`], { encoding: 'utf8' });
    expect(output.split('\0').slice(0, -1)).toEqual(words);
  });
});
