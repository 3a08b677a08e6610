/** What the loader reads from: injected, so that it runs on texts in memory as well. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { FleetmendError } from '../errors.ts';
import { SourceText } from '../util/source-text.ts';
import type { VaultKeyring } from '../util/vault-keyring.ts';

export interface SourceFiles {
  /**
   * @throws {@link FleetmendError} FILE_NOT_FOUND or FILE_UNREADABLE; `what` begins the message ("playbook"). VAULT_LOCKED or
   *   VAULT_DAMAGED for one that cannot be decrypted
   */
  read(path: string, what: string): SourceText;
  /** What stands at a path; undefined: nothing that can be seen. */
  kindOf(path: string): 'file' | 'folder' | undefined;
  /** The names in a folder, sorted; empty when there is no such folder. */
  list(path: string): readonly string[];
}

/** The files of this machine; relative paths start in the working directory. */
export const diskFiles: SourceFiles = {
  read(path, what) {
    try {
      return new SourceText(path, readFileSync(path, 'utf8'));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT')
        throw new FleetmendError('FILE_NOT_FOUND', `${what} '${path}' does not exist`, { cause: error });
      const reason = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'permission denied' : String(code);
      throw new FleetmendError('FILE_UNREADABLE', `${what} '${path}' cannot be read: ${reason}`, { cause: error });
    }
  },
  kindOf(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isDirectory() === true ? 'folder' : stat === undefined ? undefined : 'file';
  },
  list(path) {
    try {
      return readdirSync(path).sort();
    } catch {
      return [];
    }
  },
};

/** The same files, with those opened that are encrypted. */
export function decryptedFiles(files: SourceFiles, vault: VaultKeyring): SourceFiles {
  return {
    ...files,
    read(path, what) {
      const source = files.read(path, what);
      const { text, isVault } = vault.openFile(source.text, path);
      return isVault ? new SourceText(path, text, true) : source;
    },
  };
}

/** For a text that has no file: nothing can be read beside it. */
export const noFiles: SourceFiles = {
  read(path, what) {
    throw new FleetmendError('FILE_NOT_FOUND', `${what} '${path}' cannot be read from a text without a file`);
  },
  kindOf: () => undefined,
  list: () => [],
};
