/**
 * Every setting that a file or the environment can give, in one table: its flag, its variable, its key in fleetmend.yml
 * and in ansible.cfg. Command line beats environment beats fleetmend.yml (project, then user) beats ansible.cfg.
 */

import { FleetmendError, type Position, UsageError } from '../errors.ts';
import { toBoolean } from '../util/boolean-word.ts';
import { parseDurationMs } from '../util/duration.ts';

export interface SettingSpec {
  readonly kind: 'text' | 'list' | 'paths' | 'integer' | 'boolean' | 'duration' | 'hostKeys' | 'choice';
  readonly flag: string;
  /** The words of a `choice`. */
  readonly choices?: readonly string[];
  /** Whether 0 has a meaning too. */
  readonly allowsZero?: boolean;
  /** Environment variable. */
  readonly variable: string;
  /** Variables of Ansible's that mean the same, after ours. */
  readonly ansibleVariables?: readonly string[];
  /** Section and key in ansible.cfg, first that is there. */
  readonly ansibleCfg?: readonly (readonly [section: string, key: string])[];
}

export const SETTINGS = {
  inventory: {
    kind: 'list',
    flag: '--inventory',
    variable: 'FLEETMEND_INVENTORY',
    ansibleVariables: ['ANSIBLE_INVENTORY'],
    ansibleCfg: [
      ['defaults', 'inventory'],
      ['defaults', 'hostfile'],
    ],
  },
  user: {
    kind: 'text',
    flag: '--user',
    variable: 'FLEETMEND_USER',
    ansibleVariables: ['ANSIBLE_REMOTE_USER'],
    ansibleCfg: [['defaults', 'remote_user']],
  },
  privateKey: {
    kind: 'text',
    flag: '--private-key',
    variable: 'FLEETMEND_PRIVATE_KEY',
    ansibleVariables: ['ANSIBLE_PRIVATE_KEY_FILE'],
    ansibleCfg: [['defaults', 'private_key_file']],
  },
  port: {
    kind: 'integer',
    flag: '--port',
    variable: 'FLEETMEND_PORT',
    ansibleVariables: ['ANSIBLE_REMOTE_PORT'],
    ansibleCfg: [['defaults', 'remote_port']],
  },
  hostKeys: {
    kind: 'hostKeys',
    flag: '--host-keys',
    variable: 'FLEETMEND_HOST_KEYS',
    ansibleVariables: ['ANSIBLE_HOST_KEY_CHECKING'],
    ansibleCfg: [['defaults', 'host_key_checking']],
  },
  knownHosts: { kind: 'list', flag: '--known-hosts', variable: 'FLEETMEND_KNOWN_HOSTS' },
  passphraseCommand: { kind: 'text', flag: '--passphrase-command', variable: 'FLEETMEND_PASSPHRASE_COMMAND' },
  sshConfig: { kind: 'text', flag: '--ssh-config', variable: 'FLEETMEND_SSH_CONFIG' },
  sshArgs: {
    kind: 'text',
    flag: '--ssh-args',
    variable: 'FLEETMEND_SSH_ARGS',
    ansibleVariables: ['ANSIBLE_SSH_ARGS'],
    ansibleCfg: [['ssh_connection', 'ssh_args']],
  },
  sshCommonArgs: {
    kind: 'text',
    flag: '--ssh-common-args',
    variable: 'FLEETMEND_SSH_COMMON_ARGS',
    ansibleVariables: ['ANSIBLE_SSH_COMMON_ARGS'],
    ansibleCfg: [['ssh_connection', 'ssh_common_args']],
  },
  sshExtraArgs: {
    kind: 'text',
    flag: '--ssh-extra-args',
    variable: 'FLEETMEND_SSH_EXTRA_ARGS',
    ansibleVariables: ['ANSIBLE_SSH_EXTRA_ARGS'],
    ansibleCfg: [['ssh_connection', 'ssh_extra_args']],
  },
  forks: {
    kind: 'integer',
    flag: '--forks',
    variable: 'FLEETMEND_FORKS',
    ansibleVariables: ['ANSIBLE_FORKS'],
    ansibleCfg: [['defaults', 'forks']],
  },
  connecting: { kind: 'integer', flag: '--connecting', variable: 'FLEETMEND_CONNECTING' },
  connectRate: { kind: 'integer', flag: '--connect-rate', variable: 'FLEETMEND_CONNECT_RATE' },
  connectRetries: {
    kind: 'integer',
    allowsZero: true,
    flag: '--connect-retries',
    variable: 'FLEETMEND_CONNECT_RETRIES',
    ansibleVariables: ['ANSIBLE_SSH_RETRIES'],
    ansibleCfg: [['ssh_connection', 'retries']],
  },
  keepAlive: { kind: 'duration', allowsZero: true, flag: '--keep-alive', variable: 'FLEETMEND_KEEP_ALIVE' },
  connectTimeout: {
    kind: 'duration',
    flag: '--timeout',
    variable: 'FLEETMEND_TIMEOUT',
    ansibleVariables: ['ANSIBLE_TIMEOUT'],
    ansibleCfg: [['defaults', 'timeout']],
  },
  authTimeout: { kind: 'duration', flag: '--auth-timeout', variable: 'FLEETMEND_AUTH_TIMEOUT' },
  commandTimeout: { kind: 'duration', flag: '--command-timeout', variable: 'FLEETMEND_COMMAND_TIMEOUT' },
  hostTimeout: { kind: 'duration', flag: '--host-timeout', variable: 'FLEETMEND_HOST_TIMEOUT' },
  deadline: { kind: 'duration', flag: '--deadline', variable: 'FLEETMEND_DEADLINE' },
  inventoryTimeout: { kind: 'duration', flag: '--inventory-timeout', variable: 'FLEETMEND_INVENTORY_TIMEOUT' },
  become: {
    kind: 'boolean',
    flag: '--become',
    variable: 'FLEETMEND_BECOME',
    ansibleVariables: ['ANSIBLE_BECOME'],
    ansibleCfg: [['privilege_escalation', 'become']],
  },
  becomeMethod: {
    kind: 'text',
    flag: '--become-method',
    variable: 'FLEETMEND_BECOME_METHOD',
    ansibleVariables: ['ANSIBLE_BECOME_METHOD'],
    ansibleCfg: [['privilege_escalation', 'become_method']],
  },
  becomeUser: {
    kind: 'text',
    flag: '--become-user',
    variable: 'FLEETMEND_BECOME_USER',
    ansibleVariables: ['ANSIBLE_BECOME_USER'],
    ansibleCfg: [['privilege_escalation', 'become_user']],
  },
  becomeExe: {
    kind: 'text',
    flag: '--become-exe',
    variable: 'FLEETMEND_BECOME_EXE',
    ansibleVariables: ['ANSIBLE_BECOME_EXE'],
    ansibleCfg: [['privilege_escalation', 'become_exe']],
  },
  becomeFlags: {
    kind: 'text',
    flag: '--become-flags',
    variable: 'FLEETMEND_BECOME_FLAGS',
    ansibleVariables: ['ANSIBLE_BECOME_FLAGS'],
    ansibleCfg: [['privilege_escalation', 'become_flags']],
  },
  becomeTimeout: { kind: 'duration', flag: '--become-timeout', variable: 'FLEETMEND_BECOME_TIMEOUT' },
  becomePasswordFile: {
    kind: 'text',
    flag: '--become-password-file',
    variable: 'FLEETMEND_BECOME_PASSWORD_FILE',
    ansibleVariables: ['ANSIBLE_BECOME_PASSWORD_FILE'],
    ansibleCfg: [['defaults', 'become_password_file']],
  },
  askBecomePass: {
    kind: 'boolean',
    flag: '--ask-become-pass',
    variable: 'FLEETMEND_ASK_BECOME_PASS',
    ansibleVariables: ['ANSIBLE_BECOME_ASK_PASS'],
    ansibleCfg: [['privilege_escalation', 'become_ask_pass']],
  },
  vaultPasswordFile: {
    kind: 'text',
    flag: '--vault-password-file',
    variable: 'FLEETMEND_VAULT_PASSWORD_FILE',
    ansibleVariables: ['ANSIBLE_VAULT_PASSWORD_FILE'],
    ansibleCfg: [['defaults', 'vault_password_file']],
  },
  vaultIds: {
    kind: 'list',
    flag: '--vault-id',
    variable: 'FLEETMEND_VAULT_ID',
    ansibleVariables: ['ANSIBLE_VAULT_IDENTITY_LIST'],
    ansibleCfg: [['defaults', 'vault_identity_list']],
  },
  vaultIdMatch: {
    kind: 'boolean',
    flag: '--vault-id-match',
    variable: 'FLEETMEND_VAULT_ID_MATCH',
    ansibleVariables: ['ANSIBLE_VAULT_ID_MATCH'],
    ansibleCfg: [['defaults', 'vault_id_match']],
  },
  vaultEncryptIdentity: {
    kind: 'text',
    flag: '--encrypt-vault-id',
    variable: 'FLEETMEND_ENCRYPT_VAULT_ID',
    ansibleVariables: ['ANSIBLE_VAULT_ENCRYPT_IDENTITY'],
    ansibleCfg: [['defaults', 'vault_encrypt_identity']],
  },
  rolesPath: {
    kind: 'paths',
    flag: '--roles-path',
    variable: 'FLEETMEND_ROLES_PATH',
    ansibleVariables: ['ANSIBLE_ROLES_PATH'],
    ansibleCfg: [['defaults', 'roles_path']],
  },
  forceHandlers: {
    kind: 'boolean',
    flag: '--force-handlers',
    variable: 'FLEETMEND_FORCE_HANDLERS',
    ansibleVariables: ['ANSIBLE_FORCE_HANDLERS'],
    ansibleCfg: [['defaults', 'force_handlers']],
  },
  hashBehaviour: {
    kind: 'choice',
    choices: ['replace', 'merge'],
    flag: '--hash-behaviour',
    variable: 'FLEETMEND_HASH_BEHAVIOUR',
    ansibleVariables: ['ANSIBLE_HASH_BEHAVIOUR'],
    ansibleCfg: [['defaults', 'hash_behaviour']],
  },
  allowBrokenConditionals: {
    kind: 'boolean',
    flag: '--allow-broken-conditionals',
    variable: 'FLEETMEND_ALLOW_BROKEN_CONDITIONALS',
    ansibleVariables: ['ANSIBLE_ALLOW_BROKEN_CONDITIONALS'],
    ansibleCfg: [['defaults', 'allow_broken_conditionals']],
  },
  gathering: {
    kind: 'choice',
    choices: ['implicit', 'explicit', 'smart'],
    flag: '--gathering',
    variable: 'FLEETMEND_GATHERING',
    ansibleVariables: ['ANSIBLE_GATHERING'],
    ansibleCfg: [['defaults', 'gathering']],
  },
  factCaching: {
    kind: 'choice',
    choices: ['memory', 'jsonfile'],
    flag: '--fact-caching',
    variable: 'FLEETMEND_FACT_CACHING',
    ansibleVariables: ['ANSIBLE_CACHE_PLUGIN'],
    ansibleCfg: [['defaults', 'fact_caching']],
  },
  factCachingConnection: {
    kind: 'text',
    flag: '--fact-caching-connection',
    variable: 'FLEETMEND_FACT_CACHING_CONNECTION',
    ansibleVariables: ['ANSIBLE_CACHE_PLUGIN_CONNECTION'],
    ansibleCfg: [['defaults', 'fact_caching_connection']],
  },
  factCachingTimeout: {
    kind: 'duration',
    allowsZero: true,
    flag: '--fact-caching-timeout',
    variable: 'FLEETMEND_FACT_CACHING_TIMEOUT',
    ansibleVariables: ['ANSIBLE_CACHE_PLUGIN_TIMEOUT'],
    ansibleCfg: [['defaults', 'fact_caching_timeout']],
  },
  factCachingPrefix: {
    kind: 'text',
    flag: '--fact-caching-prefix',
    variable: 'FLEETMEND_FACT_CACHING_PREFIX',
    ansibleVariables: ['ANSIBLE_CACHE_PLUGIN_PREFIX'],
    ansibleCfg: [['defaults', 'fact_caching_prefix']],
  },
  stateDir: { kind: 'text', flag: '--state-dir', variable: 'FLEETMEND_STATE_DIR' },
  lockWait: { kind: 'text', flag: '--lock-wait', variable: 'FLEETMEND_LOCK_WAIT' },
} as const satisfies Record<string, SettingSpec>;

