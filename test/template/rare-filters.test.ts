import { describe, expect, it } from 'vitest';
import { shaCrypt } from '../../src/template/crypt.ts';
import { evaluate, templateErrorOf } from './helpers.ts';

describe('password_hash', () => {
  // From the specification of SHA-crypt, as crypt(3) gives them.
  it.each([
    [
      'sha512',
      'Hello world!',
      'saltstring',
      undefined,
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    [
      'sha256',
      'Hello world!',
      'saltstringsaltst',
      10_000,
      '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA',
    ],
  ] as const)('%s of %s with salt %s', (kind, password, salt, rounds, hash) => {
    expect(shaCrypt(kind, password, salt, rounds)).toBe(hash);
  });

  it('takes another salt each time when none is given', () => {
    const hashes = [evaluate("'x' | password_hash"), evaluate("'x' | password_hash")];
    expect(hashes[0]).not.toBe(hashes[1]);
    expect(hashes[0]).toMatch(/^\$6\$[./\dA-Za-z]{16}\$[./\dA-Za-z]{86}$/);
  });

  it.each(['bcrypt', 'blowfish'])('refuses %s and says why', (kind) => {
    expect(templateErrorOf(() => evaluate(`'x' | password_hash('${kind}')`)).message).toContain('no bcrypt');
  });
});

describe('vault and unvault', () => {
  it('give back the text, under the name of the id', () => {
    expect(evaluate("'secret' | vault('pw') | unvault('pw')")).toBe('secret');
    expect(evaluate("'secret' | vault('pw', vault_id='dev')")).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/);
  });

  it('never show the value or the password in an error', () => {
    const error = templateErrorOf(() => evaluate('x | vault(pw)', { x: 5, pw: 'hidden-pw' }));
    expect(error.message).toContain('to be a str, got an int');
    const wrong = templateErrorOf(() =>
      evaluate('(x | vault(pw)) | unvault(other)', { x: 'hidden', pw: 'a', other: 'b' }),
    );
    expect(wrong.message).not.toMatch(/hidden|\$ANSIBLE/);
  });
});

describe('random and shuffle', () => {
  it('give what Python gives for the same seed', () => {
    expect(evaluate("100 | random(start=50, step=10, seed='host1')")).toBe(80);
    expect(evaluate("['a','b','c','d','e','f'] | shuffle('inv')")).toEqual(['e', 'c', 'f', 'd', 'b', 'a']);
    expect(evaluate("10000000000000 | random(seed='a')")).toBe(8_904_635_562_570);
  });

  it('keep within their range without a seed', () => {
    for (let i = 0; i < 50; i++) expect([5, 7, 9]).toContain(evaluate('10 | random(5, 2)'));
    expect((evaluate('[1, 2, 3] | shuffle') as number[]).toSorted()).toEqual([1, 2, 3]);
  });
});
