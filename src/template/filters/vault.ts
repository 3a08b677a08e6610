/** Filters of Ansible's vault format. */
import { decryptVault, encryptVault, isVaultText, VaultFormatError } from '../../util/vault-format.ts';
import { type Builtin, pure } from '../builtin.ts';
import { fail } from '../failure.ts';
import { typeName } from '../values/kinds.ts';
import { article } from '../values/sequence.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';

/** The id in the header where none is given: Ansible's. */
const DEFAULT_ID = 'filter_default';

export const VAULT_FILTERS: readonly (readonly [string, Builtin])[] = [
  ['vault', pure('value secret salt? vault_id? wrap_object? vaultid?', vault)],
  ['unvault', pure('value secret vault_id? vaultid?', unvault)],
];

function vault(
  value: unknown,
  secret: unknown,
  salt: unknown = null,
  id: unknown = null,
  _wrap: unknown = false,
  oldId: unknown = null,
): string {
  const given = salt === null || !truthy(salt) ? undefined : Buffer.from(textOf(salt, 'salt'), 'utf8');
  const vaultId = toText(id ?? oldId ?? DEFAULT_ID);
  return encryptVault(Buffer.from(textOf(value, 'value'), 'utf8'), textOf(secret, 'secret'), { vaultId, salt: given });
}

function unvault(value: unknown, secret: unknown): string {
  const text = textOf(value, 'value');
  if (!isVaultText(text)) return text;
  try {
    return decryptVault(text, textOf(secret, 'secret')).toString('utf8');
  } catch (error) {
    if (error instanceof VaultFormatError) return fail(error.message);
    throw error;
  }
}

// The message must not show the value: it may be the secret.
function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') fail(`Expected the ${what} of a vault to be a str, got ${article(typeName(value))}`);
  return value;
}
