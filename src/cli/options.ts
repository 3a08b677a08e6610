/** Options that several commands share. Names are Ansible's wherever it has one. */

import { type Command, Option } from 'commander';

/** What commander gives for the inventory options. */
export interface InventoryFlags {
  readonly inventory?: readonly string[];
  readonly limit?: string;
  readonly inventoryTimeout?: string;
  readonly allowEmpty?: boolean;
  readonly minHosts?: string;
  readonly maxDrop?: string;
  readonly acceptDrop?: boolean;
  readonly stateDir?: string;
}

export interface ConnectionFlags {
  readonly user?: string;
  readonly port?: string;
  readonly privateKey?: string;
  readonly keyFile?: string;
  readonly connection?: string;
  readonly askPass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly askPassphrase?: boolean;
  readonly hostKeys?: string;
  readonly knownHosts?: readonly string[];
  readonly passphraseCommand?: string;
  readonly sshConfig?: string;
  readonly sshArgs?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly timeout?: string;
  readonly authTimeout?: string;
  readonly connecting?: string;
  readonly connectRate?: string;
  readonly connectRetries?: string;
  readonly keepAlive?: string;
  readonly become?: boolean;
  readonly sudo?: boolean;
  readonly becomeMethod?: string;
  readonly becomeUser?: string;
  readonly becomeExe?: string;
  readonly becomeFlags?: string;
  readonly becomeTimeout?: string;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
  /** Ansible's other name of it. */
  readonly becomePassFile?: string;
}

export interface RunFlags {
  readonly forks?: string;
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly extraVars?: readonly string[];
  readonly report?: readonly string[];
  readonly quiet?: boolean;
  readonly verbose?: number;
  readonly commandTimeout?: string;
  readonly hostTimeout?: string;
  readonly deadline?: string;
  readonly lock?: string;
  readonly lockWait?: string;
  readonly allowBrokenConditionals?: string;
  readonly gathering?: string;
  readonly factCaching?: string;
  readonly factCachingConnection?: string;
  readonly factCachingTimeout?: string;
  readonly factCachingPrefix?: string;
  readonly flushCache?: boolean;
  readonly retryFile?: string;
}

/** How texts are opened that ansible-vault encrypted. */
export interface VaultFlags {
  readonly vaultId?: readonly string[];
  readonly vaultPasswordFile?: readonly string[];
  /** Ansible's other names of the two around it. */
  readonly vaultPassFile?: readonly string[];
  readonly askVaultPassword?: boolean;
  readonly vaultIdMatch?: boolean;
  readonly askVaultPass?: boolean;
}

