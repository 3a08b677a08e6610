/**
 * From what is asked for a host to the target that is dialled: what was said about it in so many words, then ssh_config,
 * then what is usual; with the jump hosts on the way, each looked up in ssh_config like any other host.
 */
import { TransportError } from '../../errors.ts';
import { Secret } from '../../util/secret.ts';
import { opensshWords } from '../openssh/words.ts';
import type { HostKeyPolicy, KeepAlive, Target, TransportKind } from '../types.ts';
import { type CommandLineOptions, parseSshOptions } from './command-line.ts';
import { formatJump, type JumpSpec } from './jump-spec.ts';
import type { KeywordValues } from './keywords.ts';
import type { Setting } from './parse.ts';
import type { HostSettings } from './settings.ts';
import type { SshConfigSource } from './source.ts';

/** What is said about a host outside of ssh_config; undefined: nothing. */
export interface SshRequest {
  /** The inventory's name. */
  readonly name: string;
  /** Name to look up in ssh_config, and to dial when that names no other. */
  readonly host: string;
  /** Why the host cannot be dialled at all. */
  readonly noAddressReason?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: Secret;
  /** Tried before those of ssh_config. */
  readonly keyFile?: string;
  readonly passphrase?: Secret;
  readonly connectTimeoutMs?: number;
  readonly connectRetries?: number;
  readonly hostKeyPolicy?: HostKeyPolicy;
  /** Options for ssh's command line, by the names of the variables that hold them. */
  readonly options: Readonly<Record<OptionsName, string | undefined>>;
}

/** The first beats what the request says, the others do not: their places on the command line that Ansible makes. */
export type OptionsName = 'ansible_ssh_args' | 'ansible_ssh_common_args' | 'ansible_ssh_extra_args';

/** What holds for all hosts of a run. */
export interface SshRunSettings {
  /** Beats ssh_config, also for jump hosts. */
  readonly hostKeyPolicy?: HostKeyPolicy;
  /** In place of those of ssh_config, also for jump hosts. */
  readonly knownHostsFiles?: readonly string[];
  /** Beats ssh_config, also for jump hosts. */
  readonly connectTimeoutMs?: number;
  readonly authTimeoutMs: number;
  readonly connectRetries?: number;
  /** Beats ssh_config, also for jump hosts. */
  readonly keepAlive?: KeepAlive;
  /** Keys that are tried where none is named. */
  readonly usualKeyFiles: readonly string[];
  readonly agentSocket?: string;
}

