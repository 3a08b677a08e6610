/** The hosts of the playbooks: a real sshd that answers on every loopback address, found by name through an ssh_config. */

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLabUser, startSshd } from '../lab/sshd.ts';

export interface LoopbackHosts {
  /** Says where each host is and how to log in. */
  readonly sshConfigFile: string;
  /** Who logs in, has the scratch folders and may use sudo. */
  readonly user: string;
  stop(): Promise<void>;
}

/** Starts the sshd and makes the user that logs in. */
export async function startLoopbackHosts(): Promise<LoopbackHosts> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-hosts-'));
  const undo = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await chmod(folder, 0o755);
    const user = await createLabUser(folder, []);
    undo.push(() => user.remove());
    const environment = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
    const sshd = await startSshd(join(folder, 'sshd'), user, environment, '0.0.0.0');
    undo.push(() => sshd.stop());
    const knownHostsFile = join(folder, 'known_hosts');
    await writeFile(knownHostsFile, `[127.0.*]:${sshd.port} ${sshd.hostKey}\n`);
    const sshConfigFile = join(folder, 'ssh_config');
    await writeFile(sshConfigFile, configText(sshd.port, user.name, user.keyFile, knownHostsFile));
    return { sshConfigFile, user: user.name, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configText(port: number, user: string, keyFile: string, knownHostsFile: string): string {
  return [
    ...['a', 'b', 'c'].map((name, index) => `Host ${name}\n  HostName 127.0.1.${index + 1}`),
    // All others: what a playbook names is there, as with a local connection.
    'Host *',
    '  HostName 127.0.2.1',
    `  Port ${port}`,
    `  User ${user}`,
    `  IdentityFile ${keyFile}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${knownHostsFile}`,
    '',
  ].join('\n');
}