export type SettingName = keyof typeof SETTINGS;

/** Values as the program uses them; durations in milliseconds. */
export interface Settings {
  readonly inventory?: readonly string[];
  readonly user?: string;
  readonly privateKey?: string;
  readonly port?: number;
  readonly hostKeys?: 'strict' | 'accept-new' | 'off';
  readonly knownHosts?: readonly string[];
  readonly passphraseCommand?: string;
  /** A path, or `none`. */
  readonly sshConfig?: string;
  readonly sshArgs?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly forks?: number;
  readonly connecting?: number;
  readonly connectRate?: number;
  readonly connectRetries?: number;
  readonly keepAlive?: number;
  readonly connectTimeout?: number;
  readonly authTimeout?: number;
  readonly commandTimeout?: number;
  readonly hostTimeout?: number;
  readonly deadline?: number;
  readonly inventoryTimeout?: number;
  readonly become?: boolean;
  readonly becomeMethod?: string;
  readonly becomeUser?: string;
  readonly becomeExe?: string;
  readonly becomeFlags?: string;
  readonly becomeTimeout?: number;
  readonly becomePasswordFile?: string;
  readonly askBecomePass?: boolean;
  readonly vaultPasswordFile?: string;
  readonly vaultIds?: readonly string[];
  readonly vaultIdMatch?: boolean;
  readonly vaultEncryptIdentity?: string;
  /** Folders of roles, searched after `roles/` beside the playbook. */
  readonly rolesPath?: readonly string[];
  readonly forceHandlers?: boolean;
  /** Whether a map of variables replaces one of lower precedence, or is merged into it. */
  readonly hashBehaviour?: 'replace' | 'merge';
  /** Whether a condition that gives no boolean counts by Python's truth. */
  readonly allowBrokenConditionals?: boolean;
  /** When facts are gathered in a play that does not say it. */
  readonly gathering?: 'implicit' | 'explicit' | 'smart';
  readonly factCaching?: 'memory' | 'jsonfile';
  /** The folder of the files of `jsonfile`. */
  readonly factCachingConnection?: string;
  /** How old a file may be; 0: any age. */
  readonly factCachingTimeout?: number;
  readonly factCachingPrefix?: string;
  readonly stateDir?: string;
  readonly lockWait?: string;
}

