/** Real sshds on loopback, each with an environment of its own, and a user who may use sudo without a password. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { mustRun, run, type Server, startServer, waitUntil } from './process.ts';

export interface LabUser {
  readonly name: string;
  /** Private key that lets the user in. */
  readonly keyFile: string;
  readonly authorizedKeysFile: string;
  remove(): Promise<void>;
}

/** Makes a user of the machine with a key; with sudo rights that keep some variables. */
export async function createLabUser(folder: string, keptVariables: readonly string[]): Promise<LabUser> {
  const name = `fm${process.pid}`;
  const sudoers = `/etc/sudoers.d/fleetmend-lab-${name}`;
  const remove = async () => {
    await rm(sudoers, { force: true });
    await run('userdel', ['-f', name]);
  };
  try {
    const home = join(folder, 'home');
    await mustRun('useradd', ['-m', '-d', home, '-s', '/bin/sh', name]);
    // An unlocked account without a usable password.
    await mustRun('usermod', ['-p', '*', name]);
    const kept = keptVariables.map((variable) => `Defaults:${name} env_keep += "${variable}"\n`).join('');
    await writeFile(sudoers, `${name} ALL=(ALL:ALL) NOPASSWD: ALL\n${kept}`, { mode: 0o440 });
    const keyFile = join(folder, 'id_ed25519');
    await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
    await chmod(`${keyFile}.pub`, 0o644);
    return { name, keyFile, authorizedKeysFile: `${keyFile}.pub`, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

export interface LabSshd {
  /** The process that listens; each connection has one of its children. */
  readonly pid: number;
  readonly port: number;
  /** The host key as known_hosts has it, without a host name: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** What it logged so far, the last of it. */
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts an sshd on a free port whose sessions have the given variables.
 *
 * @param extraConfig - lines of sshd_config that beat those below
 * @param address - what it listens on; 0.0.0.0 answers on all of 127.0.0.0/8, which makes as many hosts as are wanted
 * @param wrapper - words of a program that runs it somewhere else, as the same process: `unshare -m`
 */
export async function startSshd(
  folder: string,
  user: LabUser,
  environment: Readonly<Record<string, string>>,
  address = '127.0.0.1',
  extraConfig: readonly string[] = [],
  wrapper: readonly string[] = [],
): Promise<LabSshd> {
  const port = await freePort();
  const listen = [`Port ${port}`, `ListenAddress ${address}`];
  const { configFile, hostKey } = await writeConfig(folder, user, environment, [...extraConfig, ...listen]);
  const [program = SSHD, ...words] = [...wrapper, SSHD, '-D', '-e', '-f', configFile];
  const server: Server = startServer(program, words);
  try {
    await waitUntil(
      () => answers(port),
      () => `sshd: ${server.log()}`,
      10_000,
    );
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { pid: server.pid, port, hostKey, log: () => server.log(), stop: () => server.stop() };
}

/**
 * As {@link startSshd}, for a host with a network of its own: it is reached on a port of this machine, but its sessions
 * see the network namespace of a process. Each connection has a server of its own.
 *
 * @param networkPid - the process
 */
export async function startSshdInNetwork(
  folder: string,
  user: LabUser,
  environment: Readonly<Record<string, string>>,
  networkPid: number,
): Promise<Pick<LabSshd, 'port' | 'hostKey' | 'stop'>> {
  const { configFile, hostKey } = await writeConfig(folder, user, environment, []);
  const servers = new Map<ChildProcess, Promise<unknown>>();
  // The server gets the connection itself: what goes over it does not pass through this process.
  const listener = createServer({ pauseOnConnect: true }, (socket) => {
    const words = ['-t', String(networkPid), '-n', SSHD, '-i', '-f', configFile];
    const server = spawn('nsenter', words, { stdio: [socket, socket, 'ignore'] });
    socket.destroy();
    const ended = new Promise((resolve) => {
      server.once('exit', resolve);
      server.once('error', resolve);
    }).then(() => servers.delete(server));
    servers.set(server, ended);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (listener.address() as AddressInfo).port,
    hostKey,
    async stop() {
      listener.close();
      for (const server of servers.keys()) server.kill('SIGTERM');
      await Promise.all(servers.values());
    },
  };
}

const SSHD = '/usr/sbin/sshd';

// Makes a host key and an sshd_config in the folder.
async function writeConfig(
  folder: string,
  user: LabUser,
  environment: Readonly<Record<string, string>>,
  extraConfig: readonly string[],
): Promise<{ configFile: string; hostKey: string }> {
  await mkdir(folder, { recursive: true });
  await mkdir('/run/sshd', { recursive: true });
  const hostKeyFile = join(folder, 'host_key');
  await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKeyFile]);
  const variables = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`);
  const config = [
    ...extraConfig,
    `HostKey ${hostKeyFile}`,
    'PidFile none',
    `AuthorizedKeysFile ${user.authorizedKeysFile}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'UsePAM no',
    // Of this one sshd takes the last line, not the first.
    ...(extraConfig.some((line) => line.startsWith('MaxStartups ')) ? [] : ['MaxStartups 2000:30:4000']),
    // A second one is an error.
    ...(extraConfig.some((line) => line.startsWith('Subsystem ')) ? [] : ['Subsystem sftp internal-sftp']),
    ...(variables.length === 0 ? [] : [`SetEnv ${variables.join(' ')}`]),
  ];
  const configFile = join(folder, 'sshd_config');
  await writeFile(configFile, `${config.join('\n')}\n`);
  const hostKey = (await mustRun('cat', [`${hostKeyFile}.pub`])).split(' ').slice(0, 2).join(' ');
  return { configFile, hostKey };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => finish(true));
    socket.once('error', () => finish(false));
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
  });
}