/** For an option that may be given many times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function addInventoryOptions(command: Command): void {
  command
    .option(
      '-i, --inventory <source>',
      'inventory file, directory, program or "host," list; may be given again',
      collect,
    )
    .option('-l, --limit <pattern>', 'only these hosts of those selected; @FILE reads a list')
    .option('--inventory-timeout <time>', 'deadline of each inventory source (default 30s)')
    .option('--allow-empty', 'no host at all is fine')
    .option('--min-hosts <n>', 'stop when the inventory has fewer hosts')
    .option('--max-drop <percent>', 'stop when the inventory lost more than this since the last good one')
    .option('--accept-drop', 'take the smaller inventory as the new good one')
    .option('--state-dir <dir>', 'where locks and the last good host list are kept');
}

export function addVaultOptions(command: Command): void {
  command
    .option('--vault-id <id@source>', 'vault id and where its password is: a file, a program, prompt', collect)
    .option('--vault-password-file <file>', 'file, or program, with the vault password; may be given again', collect)
    .addOption(new Option('--vault-pass-file <file>', 'the same').hideHelp().argParser(collect))
    .option('--vault-id-match', 'try only the password whose id a text names')
    .option('-J, --ask-vault-pass', 'ask for the vault password')
    .addOption(new Option('--ask-vault-password', 'the same').hideHelp());
}

export function addConnectionOptions(command: Command): void {
  command
    .option('-u, --user <name>', 'user to connect as')
    .option('--port <port>', 'SSH port (default 22)')
    .option('--private-key <file>', 'private key to connect with')
    .addOption(new Option('--key-file <file>', 'the same as --private-key').hideHelp())
    .option('-c, --connection <type>', 'ssh, openssh, local, docker or podman (default ssh)')
    .option('-k, --ask-pass', 'ask for the SSH password')
    .option('--connection-password-file <file>', 'read the SSH password from a file')
    .option('--ask-passphrase', 'ask for the passphrase of the private key')
    .option('--passphrase-command <command>', 'shell command that prints the passphrase of the key file $1')
    .option('--host-keys <policy>', 'strict, accept-new or off (default strict)')
    .option('--known-hosts <file>', 'known_hosts file; may be given again', collect)
    .option('--ssh-config <file>', 'ssh_config to read in place of the usual ones; none: read none')
    .option('--ssh-common-args <args>', 'options of ssh, such as -J or -o, for all hosts')
    .option('--ssh-extra-args <args>', 'further options of ssh')
    .addOption(new Option('--ssh-args <args>', 'options of ssh that beat variables too').hideHelp())
    .option('-T, --timeout <time>', 'deadline to connect (default 10s)')
    .option('--auth-timeout <time>', 'deadline to authenticate (default 10s)')
    .option('--connecting <n>', 'hosts connected to at once, beside those that are worked on (default 64)')
    .option('--connect-rate <n>', 'new connections in a second, at most (default: no limit)')
    .option('--connect-retries <n>', 'how often connecting is tried again when it may pass (default 0)')
    .option('--keep-alive <time>', 'how often a silent host is asked for a sign of life; 0 never (default 15s)')
    .option('-b, --become', 'run as another user')
    .addOption(new Option('--sudo', 'the old name of --become').hideHelp())
    .option('--become-method <method>', 'sudo, su or doas (default sudo)')
    .option('--become-user <name>', 'user to become (default root)')
    .option('--become-exe <path>', 'program of the become method')
    .option('--become-flags <words>', 'flags for that program')
    .option('--become-timeout <time>', 'deadline to become the user (default 10s)')
    .option('-K, --ask-become-pass', 'ask for the become password')
    .option('--become-password-file <file>', 'read the become password from a file')
    .addOption(new Option('--become-pass-file <file>', 'the same').hideHelp());
}

export function addRunOptions(command: Command): void {
  command
    .option('-f, --forks <n>', 'hosts worked on at once (default 50)')
    .option('-C, --check', 'change nothing, show what would change')
    .option('-D, --diff', 'show differences of files')
    .option('-e, --extra-vars <vars>', 'key=value words, JSON, or @FILE; may be given again', collect)
    .option(
      '--report <format[=path]>',
      'json, ndjson, junit or prometheus, to a file or stdout; may be given again',
      collect,
    )
    .option('-q, --quiet', 'nothing when all went well, else failures and totals')
    .option(
      '-v, --verbose',
      'more detail; up to -vvvv',
      (_value: string, before: number | undefined) => (before ?? 0) + 1,
    )
    .option('--command-timeout <time>', 'deadline of one remote command without a `timeout` of its own (default 5m)')
    .option('--host-timeout <time>', 'deadline for all work on one host')
    .option('--deadline <time>', 'deadline for the whole run')
    .option('--lock <name>', 'name of the run lock (run: by playbook path; exec: none)')
    .option('--lock-wait <time>', 'when the lock is held: skip (default), none (no lock), or how long to wait')
    .option('--allow-broken-conditionals <yes|no>', 'whether a condition may give another value than true or false')
    .option('--gathering <how>', 'facts where a play does not say: implicit (default), explicit or smart')
    .option('--fact-caching <how>', 'facts between runs: memory (default, none) or jsonfile')
    .option('--fact-caching-connection <dir>', 'folder of the files of jsonfile')
    .option('--fact-caching-timeout <time>', 'how old they may be; 0 any age (default 24h)')
    .addOption(new Option('--fact-caching-prefix <text>', 'begins the names of these files').hideHelp())
    .option('--flush-cache', 'forget the cached facts of all hosts first')
    .option('--retry-file <file>', 'write the hosts that were not fine, for --limit @FILE');
}