/** A value as it was found, with the words for an error about it. */
export interface RawSetting {
  readonly value: unknown;
  /** "`--forks`", "FLEETMEND_FORKS", "`forks` in fleetmend.yml". */
  readonly where: string;
  readonly source?: Position;
}

/**
 * The typed value of a setting.
 *
 * @throws UsageError, or FleetmendError CONFIG_INVALID with the place in the file
 */
export function parseSetting(name: SettingName, raw: RawSetting): unknown {
  const spec: SettingSpec = SETTINGS[name];
  const { value } = raw;
  const text = typeof value === 'string' ? value.trim() : value;
  switch (spec.kind) {
    case 'text':
      if (typeof text === 'string' && text !== '') return text;
      if (typeof text === 'number') return String(text);
      throw wrong(raw, 'a text');
    case 'list':
      if (Array.isArray(text) && text.every((each) => typeof each === 'string')) return text;
      if (typeof text === 'string' && text !== '') return [text];
      throw wrong(raw, 'a text or a list of texts');
    case 'paths':
      if (Array.isArray(text) && text.every((each) => typeof each === 'string')) return text;
      if (typeof text === 'string' && text !== '') return splitPaths(text);
      throw wrong(raw, "a path, or several with ':' between them");
    case 'integer': {
      const number = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text;
      const isZeroFine = spec.allowsZero === true && number === 0;
      if (typeof number === 'number' && Number.isInteger(number) && (number > 0 || isZeroFine)) return number;
      throw wrong(raw, spec.allowsZero === true ? 'a whole number' : 'a positive whole number');
    }
    case 'boolean': {
      const flag = toBoolean(text);
      if (flag !== undefined) return flag;
      throw wrong(raw, 'yes or no');
    }
    case 'duration': {
      const ms = typeof text === 'string' || typeof text === 'number' ? parseDurationMs(text) : undefined;
      if (ms !== undefined && (ms > 0 || spec.allowsZero === true)) return ms;
      throw wrong(raw, "a duration such as 30, '90s', '5m' or '1h30m'");
    }
    case 'choice': {
      const { choices = [] } = spec;
      // Ansible's plugins may be named in full.
      const word = typeof text === 'string' ? text.replace(/^ansible\.builtin\./, '') : undefined;
      if (word !== undefined && choices.includes(word)) return word;
      const words = choices.map((choice) => `'${choice}'`);
      throw wrong(raw, `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`);
    }
    case 'hostKeys': {
      if (text === 'strict' || text === 'accept-new' || text === 'off') return text;
      const checking = toBoolean(text);
      if (checking !== undefined) return checking ? 'strict' : 'off';
      throw wrong(raw, "'strict', 'accept-new' or 'off'");
    }
  }
}

/** Paths as in `$PATH`. */
export function splitPaths(text: string): string[] {
  return text
    .split(':')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

function wrong(raw: RawSetting, expected: string): FleetmendError {
  const found = typeof raw.value === 'string' ? `'${raw.value}'` : JSON.stringify(raw.value);
  const message = `expected ${raw.where} to be ${expected}, found ${found}`;
  if (raw.source === undefined) return new UsageError(message);
  const { file, line, column } = raw.source;
  return new FleetmendError('CONFIG_INVALID', `${file}:${line}:${column}: ${message}`, { source: raw.source });
}
