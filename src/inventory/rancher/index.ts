/** `plugin: rancher`: the hosts that a Rancher server knows, through its CLI. */
import { join } from 'node:path';
import type { InventoryBuilder } from '../model.ts';
import type { PluginCall, PluginHosts } from '../plugin.ts';
import type { YamlDocument } from '../yaml-document.ts';
import { RancherCli, rancherEnv } from './cli.ts';
import { configSecrets } from './contexts.ts';
import { addHosts } from './hosts.ts';
import { readRancherOptions } from './options.ts';
import { listV1 } from './v1.ts';
import { listV2 } from './v2.ts';

/**
 * Asks Rancher as the configuration says and adds its hosts.
 *
 * @param path - of the configuration file
 * @returns the names of the hosts that were added, and the limits that the file sets on their number
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED when any call fails or gives what cannot be right
 * @throws {@link DiagnosticsError} INVENTORY_INVALID for a wrong option
 */
export async function readRancher(
  path: string,
  document: YamlDocument,
  builder: InventoryBuilder,
  call: PluginCall,
): Promise<PluginHosts> {
  const options = readRancherOptions(path, document, call.timeoutMs);
  const origin = document.findings.source.path;
  const warn = (message: string) => builder.warn(`${origin}: ${message}`);
  const env = rancherEnv(call.env);
  if (options.configDir !== undefined) {
    env.RANCHER_CONFIG_DIR = options.configDir;
    env.RANCHER_CLIENT_CONFIG = join(options.configDir, 'cli.json');
  }
  const { configDir, timeoutMs, maxOutputBytes } = options;
  const aborter = new AbortController();
  const signal = call.signal === undefined ? aborter.signal : AbortSignal.any([call.signal, aborter.signal]);
  const secrets = [env.RANCHER_SECRET_KEY ?? '', ...(await configSecrets({ env, configDir }))];
  const cli = new RancherCli({ cli: options.cli, env, timeoutMs, maxOutputBytes, signal, secrets, warn });
  const version = options.version === 'auto' ? await cli.version() : undefined;
  const isV1 = version === undefined ? options.version === 'v1' : version.major === 0;
  const versionNumber = version === undefined ? undefined : version.minor * 1000 + version.patch;
  const run = { env, signal, abort: () => aborter.abort(), warn };
  const hosts = isV1 ? await listV1(cli, options, versionNumber, run) : await listV2(cli, options, run);
  return { hosts: addHosts(hosts, options, origin, builder), limits: options.limits };
}
