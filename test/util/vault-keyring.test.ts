import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/util/secret.ts';
import { encryptVault } from '../../src/util/vault-format.ts';
import { VaultKeyring } from '../../src/util/vault-keyring.ts';
import { decodeVaultText, vaultedValue, vaultTextOf } from '../../src/util/vaulted-value.ts';

const password = (id: string, text: string) => ({ id, password: new Secret(text) });
const seal = (text: string, secret: string, vaultId?: string) => encryptVault(Buffer.from(text), secret, { vaultId });

describe('VaultKeyring', () => {
  it('opens with the password of the id that the text names, and tells whose it was', () => {
    const keyring = new VaultKeyring([password('prod', 'p'), password('dev', 'd')]);
    expect(keyring.open(seal('x', 'd', 'dev'), 'it')).toEqual({ content: Buffer.from('x'), vaultId: 'dev' });
  });

  it('tries the other passwords when the named one does not fit, unless ids must match', () => {
    const text = seal('x', 'p', 'dev');
    const passwords = [password('prod', 'p'), password('dev', 'd')];
    expect(new VaultKeyring(passwords).open(text, 'it').vaultId).toBe('prod');
    expect(() => new VaultKeyring(passwords, { mustMatchId: true }).open(text, "'a.yml'")).toThrow(
      "'a.yml' does not open with the vault passwords given (it names the vault id 'dev')",
    );
  });

  it('tells values that it opened, once each, and files not', () => {
    const told: string[] = [];
    const keyring = new VaultKeyring([password('default', 'p')], { onDecrypted: (text) => told.push(text) });
    const text = seal('secret', 'p');
    expect([keyring.openValue(text), keyring.openValue(text)]).toEqual(['secret', 'secret']);
    expect(keyring.openFile(seal('a: 1', 'p'), 'f.yml')).toEqual({ text: 'a: 1', isVault: true });
    expect(keyring.openFile('a: 1', 'f.yml')).toEqual({ text: 'a: 1', isVault: false });
    expect(told).toEqual(['secret']);
  });

  it('refuses without a password, with a wrong one, and what was tampered with', () => {
    const text = seal('x', 'p');
    const code = (open: () => unknown) => {
      try {
        open();
      } catch (error) {
        return (error as { code?: string }).code;
      }
      return undefined;
    };
    expect(code(() => new VaultKeyring([]).open(text, 'it'))).toBe('VAULT_LOCKED');
    expect(code(() => new VaultKeyring([password('default', 'q')]).open(text, 'it'))).toBe('VAULT_LOCKED');
    const right = new VaultKeyring([password('default', 'p')]);
    const digit = text.at(-2) === '1' ? '2' : '1';
    expect(code(() => right.open(`${text.slice(0, -2)}${digit}\n`, 'it'))).toBe('VAULT_LOCKED');
    expect(code(() => right.open(text.slice(0, 100), 'it'))).toBe('VAULT_DAMAGED');
    expect(code(() => right.open(text.replace('AES256', 'AES128'), 'it'))).toBe('VAULT_DAMAGED');
  });

  it('seals under the id that is asked for, else under the first', () => {
    const keyring = new VaultKeyring([password('one', '1'), password('two', '2')]);
    expect(keyring.seal(Buffer.from('x')).split('\n')[0]).toBe('$ANSIBLE_VAULT;1.2;AES256;one');
    expect(keyring.seal(Buffer.from('x'), 'two').split('\n')[0]).toBe('$ANSIBLE_VAULT;1.2;AES256;two');
    expect(() => keyring.seal(Buffer.from('x'), 'three')).toThrow("no vault password with the id 'three' is given");
  });
});

describe('vaultedValue', () => {
  it('gives the text back, without its indentation', () => {
    const text = "$ANSIBLE_VAULT;1.2;AES256;it's \\ me\n6161\n6262\n";
    const template = vaultedValue(text.replaceAll('\n', '\n          '));
    expect(vaultTextOf(template)).toBe(text);
    expect(decodeVaultText(/, '(.*)'\)/.exec(template)?.[1] ?? '')).toBe(text);
    expect(vaultTextOf('{{ x }}')).toBeUndefined();
  });
});
