import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/util/secret.ts';

describe('Secret', () => {
  const secret = new Secret('hunter2');

  it('gives its text only when it is asked to reveal it', () => {
    expect(secret.reveal()).toBe('hunter2');
  });

  it.each([
    ['a template', () => `${secret}`],
    ['JSON', () => JSON.stringify({ password: secret })],
    ['inspect', () => inspect({ deep: { password: secret } }, { depth: 5, showHidden: true })],
    ['format', () => format('%s %o %j', secret, secret, secret)],
    ['its keys', () => JSON.stringify(Object.entries(secret))],
  ])('does not show in %s', (_where, print) => {
    expect(print()).not.toContain('hunter2');
  });
});
