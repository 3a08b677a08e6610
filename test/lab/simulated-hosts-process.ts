/**
 * A process that is as many SSH hosts as are wanted: one server of ours on every address of 127.0.0.0/8, with real key
 * exchange, authentication and `/bin/sh`. Prints its port, and stops when its stdin ends.
 *
 *   node simulated-hosts-process.ts PUBLIC_KEY_FILE FOLDER
 */
import { readFileSync } from 'node:fs';
import { startEmbeddedSshHost } from '../../src/cli/demo/embedded-ssh-host.ts';

const [publicKeyFile = '', directory = ''] = process.argv.slice(2);
const host = await startEmbeddedSshHost({
  directory,
  address: '0.0.0.0',
  authorizedKeys: [readFileSync(publicKeyFile, 'utf8')],
  environment: { PATH: process.env.PATH },
});
process.stdout.write(`${host.port}\n`);
process.stdin.resume().once('end', () => void host.close());
