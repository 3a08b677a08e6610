/** `fleetmend vault`: encrypts and decrypts files and values as ansible-vault does; either reads the other's. */

import { readFileSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage, FleetmendError, UsageError } from '../../errors.ts';
import { writeFileAtomic } from '../../util/atomic-file.ts';
import { isVaultText } from '../../util/vault-format.ts';
import { VaultKeyring } from '../../util/vault-keyring.ts';
import { askPassword } from '../ask.ts';
import { loadConfig } from '../config.ts';
import { watchInterrupts } from '../interrupts.ts';
import type { Io } from '../io.ts';
import { mergeSettings } from '../merge-settings.ts';
import type { VaultFlags } from '../options.ts';
import { unreadableFile } from '../unreadable-file.ts';
import { editText } from '../vault/editor.ts';
import { readVaultPasswords } from '../vault/passwords.ts';

export type VaultAction = 'create' | 'view' | 'edit' | 'encrypt' | 'decrypt' | 'rekey' | 'encrypt_string';

export interface VaultCommandFlags extends VaultFlags {
  readonly encryptVaultId?: string;
  readonly output?: string;
  readonly newVaultId?: string;
  readonly newVaultPasswordFile?: string;
  readonly name?: readonly string[];
  readonly stdinName?: string;
  readonly prompt?: boolean;
}

/** `-`: standard input or output. */
const STANDARD = '-';
const NEW_FILE_MODE = 0o600;

/** @returns the exit code */
export async function vaultCommand(
  action: VaultAction,
  words: readonly string[],
  flags: VaultCommandFlags,
  io: Io,
): Promise<number> {
  const config = loadConfig(io);
  for (const warning of config.warnings) io.err(`fleetmend: warning: ${warning}\n`);
  const settings = mergeSettings({}, config.settings);
  const interrupts = watchInterrupts(io, undefined);
  try {
    const place = { io, interrupts };
    const isNew = action === 'create' || action === 'encrypt' || action === 'encrypt_string';
    let passwords = await readVaultPasswords(flags, settings, place, isNew);
    if (passwords.length === 0) passwords = await readVaultPasswords({ askVaultPass: true }, {}, place, isNew);
    const keyring = new VaultKeyring(passwords, { mustMatchId: flags.vaultIdMatch ?? settings.vaultIdMatch === true });
    const vaultId = flags.encryptVaultId ?? settings.vaultEncryptIdentity;
    const work = new VaultWork(keyring, vaultId, flags, io);
    switch (action) {
      case 'create':
        await work.create(one(words, 'create'));
        break;
      case 'view':
        for (const path of atLeastOne(words)) io.out((await work.openFile(path)).content.toString('utf8'));
        break;
      case 'edit':
        await work.edit(one(words, 'edit'));
        break;
      case 'encrypt':
        await work.convert(words, (content, path) => Buffer.from(work.encrypt(content, path)));
        break;
      case 'decrypt':
        await work.convert(words, (content, path) => keyring.open(content.toString('utf8'), `'${path}'`).content);
        break;
      case 'rekey': {
        const given = { vaultId: flags.newVaultId === undefined ? undefined : [flags.newVaultId] };
        const file = flags.newVaultPasswordFile;
        const fresh = { ...given, vaultPasswordFile: file === undefined ? undefined : [file] };
        const hasFresh = flags.newVaultId !== undefined || file !== undefined;
        const next = await readVaultPasswords(hasFresh ? fresh : { askVaultPass: true }, {}, place, true);
        await work.rekey(atLeastOne(words), new VaultKeyring(next));
        break;
      }
      case 'encrypt_string': {
        const asked = flags.prompt === true ? await askPassword('String to encrypt (hidden): ', interrupts) : undefined;
        work.encryptStrings(words, asked?.reveal());
      }
    }
    return 0;
  } finally {
    interrupts.stop();
  }
}

class VaultWork {
  readonly #keyring: VaultKeyring;
  readonly #vaultId: string | undefined;
  readonly #flags: VaultCommandFlags;
  readonly #io: Io;

  constructor(keyring: VaultKeyring, vaultId: string | undefined, flags: VaultCommandFlags, io: Io) {
    this.#keyring = keyring;
    this.#vaultId = vaultId;
    this.#flags = flags;
    this.#io = io;
  }

