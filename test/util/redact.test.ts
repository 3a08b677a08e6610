import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/util/redact.ts';

describe('createRedactor', () => {
  it('replaces every occurrence of every secret', () => {
    expect(createRedactor(['hunter2', 's3cret'])('hunter2 and s3cret and hunter2')).toBe(
      '[REDACTED] and [REDACTED] and [REDACTED]',
    );
  });

  it('finds a secret inside JSON, where it is escaped', () => {
    const secret = 'a"b\\c\nd';
    const text = JSON.stringify({ stdout: `password=${secret}.` });
    expect(createRedactor([secret])(text)).toBe('{"stdout":"password=[REDACTED]."}');
  });

  it('takes out a secret that holds a shorter one whole', () => {
    expect(createRedactor(['abc', 'abcdef'])('abcdef')).toBe('[REDACTED]');
  });

  it('takes characters of regular expressions as they are', () => {
    const secret = '.*+?^$' + '{}()|[]\\/-';
    const redact = createRedactor([secret]);
    expect(redact(`<${secret}>`)).toBe('<[REDACTED]>');
    expect(redact('anything else')).toBe('anything else');
  });

  it('finds each line of a secret of several lines', () => {
    const redact = createRedactor(['-----BEGIN KEY-----\nAAAABBBB\n-----END KEY-----\n']);
    expect(redact('  1: AAAABBBB')).toBe('  1: [REDACTED]');
  });

  it('leaves secrets of fewer than three characters alone', () => {
    const redact = createRedactor(['', 'a', 'ab', '  ']);
    expect(redact.isEmpty).toBe(true);
    expect(redact('abab')).toBe('abab');
  });
});
