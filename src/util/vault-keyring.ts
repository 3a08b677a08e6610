/** The vault passwords of a run, and which of them opens a text. */
import { FleetmendError, type Position } from '../errors.ts';
import type { Secret } from './secret.ts';
import { decryptVault, encryptVault, isVaultText, readVaultHeader, VaultFormatError } from './vault-format.ts';

/** A password under the id by which texts and people name it; Ansible's word for one without a name is `default`. */
export interface VaultPassword {
  readonly id: string;
  readonly password: Secret;
}

export interface VaultKeyringOptions {
  /** Try only passwords whose id is the one that a text names (Ansible's `vault_id_match`). @defaultValue false */
  readonly mustMatchId?: boolean;
  /** Called with each text that was decrypted, so that reports can hide it. */
  readonly onDecrypted?: (text: string) => void;
}

/** What a vault text held, and whose password opened it. */
export interface OpenedVault {
  readonly content: Buffer;
  readonly vaultId: string;
}

export class VaultKeyring {
  readonly #passwords: readonly VaultPassword[];
  readonly #options: VaultKeyringOptions;
  /** Values that were opened: each costs milliseconds, and many hosts read the same ones. */
  readonly #opened = new Map<string, string>();
  /** The same for files that are sent to hosts. */
  readonly #openedFiles = new Map<string, Buffer>();

  constructor(passwords: readonly VaultPassword[], options: VaultKeyringOptions = {}) {
    this.#passwords = passwords;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#passwords.length === 0;
  }

  /** The ids at hand, in the order in which their passwords are tried. */
  get ids(): readonly string[] {
    return this.#passwords.map((each) => each.id);
  }

  /**
   * Opens a vault text with the password of the id that it names, then with the others in their order, as Ansible does.
   *
   * @param what - "'group_vars/all.yml'", "the value of 'token'": who is encrypted, for messages
   * @throws FleetmendError VAULT_LOCKED when no password opens it, VAULT_DAMAGED when none could
   */
  open(text: string, what: string, source?: Position): OpenedVault {
    try {
      const { vaultId } = readVaultHeader(text);
      if (this.isEmpty) throw locked(`${what} is encrypted with ansible-vault, and no vault password is given`, source);
      const matching = this.#passwords.filter((each) => each.id === vaultId);
      const others = this.#options.mustMatchId === true ? [] : this.#passwords.filter((each) => each.id !== vaultId);
      for (const { id, password } of [...matching, ...others]) {
        try {
          return { content: decryptVault(text, password.reveal()), vaultId: id };
        } catch (error) {
          if (!(error instanceof VaultFormatError) || error.reason !== 'refused') throw error;
        }
      }
      const named = vaultId === undefined ? '' : ` (it names the vault id '${vaultId}')`;
      const tried =
        matching.length + others.length === 0 ? 'none with its id is given' : `tried ${this.ids.join(', ')}`;
      throw locked(
        `${what} does not open with the vault passwords given${named}: ${tried}; a password is wrong, or the text was changed`,
        source,
      );
    } catch (error) {
      if (!(error instanceof VaultFormatError)) throw error;
      throw new FleetmendError('VAULT_DAMAGED', `${what}: ${error.message}`, { source, cause: error });
    }
  }

  /**
   * Opens a value (`!vault`) as text. What it held is told to `onDecrypted`.
   *
   * @throws FleetmendError VAULT_LOCKED, VAULT_DAMAGED
   */
  openValue(text: string, what = 'the value', source?: Position): string {
    const known = this.#opened.get(text);
    if (known !== undefined) return known;
    const value = this.open(text, what, source).content.toString('utf8');
    this.#opened.set(text, value);
    this.#options.onDecrypted?.(value);
    return value;
  }

  /** The text of a file: opened when it is a vault, else as it is. @throws FleetmendError VAULT_LOCKED, VAULT_DAMAGED */
  openFile(text: string, path: string): { readonly text: string; readonly isVault: boolean } {
    if (!isVaultText(text)) return { text, isVault: false };
    return { text: this.open(text, `'${path}'`).content.toString('utf8'), isVault: true };
  }

  /**
   * The bytes of an encrypted file that is sent to hosts. Unlike a value's, its lines are no secrets to look for in output:
   * most of them say nothing.
   *
   * @throws FleetmendError VAULT_LOCKED, VAULT_DAMAGED
   */
  openBytes(content: Buffer, path: string): Buffer {
    const text = content.toString('latin1');
    const known = this.#openedFiles.get(text) ?? this.open(text, `'${path}'`).content;
    this.#openedFiles.set(text, known);
    return known;
  }

  /**
   * Encrypts under an id, or the first password when none is named.
   *
   * @throws FleetmendError VAULT_LOCKED when no password of that id is at hand
   */
  seal(content: Uint8Array, vaultId?: string): string {
    const chosen = vaultId === undefined ? this.#passwords[0] : this.#passwords.find((each) => each.id === vaultId);
    if (chosen !== undefined) return encryptVault(content, chosen.password.reveal(), { vaultId: chosen.id });
    throw locked(
      vaultId === undefined ? 'no vault password is given' : `no vault password with the id '${vaultId}' is given`,
    );
  }
}

function locked(message: string, source?: Position): FleetmendError {
  return new FleetmendError('VAULT_LOCKED', message, {
    source,
    hint: 'give it with --vault-password-file, --vault-id or --ask-vault-pass',
  });
}
