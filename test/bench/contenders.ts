/** Who takes part: fleetmend, its peers as their users would run them, and the least that any SSH client in Node can do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Fleet, Work } from './fleet.ts';
import type { Command } from './measure.ts';

export type ContenderId =
  | 'fleetmend-linear'
  | 'fleetmend-free'
  | 'fleetmend-syntax'
  | 'bare-exec'
  | 'bare-shell'
  | 'ansible-linear'
  | 'ansible-free'
  | 'mitogen'
  | 'clush'
  | 'pssh';

export interface Contender {
  readonly id: ContenderId;
  readonly label: string;
  /** Slow, and not what we change: measured once. */
  readonly isPeer: boolean;
  /** Debian's package, and a file that is there when it is. */
  readonly package?: { readonly name: string; readonly file: string };
  /** Undefined: it has no way to do this work in one go. */
  command(work: Work, fleet: Fleet): Promise<Command | undefined>;
}

const FORKS = '50';
const ANSIBLE = { name: 'ansible', file: '/usr/bin/ansible-playbook' };
const MITOGEN = {
  name: 'ansible-mitogen',
  file: '/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy/mitogen_linear.py',
};
const SSH_OPTIONS = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];

/**
 * @param root - the checkout, with its build
 * @param bareLoop - path of the bare loop over ssh2; left out where there is none
 */
export function contenders(root: string, bareLoop: string): Contender[] {
  const bare = existsSync(bareLoop) ? [bareContender('exec', bareLoop), bareContender('shell', bareLoop)] : [];
  return [fleetmend(root, 'linear'), fleetmend(root, 'free'), fleetmendSyntax(root), ...bare, ...PEERS];
}

function fleetmend(root: string, strategy: 'linear' | 'free'): Contender {
  return {
    id: `fleetmend-${strategy}`,
    label: `fleetmend, ${strategy}`,
    isPeer: false,
    async command({ hostCount, taskCount }, fleet) {
      return runCommand(root, await fleet.playbook(taskCount, strategy), hostCount, fleet);
    },
  };
}

// A text that is no plain command costs the host a second shell, as it does with Ansible.
function fleetmendSyntax(root: string): Contender {
  return {
    id: 'fleetmend-syntax',
    label: 'fleetmend, linear, commands that need a shell',
    isPeer: false,
    async command({ hostCount, taskCount }, fleet) {
      if (taskCount === 1) return undefined;
      return runCommand(root, await fleet.playbook(taskCount, 'linear', '; :'), hostCount, fleet);
    },
  };
}

async function runCommand(root: string, playbook: string, hostCount: number, fleet: Fleet): Promise<Command> {
  return { words: fleetmendWords(root, ['run', playbook, '-i', await fleet.hostsFile(hostCount)], fleet) };
}

/** The command line of fleetmend, as installed, with all that reaches the hosts of a fleet. */
export function fleetmendWords(
  root: string,
  words: readonly string[],
  fleet: Pick<Fleet, 'folder' | 'port'> & { readonly user: Pick<Fleet['user'], 'name' | 'keyFile'> },
): string[] {
  const { user, port, folder } = fleet;
  const reach = ['--port', String(port), '-u', user.name, '--private-key', user.keyFile, '--host-keys', 'off'];
  return [process.execPath, join(root, 'bin', 'fleetmend.js'), ...words, ...reach, '--state-dir', folder, '-f', FORKS];
}

function bareContender(mode: 'exec' | 'shell', file: string): Contender {
  return {
    id: `bare-${mode}`,
    label: mode === 'exec' ? 'bare loop, one exec a task' : 'bare loop, one warm shell',
    isPeer: false,
    async command({ hostCount, taskCount }, { port, user, hostsFile }) {
      const hosts = await hostsFile(hostCount);
      const reach = ['--hosts', hosts, '--port', String(port), '--user', user.name, '--key', user.keyFile];
      const words = [process.execPath, file, ...reach, '--forks', FORKS];
      return { words: [...words, '--mode', mode, '--tasks', String(taskCount)] };
    },
  };
}

function ansible(id: ContenderId, label: string, strategy: string): Contender {
  const isMitogen = id === 'mitogen';
  return {
    id,
    label,
    isPeer: true,
    package: isMitogen ? MITOGEN : ANSIBLE,
    async command({ hostCount, taskCount }, fleet) {
      const playbook = await fleet.playbook(taskCount, strategy);
      const { port, user } = fleet;
      const variables = {
        ansible_port: port,
        ansible_user: user.name,
        ansible_ssh_private_key_file: user.keyFile,
        ansible_python_interpreter: '/usr/bin/python3',
      };
      const words = ['ansible-playbook', '-i', await fleet.hostsFile(hostCount), '-f', FORKS, playbook];
      const env = {
        ...process.env,
        ANSIBLE_PIPELINING: '1',
        ANSIBLE_HOST_KEY_CHECKING: '0',
        ANSIBLE_SSH_CONTROL_PATH_DIR: join(fleet.folder, 'cp'),
        ANSIBLE_LOCALHOST_WARNING: '0',
        ...(isMitogen ? { ANSIBLE_STRATEGY_PLUGINS: MITOGEN.file.slice(0, MITOGEN.file.lastIndexOf('/')) } : {}),
      };
      return { words: [...words, '-e', JSON.stringify(variables)], env };
    },
  };
}

const PEERS: readonly Contender[] = [
  ansible('ansible-linear', 'ansible, linear', 'linear'),
  ansible('ansible-free', 'ansible, free', 'free'),
  ansible('mitogen', 'ansible with mitogen, linear', 'mitogen_linear'),
  {
    id: 'clush',
    label: 'clush',
    isPeer: true,
    package: { name: 'clustershell', file: '/usr/bin/clush' },
    async command({ hostCount, taskCount }, { port, user, hostsFile }) {
      if (taskCount !== 1) return undefined;
      const options = ['-p', String(port), '-i', user.keyFile, ...SSH_OPTIONS.flatMap((option) => ['-o', option])];
      const hosts = await hostsFile(hostCount);
      return {
        words: ['clush', '-f', FORKS, '-l', user.name, '-o', options.join(' '), '--hostfile', hosts, '-S', 'echo hi'],
      };
    },
  },
  {
    id: 'pssh',
    label: 'pssh',
    isPeer: true,
    package: { name: 'pssh', file: '/usr/bin/parallel-ssh' },
    async command({ hostCount, taskCount }, { port, user, hostsFile }) {
      if (taskCount !== 1) return undefined;
      const options = SSH_OPTIONS.flatMap((option) => ['-O', option]);
      const hosts = await hostsFile(hostCount);
      const words = ['parallel-ssh', '-h', hosts, '-p', FORKS, '-l', user.name, ...options];
      return { words: [...words, '-x', `-p ${port} -i ${user.keyFile}`, 'echo hi'] };
    },
  },
];
