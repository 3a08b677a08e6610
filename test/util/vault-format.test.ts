import { describe, expect, it } from 'vitest';
import {
  decryptVault,
  encryptVault,
  isVaultText,
  readVaultHeader,
  VaultFormatError,
} from '../../src/util/vault-format.ts';

// Made with `ansible-vault encrypt_string --vault-id dev@…`, password 'sesame'.
const BY_ANSIBLE = `$ANSIBLE_VAULT;1.2;AES256;dev
66393333343133383438363863323863663339653163373537366630653462373233306664383633
6639616231666234313036653133343036323433393061360a393562653131353838323935633630
36626636663638323065613036313662613431366634616336333565623637353434323731373339
6438633664383762380a663634346638386165363866343437336364643037613764613361636132
3962
`;

describe('vault format', () => {
  it('reads what Ansible wrote', () => {
    expect(decryptVault(BY_ANSIBLE, 'sesame').toString()).toBe('grüße\n');
    expect(readVaultHeader(BY_ANSIBLE)).toEqual({ version: '1.2', vaultId: 'dev' });
  });

  it('gives back what it encrypted, of any length', () => {
    for (const size of [0, 1, 15, 16, 17, 1000]) {
      const content = Buffer.alloc(size, 'x');
      expect(decryptVault(encryptVault(content, 'pw'), 'pw')).toEqual(content);
    }
  });

  it('writes lines of 80 digits below a header of version 1.1, or 1.2 with an id', () => {
    const [header, ...lines] = encryptVault(Buffer.from('x'), 'pw').trimEnd().split('\n');
    expect(header).toBe('$ANSIBLE_VAULT;1.1;AES256');
    expect(lines.slice(0, -1).every((line) => line.length === 80)).toBe(true);
    expect(encryptVault(Buffer.from('x'), 'pw', { vaultId: 'prod' })).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    expect(encryptVault(Buffer.from('x'), 'pw', { vaultId: 'default' })).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n/);
  });

  it('refuses a wrong password and a changed text alike', () => {
    expect(reasonOf(() => decryptVault(BY_ANSIBLE, 'other'))).toBe('refused');
    const at = BY_ANSIBLE.trimEnd().length - 1;
    const changed = BY_ANSIBLE.slice(0, at) + (BY_ANSIBLE[at] === '1' ? '2' : '1');
    expect(reasonOf(() => decryptVault(changed, 'sesame'))).toBe('refused');
  });

  it.each([
    ['plain', 'not_vault'],
    ['$ANSIBLE_VAULT;1.0;AES\n00\n', 'unsupported'],
    ['$ANSIBLE_VAULT;1.1;AES\n00\n', 'unsupported'],
    ['$ANSIBLE_VAULT;1.1;AES256', 'damaged'],
    ['$ANSIBLE_VAULT;1.1;AES256\nzz\n', 'damaged'],
    ['$ANSIBLE_VAULT;1.1;AES256\n3131\n', 'damaged'],
  ])('says why %j cannot be read', (text, reason) => {
    expect(reasonOf(() => decryptVault(text, 'pw'))).toBe(reason);
  });

  it('knows a vault by how it begins', () => {
    expect(isVaultText(BY_ANSIBLE)).toBe(true);
    expect(isVaultText('ANSIBLE_VAULT')).toBe(false);
  });
});

function reasonOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof VaultFormatError) return error.reason;
    throw error;
  }
  return undefined;
}
