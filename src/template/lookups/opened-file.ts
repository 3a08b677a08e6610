/** Reads files of the controller for lookups. */
import { readFileSync } from 'node:fs';
import { isVaultText } from '../../util/vault-format.ts';
import { fail } from '../failure.ts';

/** The text of a file; of one that ansible-vault encrypted what it holds. */
export function readOpened(path: string, openVault: ((text: string) => string) | undefined): string {
  const text = readFileSync(path, 'utf8');
  if (!isVaultText(text)) return text;
  if (openVault === undefined) fail(`The file ${path} is encrypted with ansible-vault, and no vault password is given`);
  return openVault(text);
}
