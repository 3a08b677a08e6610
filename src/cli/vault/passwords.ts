/** Vault passwords: from files, from programs, from the terminal. */

import { readFileSync, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { FleetmendError, UsageError } from '../../errors.ts';
import { expandHome } from '../../util/home-path.ts';
import { runProgram } from '../../util/run-program.ts';
import { Secret } from '../../util/secret.ts';
import { SecretRegister } from '../../util/secret-register.ts';
import { VaultKeyring, type VaultPassword } from '../../util/vault-keyring.ts';
import { askPassword } from '../ask.ts';
import { loadConfig } from '../config.ts';
import { type Interrupts, watchInterrupts } from '../interrupts.ts';
import type { Io } from '../io.ts';
import { mergeSettings } from '../merge-settings.ts';
import type { VaultFlags } from '../options.ts';
import type { Settings } from '../settings.ts';
import { unreadableFile } from '../unreadable-file.ts';

/** Ansible's id for a password without a name. */
const DEFAULT_ID = 'default';
const PROGRAM_TIMEOUT_MS = 30_000;
const PASSWORD_MAX_BYTES = 64 * 1024;

/** What reading passwords needs of the command line. */
export interface VaultPlace {
  readonly io: Io;
  readonly interrupts: Interrupts;
}

/**
 * The passwords that settings and flags name, in Ansible's order: the list of the settings, `--vault-id`, password files,
 * the one that is asked for. Asking is done here, once.
 *
 * @throws UsageError, FleetmendError FILE_NOT_FOUND, FILE_UNREADABLE; the signal's reason when it fires at a prompt
 */
export async function readVaultPasswords(
  flags: VaultFlags,
  settings: Settings,
  place: VaultPlace,
  isNew = false,
): Promise<VaultPassword[]> {
  const given = [...(flags.vaultPasswordFile ?? []), ...(flags.vaultPassFile ?? [])];
  const files = given.length > 0 || settings.vaultPasswordFile === undefined ? given : [settings.vaultPasswordFile];
  const words = [
    ...(settings.vaultIds ?? []),
    ...(flags.vaultId ?? []),
    ...files.map((file) => `${DEFAULT_ID}@${file}`),
  ];
  if (flags.askVaultPass === true || flags.askVaultPassword === true) words.push(`${DEFAULT_ID}@prompt`);
  const passwords: VaultPassword[] = [];
  for (const word of new Set(words)) passwords.push(await readOne(word, place, isNew));
  return passwords;
}

/** What a command opens encrypted texts with. */
export interface VaultAccess {
  readonly keyring: VaultKeyring;
  /** Knows the passwords and every value that was opened, so that they are hidden from all output. */
  readonly secrets: SecretRegister;
}

/** The passwords that flags and settings give. @throws those of {@link readVaultPasswords} */
export async function openVault(flags: VaultFlags, io: Io): Promise<VaultAccess> {
  const settings = mergeSettings({}, loadConfig(io).settings);
  const interrupts = watchInterrupts(io, undefined);
  try {
    const passwords = await readVaultPasswords(flags, settings, { io, interrupts });
    const secrets = new SecretRegister();
    for (const { password } of passwords) secrets.add(password.reveal());
    const keyring = new VaultKeyring(passwords, {
      mustMatchId: flags.vaultIdMatch ?? settings.vaultIdMatch === true,
      onDecrypted: (text) => secrets.add(text),
    });
    return { keyring, secrets };
  } finally {
    interrupts.stop();
  }
}

// `id@source`, or a source alone.
async function readOne(word: string, place: VaultPlace, isNew: boolean): Promise<VaultPassword> {
  const at = word.indexOf('@');
  const id = at > 0 ? word.slice(0, at) : DEFAULT_ID;
  const source = word.slice(at + 1);
  if (source === '') throw new UsageError(`expected \`--vault-id\` to be ID@FILE or ID@prompt, found '${word}'`);
  const isPrompt = source === 'prompt' || source === 'prompt_ask_vault_pass';
  const password = isPrompt ? await ask(id, place, isNew) : await fromFile(source, id, place);
  if (password.reveal() === '') throw new UsageError(`the vault password of '${id}' is empty`);
  return { id, password };
}

async function ask(id: string, { interrupts }: VaultPlace, isNew: boolean): Promise<Secret> {
  const name = id === DEFAULT_ID ? '' : ` (${id})`;
  const password = await askPassword(`${isNew ? 'New vault' : 'Vault'} password${name}: `, interrupts);
  if (!isNew) return password;
  const again = await askPassword(`Confirm new vault password${name}: `, interrupts);
  if (again.reveal() !== password.reveal()) throw new UsageError('the two passwords are not the same');
  return password;
}

async function fromFile(path: string, id: string, { io, interrupts }: VaultPlace): Promise<Secret> {
  const file = path.startsWith('~') ? expandHome(path, io.home) : resolve(io.cwd, path);
  try {
    const isProgram = statSync(file).isFile() && (statSync(file).mode & 0o111) !== 0;
    if (!isProgram) return new Secret(readFileSync(file, 'utf8').trim());
  } catch (error) {
    throw unreadableFile(`the vault password file '${path}'`, error);
  }
  // As with Ansible, a program whose name ends with -client is told which id is wanted.
  const isClient = basename(file, extname(file)).endsWith('-client');
  const result = await runProgram({
    file,
    args: isClient ? ['--vault-id', id] : [],
    cwd: io.cwd,
    env: io.env,
    timeoutMs: PROGRAM_TIMEOUT_MS,
    maxOutputBytes: PASSWORD_MAX_BYTES,
    signal: interrupts.signal,
  });
  if (result.ended === 'interrupted') throw interrupts.signal.reason;
  if (result.ended === 'exited' && result.status === 0)
    return new Secret(result.stdout.replace(/^[\r\n]+|[\r\n]+$/g, ''));
  const how = result.ended === 'exited' ? `ended with status ${result.status}` : result.ended.replace('_', ' ');
  const words = result.stderr.trim().replace(/\s*\n\s*/g, '; ');
  throw new FleetmendError(
    'FILE_UNREADABLE',
    `the program '${path}', which is to print the vault password, ${how}${words === '' ? '' : `: ${words}`}`,
    { hint: `if it is a file that holds the password: chmod -x '${path}'` },
  );
}
