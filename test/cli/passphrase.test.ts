import { describe, expect, it, vi } from 'vitest';
import { passphraseSource } from '../../src/cli/passphrase.ts';
import { Secret } from '../../src/util/secret.ts';

const base = { env: { PATH: process.env.PATH }, signal: new AbortController().signal };

describe('a passphrase command', () => {
  it('gets the path of the key, its first line is the passphrase, and it is told of before it is used', async () => {
    const onSecret = vi.fn();
    const source = passphraseSource({ ...base, command: 'echo "for $1"; echo more', onSecret });
    expect((await source('/keys/my key', 1))?.reveal()).toBe('for /keys/my key');
    expect(onSecret).toHaveBeenCalledWith('for /keys/my key');
  });

  it('beats asking', async () => {
    const ask = vi.fn(async () => new Secret('asked'));
    const source = passphraseSource({ ...base, command: 'echo printed', ask, onSecret: () => {} });
    expect((await source('/k', 1))?.reveal()).toBe('printed');
    expect(ask).not.toHaveBeenCalled();
  });

  it.each([
    ['echo locked >&2; exit 3', 'the passphrase command exited with status 3: locked'],
    ['true', 'the passphrase command printed nothing'],
  ])('%j is an error with its reason', async (command, message) => {
    const source = passphraseSource({ ...base, command, onSecret: () => {} });
    await expect(source('/k', 1)).rejects.toMatchObject({
      code: 'KEY_ENCRYPTED',
      message: `The private key '/k' is encrypted: ${message}`,
    });
  });

  it('is not run again when what it printed does not open the key', async () => {
    const source = passphraseSource({ ...base, command: 'echo x', onSecret: () => {} });
    await expect(source('/k', 2)).rejects.toThrow('what the passphrase command printed does not open it');
  });
});

describe('without a command', () => {
  it('the person at the terminal is asked by the name of the key, and told of a wrong answer', async () => {
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return new Secret('said');
    };
    const onSecret = vi.fn();
    const source = passphraseSource({ ...base, ask, onSecret });
    expect((await source('/k', 1))?.reveal()).toBe('said');
    await source('/k', 2);
    expect(questions).toEqual([
      'Passphrase of the private key /k: ',
      'That does not open it. Passphrase of the private key /k: ',
    ]);
    expect(onSecret).toHaveBeenCalledWith('said');
  });

  it('there is none when nobody can be asked, or nothing is said', async () => {
    expect(await passphraseSource({ ...base, onSecret: () => {} })('/k', 1)).toBeUndefined();
    const ask = async () => new Secret('');
    expect(await passphraseSource({ ...base, ask, onSecret: () => {} })('/k', 1)).toBeUndefined();
  });
});
