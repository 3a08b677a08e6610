/** `fleetmend --version -v`: what it runs on, for bug reports and for measurements. */

import { createRequire } from 'node:module';
import { nativeCrypto } from '../transport/index.ts';
import { VERSION } from './version.ts';

/** Whether a command line asks for it: `--version` and `-v`, and nothing else. */
export function asksForDetails(argv: readonly string[]): boolean {
  const rest = argv.filter((word) => word !== '--version');
  return rest.length < argv.length && rest.length > 0 && rest.every((word) => /^(-v+|--verbose)$/.test(word));
}

export function versionDetails(): string {
  const { node, openssl } = process.versions;
  const ssh2 = createRequire(import.meta.url)('ssh2/package.json') as { version: string };
  const crypto = nativeCrypto();
  const rows = [
    ['fleetmend', VERSION],
    ['node', node],
    ['openssl', openssl],
    ['platform', `${process.platform} ${process.arch}`],
    ['ssh2', ssh2.version],
    ['ssh2 native crypto', crypto.isInUse ? 'in use' : `not in use: ${crypto.reason}`],
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(20)}${value}\n`).join('');
}