/** Resolves the hosts of a run. */
export interface SshTargets {
  /** @throws TransportError CONNECT_FAILED; FleetmendError CONFIG_INVALID, FILE_NOT_FOUND, FILE_UNREADABLE */
  resolve(kind: TransportKind, request: SshRequest): Promise<Target>;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_ALIVE_COUNT_MAX = 3;
/** More hosts in a row are a mistake. */
const MAX_JUMPS = 16;

export function createSshTargets(source: SshConfigSource, run: SshRunSettings): SshTargets {
  const parsed = new Map<string, CommandLineOptions>();
  const jumps = new Map<string, Promise<readonly Target[]>>();
  // By name of the host: each of its tasks asks, and a long ssh_config takes its time.
  const resolved = new Map<string, { readonly request: SshRequest; readonly target: Target }>();

  const optionsOf = (name: OptionsName, text: string | undefined): CommandLineOptions => {
    if (text === undefined) return NO_OPTIONS;
    const id = `${name}\0${text}`;
    const known = parsed.get(id) ?? parseSshOptions(text, name);
    parsed.set(id, known);
    return known;
  };

  // Options that hold whoever asks; they stand before ssh_config.
  const ofRun: readonly Setting[] = [
    ...given('stricthostkeychecking', run.hostKeyPolicy),
    ...given('userknownhostsfile', run.knownHostsFiles),
    ...given('globalknownhostsfile', run.knownHostsFiles === undefined ? undefined : ['none']),
    ...given('connecttimeout', run.connectTimeoutMs === undefined ? undefined : run.connectTimeoutMs / 1000),
  ];

  // The hosts to go through, first to dial first. `way`: the names that led here, for circles.
  const jumpsTo = (
    settings: HostSettings,
    configFile: string | undefined,
    way: readonly string[],
  ): Promise<readonly Target[]> => {
    const specs = settings.jumps ?? [];
    if (specs.length === 0) return Promise.resolve([]);
    const id = JSON.stringify([configFile ?? null, specs.map(formatJump)]);
    const known = jumps.get(id);
    if (known !== undefined && way.length === 1) return known;
    const resolving = resolveJumps(specs, configFile, way);
    // Only from a host of the inventory: within a circle, one would wait for the other.
    if (way.length === 1) jumps.set(id, resolving);
    return resolving;
  };

  const resolveJumps = async (
    specs: readonly JumpSpec[],
    configFile: string | undefined,
    way: readonly string[],
  ): Promise<readonly Target[]> => {
    const chain: Target[] = [];
    for (const [index, spec] of specs.entries()) {
      const shown = formatJump(spec);
      const further = [...way, shown];
      if (way.includes(shown) || further.length > MAX_JUMPS) {
        throw new TransportError('CONNECT_FAILED', `ProxyJump goes round in a circle: ${further.join(' -> ')}`, {
          hint: `take the jump host out of the section that names it: \`Host * !${spec.host}\``,
        });
      }
      const first = [...given('user', spec.user), ...given('port', spec.port), ...ofRun];
      const settings = await source.lookUp({ host: spec.host, first, configFile });
      // The first is reached as its own section says; the others from the one before.
      if (index === 0) chain.push(...(await jumpsTo(settings, configFile, further)));
      const target = toTarget({ name: shown, options: NO_REQUEST_OPTIONS, host: spec.host }, settings, run, source);
      chain.push(chain.length > 0 ? { ...target, proxyCommand: undefined } : target);
    }
    return chain;
  };

  const targetFor = async (kind: TransportKind, request: SshRequest): Promise<Target> => {
    const { options } = request;
    if (kind === 'local' || kind === 'docker')
      return { ...toTarget(request, withoutConfig(request), run, source), kind };
    const [before, ...after] = OPTION_NAMES.map((name) => optionsOf(name, options[name]));
    const all = [before, ...after].filter((each) => each !== undefined);
    const configFile = all.find((each) => each.configFile !== undefined)?.configFile;
    const first = [
      ...(before?.settings ?? []),
      ...given('port', request.port),
      ...given('user', request.user),
      ...given('identityfile', request.keyFile),
      ...given('connecttimeout', request.connectTimeoutMs === undefined ? undefined : request.connectTimeoutMs / 1000),
      ...given('stricthostkeychecking', request.hostKeyPolicy),
      ...after.flatMap((each) => each.settings),
      ...ofRun,
    ];
    // What only the system's ssh can do is refused, unless it is the system's ssh that will be used.
    const settings = await source.lookUp({ host: request.host, first, configFile, acceptsAll: kind !== 'ssh' });
    const target = { ...toTarget(request, settings, run, source), kind };
    if (kind === 'ssh') {
      const chain = await jumpsTo(settings, configFile, [request.host]);
      return chain.length === 0 ? target : { ...target, jumps: chain };
    }
    // It reads ssh_config by itself: what was said besides is all that it is told.
    const fileWords = configFile === undefined && source.file !== undefined ? ['-F', source.file] : [];
    const words = [
      ...(before?.words ?? []),
      ...opensshWords(request),
      ...after.flatMap((each) => each.words),
      ...opensshWords(run),
    ];
    return {
      ...target,
      address: target.address === null ? null : request.host,
      privateKeyFiles: request.keyFile === undefined ? [] : [request.keyFile],
      proxyCommand: undefined,
      opensshArgs: [...fileWords, ...words],
    };
  };

  return {
    async resolve(kind, request) {
      const last = resolved.get(request.name);
      if (last?.target.kind === kind && isSame(last.request, request)) return last.target;
      const target = await targetFor(kind, request);
      resolved.set(request.name, { request, target });
      return target;
    },
  };
}

// Whether two requests ask for the same.
function isSame(a: SshRequest, b: SshRequest): boolean {
  const { options: aOptions, ...aFields } = a;
  const { options: bOptions, ...bFields } = b;
  return haveSameValues(aFields, bFields) && haveSameValues(aOptions, bOptions);
}

function haveSameValues(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return [...Object.keys(a), ...Object.keys(b)].every((key) => plainValue(a[key]) === plainValue(b[key]));
}

const plainValue = (value: unknown): unknown => (value instanceof Secret ? value.reveal() : value);

const OPTION_NAMES: readonly OptionsName[] = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'];
const NO_OPTIONS: CommandLineOptions = { settings: [], words: [] };
const NO_REQUEST_OPTIONS: SshRequest['options'] = {
  ansible_ssh_args: undefined,
  ansible_ssh_common_args: undefined,
  ansible_ssh_extra_args: undefined,
};

// A keyword that somebody else than ssh_config gives a value to.
function given<K extends keyof KeywordValues>(keyword: K, value: KeywordValues[K] | undefined): Setting[] {
  return value === undefined ? [] : [{ kind: 'used', keyword, value, place: 'settings' }];
}

// For a host that is not reached by SSH at all.
function withoutConfig({ host, port, user, keyFile }: SshRequest): HostSettings {
  const identityFiles = keyFile === undefined ? undefined : [keyFile];
  return { hostName: host, port, user, identityFiles, otherAuthentication: [] };
}

function toTarget(request: SshRequest, settings: HostSettings, run: SshRunSettings, source: SshConfigSource): Target {
  const agentSocket = settings.identityAgent === undefined ? run.agentSocket : (settings.identityAgent ?? undefined);
  const forwarded = settings.forwardAgent;
  const { home } = source.local;
  return {
    name: request.name,
    kind: 'ssh',
    address: request.noAddressReason === undefined ? settings.hostName : null,
    noAddressReason: request.noAddressReason,
    port: settings.port ?? 22,
    user: settings.user ?? source.local.name,
    password: request.password,
    privateKeyFiles: settings.identityFiles ?? run.usualKeyFiles,
    usesUsualKeys: settings.identityFiles === undefined,
    passphrase: request.passphrase,
    agentSocket,
    identitiesOnly: settings.identitiesOnly,
    forwardAgent: forwarded !== undefined && forwarded !== false,
    forwardAgentSocket: typeof forwarded === 'string' ? forwarded : undefined,
    authMethods: settings.authMethods,
    otherAuthentication: settings.otherAuthentication,
    proxyCommand: settings.proxyCommand,
    addressFamily: settings.addressFamily,
    bindAddress: settings.bindAddress,
    algorithms: settings.algorithms,
    hostKeyAlias: settings.hostKeyAlias,
    hostKeyPolicy: settings.hostKeyPolicy ?? 'strict',
    knownHostsFiles: [
      ...(settings.userKnownHostsFiles ?? [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`]),
      ...(settings.globalKnownHostsFiles ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
    ],
    connectTimeoutMs: settings.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    authTimeoutMs: run.authTimeoutMs,
    keepAlive:
      run.keepAlive ??
      (settings.aliveIntervalMs === undefined
        ? undefined
        : { intervalMs: settings.aliveIntervalMs, countMax: settings.aliveCountMax ?? DEFAULT_ALIVE_COUNT_MAX }),
    connectRetries: request.connectRetries ?? run.connectRetries,
  };
}
