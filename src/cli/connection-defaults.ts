/** How hosts are reached when neither play nor variables say: from flags, settings and what is asked at the terminal. */

import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { CONNECTION_NAMES, findConnectionKind, suggestConnectionKind } from '../engine/connection-kind.ts';
import type { ConnectionDefaults } from '../engine/options.ts';
import { UsageError } from '../errors.ts';
import { BECOME_METHOD_NAMES, becomeMethod } from '../transport/become/methods.ts';
import { createSshConfigSource, createSshTargets, parseSshOptions } from '../transport/index.ts';
import { expandHome } from '../util/home-path.ts';
import type { Secret } from '../util/secret.ts';
import type { SecretRegister } from '../util/secret-register.ts';
import { askPassword, passwordFromFile } from './ask.ts';
import type { Interrupts } from './interrupts.ts';
import type { Io } from './io.ts';
import type { ConnectionFlags } from './options.ts';
import { SETTINGS, type Settings } from './settings.ts';

/** Signs of life that a host may leave out until its connection counts as lost. */
const KEEP_ALIVE_COUNT = 3;

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
  const { becomeMethod: methodName = 'sudo' } = settings;
  if (becomeMethod(methodName) === undefined) {
    const known = BECOME_METHOD_NAMES.map((name) => `'${name}'`).join(', ');
    throw new UsageError(`expected the become method to be one of ${known}, found '${methodName}'`);
  }
  const password = await secretOf(flags.askPass === true, flags.connectionPasswordFile, 'SSH password: ', interrupts);
  const passphrase = await secretOf(
    flags.askPassphrase === true,
    undefined,
    'Passphrase of the private key: ',
    interrupts,
  );
  const becomePassword = await secretOf(
    settings.askBecomePass === true,
    settings.becomePasswordFile && expandHome(settings.becomePasswordFile, io.home),
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
  const sshConfig = createSshConfigSource(
    { name: io.userName, uid: userInfo().uid, home: io.home, hostName: hostname(), env: io.env },
    settings.sshConfig,
  );
  // A mistake there ends the run before it starts; a run that needs no SSH does not read it.
  if (findConnectionKind(connection)?.kind === 'ssh') sshConfig.load();
  for (const name of ['sshArgs', 'sshCommonArgs', 'sshExtraArgs'] as const) {
    parseSshOptions(settings[name] ?? '', `\`${SETTINGS[name].flag}\``);
  }
  return {
    user: settings.user,
    port: settings.port,
    password,
    privateKeyFile: settings.privateKey === undefined ? undefined : expandHome(settings.privateKey, io.home),
    passphrase,
    connectTimeoutMs: settings.connectTimeout,
    sshArgs: settings.sshArgs,
    sshCommonArgs: settings.sshCommonArgs,
    sshExtraArgs: settings.sshExtraArgs,
    ssh: createSshTargets(sshConfig, {
      hostKeyPolicy: settings.hostKeys,
      knownHostsFiles: settings.knownHosts?.map((file) => expandHome(file, io.home)),
      connectTimeoutMs: settings.connectTimeout,
      authTimeoutMs: settings.authTimeout ?? 10_000,
      connectRetries: settings.connectRetries,
      keepAlive:
        settings.keepAlive === undefined ? undefined : { intervalMs: settings.keepAlive, countMax: KEEP_ALIVE_COUNT },
      usualKeyFiles: usualIdentities(io.home),
      agentSocket: io.env.SSH_AUTH_SOCK || undefined,
    }),
    become: settings.become === true,
    becomeMethod: methodName,
    becomeUser: settings.becomeUser ?? 'root',
    becomeExe: settings.becomeExe,
    becomeFlags: settings.becomeFlags,
    becomePassword,
    becomeTimeoutMs: settings.becomeTimeout,
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
function usualIdentities(home: string): string[] {
  return ['id_ed25519', 'id_ecdsa', 'id_rsa']
    .map((name) => join(home, '.ssh', name))
    .filter((file) => existsSync(file));
}
