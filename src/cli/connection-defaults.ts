/** How hosts are reached when neither play nor variables say: from flags, settings and what is asked at the terminal. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONNECTION_NAMES, findConnectionKind, suggestConnectionKind } from '../engine/connection-kind.ts';
import { expandHome } from '../engine/connections.ts';
import type { ConnectionDefaults } from '../engine/options.ts';
import { UsageError } from '../errors.ts';
import type { Secret } from '../util/secret.ts';
import type { SecretRegister } from '../util/secret-register.ts';
import { askPassword, passwordFromFile } from './ask.ts';
import type { Interrupts } from './interrupts.ts';
import type { Io } from './io.ts';
import type { ConnectionFlags } from './options.ts';
import type { Settings } from './settings.ts';

/**
 * Works out the defaults; passwords that are to be asked for are asked here, once.
 *
 * @throws UsageError, FILE_NOT_FOUND, FILE_UNREADABLE; the signal's reason when it fires at a prompt
 */
export async function connectionDefaults(
  settings: Settings,
  flags: ConnectionFlags,
  io: Io,
  interrupts: Interrupts,
  secrets: SecretRegister,
): Promise<ConnectionDefaults> {
  const password = await secretOf(flags.askPass === true, flags.connectionPasswordFile, 'SSH password: ', interrupts);
  const passphrase = await secretOf(
    flags.askPassphrase === true,
    undefined,
    'Passphrase of the private key: ',
    interrupts,
  );
  const becomePassword = await secretOf(
    settings.askBecomePass === true,
    flags.becomePasswordFile,
    'BECOME password: ',
    interrupts,
  );
  for (const secret of [password, passphrase, becomePassword]) if (secret !== undefined) secrets.add(secret.reveal());
  const { connection = 'ssh' } = flags;
  if (findConnectionKind(connection) === undefined) {
    throw new UsageError(`expected \`--connection\` to be ${CONNECTION_NAMES}, found '${connection}'`, {
      hint: suggestConnectionKind(connection),
    });
  }
  const knownHosts = settings.knownHosts ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2', '/etc/ssh/ssh_known_hosts'];
  return {
    user: settings.user ?? io.userName,
    port: settings.port ?? 22,
    password,
    privateKeyFiles:
      settings.privateKey === undefined ? defaultIdentities(io.home) : [expandHome(settings.privateKey, io.home)],
    passphrase,
    agentSocket: io.env.SSH_AUTH_SOCK || undefined,
    hostKeyPolicy: settings.hostKeys ?? 'strict',
    knownHostsFiles: knownHosts.map((file) => expandHome(file, io.home)),
    connectTimeoutMs: settings.connectTimeout ?? 10_000,
    authTimeoutMs: settings.authTimeout ?? 10_000,
    become: settings.become === true,
    becomeMethod: settings.becomeMethod ?? 'sudo',
    becomeUser: settings.becomeUser ?? 'root',
    becomePassword,
    home: io.home,
    connection,
  };
}

async function secretOf(
  ask: boolean,
  file: string | undefined,
  prompt: string,
  interrupts: Interrupts,
): Promise<Secret | undefined> {
  if (file !== undefined) return passwordFromFile(file);
  return ask ? askPassword(prompt, interrupts) : undefined;
}

// The keys that ssh itself tries, as far as they exist.
function defaultIdentities(home: string): string[] {
  return ['id_ed25519', 'id_ecdsa', 'id_rsa']
    .map((name) => join(home, '.ssh', name))
    .filter((file) => existsSync(file));
}
