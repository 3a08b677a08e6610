/** Joins the command line's flags with the settings of files and environment; the command line wins. */

import { UsageError } from '../errors.ts';
import type { ConnectionFlags, InventoryFlags, RunFlags } from './options.ts';
import { parseSetting, SETTINGS, type SettingName, type Settings } from './settings.ts';

type Flags = Partial<InventoryFlags & ConnectionFlags & RunFlags> & {
  readonly rolesPath?: string;
  readonly hashBehaviour?: string;
};

/** Settings in force. @throws UsageError when a flag's value cannot be used */
export function mergeSettings(flags: Flags, configured: Settings): Settings {
  const given: Record<string, unknown> = {
    inventory: flags.inventory,
    user: flags.user,
    privateKey: flags.privateKey ?? flags.keyFile,
    port: flags.port,
    hostKeys: flags.hostKeys,
    knownHosts: flags.knownHosts,
    passphraseCommand: flags.passphraseCommand,
    sshConfig: flags.sshConfig,
    sshArgs: flags.sshArgs,
    sshCommonArgs: flags.sshCommonArgs,
    sshExtraArgs: flags.sshExtraArgs,
    forks: flags.forks,
    connecting: flags.connecting,
    connectRate: flags.connectRate,
    connectRetries: flags.connectRetries,
    keepAlive: flags.keepAlive,
    connectTimeout: flags.timeout,
    authTimeout: flags.authTimeout,
    commandTimeout: flags.commandTimeout,
    hostTimeout: flags.hostTimeout,
    deadline: flags.deadline,
    inventoryTimeout: flags.inventoryTimeout,
    become: flags.become === true || flags.sudo === true ? true : undefined,
    becomeMethod: flags.becomeMethod,
    becomeUser: flags.becomeUser,
    becomeExe: flags.becomeExe,
    becomeFlags: flags.becomeFlags,
    becomeTimeout: flags.becomeTimeout,
    becomePasswordFile: flags.becomePasswordFile ?? flags.becomePassFile,
    askBecomePass: flags.askBecomePass,
    rolesPath: flags.rolesPath,
    hashBehaviour: flags.hashBehaviour,
    allowBrokenConditionals: flags.allowBrokenConditionals,
    gathering: flags.gathering,
    factCaching: flags.factCaching,
    factCachingConnection: flags.factCachingConnection,
    factCachingTimeout: flags.factCachingTimeout,
    factCachingPrefix: flags.factCachingPrefix,
    stateDir: flags.stateDir,
    lockWait: flags.lockWait,
  };
  const merged: Record<string, unknown> = { ...configured };
  for (const [name, value] of Object.entries(given) as [SettingName, unknown][]) {
    if (value === undefined) continue;
    merged[name] = parseSetting(name, { value, where: `\`${SETTINGS[name].flag}\`` });
  }
  return merged as Settings;
}

/** A positive whole number of a flag. @throws UsageError */
export function parseCount(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value) && Number(value) > 0) return Number(value);
  throw new UsageError(`expected \`${flag}\` to be a positive whole number, found '${value}'`);
}

/** A share of a flag such as `20%` or `20`, as a percentage. @throws UsageError */
export function parsePercent(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)%?$/.exec(value);
  const percent = Number(match?.[1] ?? Number.NaN);
  if (percent >= 0 && percent <= 100) return percent;
  throw new UsageError(`expected \`${flag}\` to be a percentage from 0% to 100%, found '${value}'`);
}