  async openFile(path: string): Promise<{ readonly content: Buffer; readonly vaultId: string }> {
    const text = (await this.#read(path)).toString('utf8');
    if (!isVaultText(text)) throw new UsageError(`'${path}' is not encrypted`);
    return this.#keyring.open(text, `'${path}'`);
  }

  async create(path: string): Promise<void> {
    const file = resolve(this.#io.cwd, path);
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (exists)
      throw new UsageError(`'${path}' exists already`, { hint: `to change it: fleetmend vault edit ${path}` });
    const content = await editText(Buffer.alloc(0), path, this.#io);
    await this.#write(path, Buffer.from(this.encrypt(content, path)));
  }

  // Under the id that it had, unless another is asked for.
  async edit(path: string): Promise<void> {
    const { content, vaultId } = await this.openFile(path);
    const edited = await editText(content, path, this.#io);
    if (edited.equals(content)) return void this.#io.err(`fleetmend: '${path}' was not changed\n`);
    await this.#write(path, Buffer.from(this.#keyring.seal(edited, this.#vaultId ?? vaultId)));
  }

  async convert(paths: readonly string[], change: (content: Buffer, path: string) => Buffer): Promise<void> {
    const sources = paths.length === 0 ? [STANDARD] : paths;
    const { output } = this.#flags;
    if (output !== undefined && sources.length > 1) throw new UsageError('`--output` needs a single file');
    // All are read and changed before the first is written: a wrong password changes nothing.
    const changed: [string, Buffer][] = [];
    for (const path of sources) changed.push([output ?? path, change(await this.#read(path), path)]);
    for (const [path, content] of changed) await this.#write(path, content);
  }

  async rekey(paths: readonly string[], next: VaultKeyring): Promise<void> {
    const changed: [string, string][] = [];
    for (const path of paths) changed.push([path, next.seal((await this.openFile(path)).content)]);
    for (const [path, text] of changed) await this.#write(path, Buffer.from(text));
  }

  encryptStrings(words: readonly string[], asked: string | undefined): void {
    const names = this.#flags.name ?? [];
    const values = asked === undefined ? [...words] : [asked, ...words];
    const named = values.map((value, i): [string | undefined, string] => [names[i], value]);
    if (named.length === 0 || words.includes(STANDARD)) {
      named.splice(0, named.length, [this.#flags.stdinName ?? names[0], readFileSync(0, 'utf8')]);
    }
    if (names.length > named.length) throw new UsageError(`${names.length} names for ${named.length} strings`);
    for (const [name, value] of named) {
      const lines = this.encrypt(Buffer.from(value), 'the string').trimEnd().split('\n');
      const head = name === undefined ? '' : `${name}: `;
      this.#io.out(`${head}!vault |\n${lines.map((line) => `          ${line}\n`).join('')}`);
    }
  }

  encrypt(content: Buffer, what: string): string {
    if (isVaultText(content.toString('latin1', 0, 20))) throw new UsageError(`'${what}' is already encrypted`);
    const { ids } = this.#keyring;
    if (this.#vaultId === undefined && new Set(ids).size > 1) {
      throw new UsageError(`several vault ids are given (${ids.join(', ')}): which one is to encrypt?`, {
        hint: `say --encrypt-vault-id ${ids[0]}`,
      });
    }
    return this.#keyring.seal(content, this.#vaultId);
  }

  async #read(path: string): Promise<Buffer> {
    if (path === STANDARD) return readFileSync(0);
    try {
      return await readFile(resolve(this.#io.cwd, path));
    } catch (error) {
      throw unreadableFile(`'${path}'`, error);
    }
  }

  async #write(path: string, content: Buffer): Promise<void> {
    if (path === STANDARD) return this.#io.out(content.toString('utf8'));
    try {
      await writeFileAtomic(resolve(this.#io.cwd, path), [content], { mode: NEW_FILE_MODE });
    } catch (error) {
      throw new FleetmendError('FILE_UNREADABLE', `cannot write '${path}': ${errorMessage(error)}`, { cause: error });
    }
  }
}

function one(words: readonly string[], action: string): string {
  const [path, ...more] = words;
  if (path !== undefined && more.length === 0) return path;
  throw new UsageError(`expected one file for \`vault ${action}\`, found ${words.length}`);
}

function atLeastOne(words: readonly string[]): readonly string[] {
  if (words.length > 0) return words;
  throw new UsageError('expected the name of a file');
}
