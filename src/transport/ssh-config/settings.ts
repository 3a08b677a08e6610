/** From what was found in an ssh_config to settings that can be used: tokens and `~` replaced, `none` understood. */
import { errorMessage, TransportError } from '../../errors.ts';
import type { AlgorithmChoice, AuthMethod, HostKeyPolicy } from '../types.ts';
import type { FoundSettings } from './evaluate.ts';
import { formatJump, type JumpSpec } from './jump-spec.ts';
import { OTHER_AUTHENTICATION, REFUSED } from './keywords.ts';
import {
  ExpansionError,
  expandTilde,
  expandTokens,
  expandVariables,
  FILE_TOKENS,
  HOST_NAME_TOKENS,
  type LocalUser,
  PROXY_TOKENS,
  type TokenValues,
} from './tokens.ts';

/** What ssh_config and options say about a host; undefined where they say nothing. */
export interface HostSettings {
  /** Name or address to dial. */
  readonly hostName: string;
  readonly port?: number;
  readonly user?: string;
  /** Whole paths; empty for `none`. */
  readonly identityFiles?: readonly string[];
  readonly identitiesOnly?: boolean;
  /** Path of the agent's socket; null for `none`. */
  readonly identityAgent?: string | null;
  readonly jumps?: readonly JumpSpec[];
  readonly proxyCommand?: string;
  readonly connectTimeoutMs?: number;
  readonly aliveIntervalMs?: number;
  readonly aliveCountMax?: number;
  readonly userKnownHostsFiles?: readonly string[];
  readonly globalKnownHostsFiles?: readonly string[];
  readonly hostKeyPolicy?: HostKeyPolicy;
  readonly hostKeyAlias?: string;
  /** Whether to forward, or the socket of the agent that is forwarded. */
  readonly forwardAgent?: boolean | string;
  readonly authMethods?: readonly AuthMethod[];
  readonly algorithms?: AlgorithmChoice;
  readonly addressFamily?: 4 | 6;
  readonly bindAddress?: string;
  /** Ways to authenticate that only the system's ssh has: `CertificateFile (file:line)`. */
  readonly otherAuthentication: readonly string[];
}

const OPENSSH_HINT = "set `ansible_connection: openssh` for the host: the system's ssh can do it";

/**
 * @param acceptsAll - what cannot be honoured here is no error
 * @throws TransportError CONNECT_FAILED for what cannot be honoured, or cannot be expanded; it names the place
 */
export function toHostSettings(host: string, found: FoundSettings, local: LocalUser, acceptsAll = false): HostSettings {
  const { values, places } = found;
  const at = <T>(keyword: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      throw new TransportError('CONNECT_FAILED', `${places.get(keyword) ?? host}: ${keyword}: ${errorMessage(error)}`);
    }
  };
  if (!acceptsAll) refuseWhatIsNotDone(host, found);
  const originalHost = host;
  const base = { originalHost, hostName: host, port: values.port ?? 22, user: values.user ?? local.name, local };
  const hostName = at('hostname', () => expandTokens(values.hostname ?? '%h', HOST_NAME_TOKENS, base)).toLowerCase();
  const jumpHost = values.proxyjump?.at(-1)?.host;
  const tokens: TokenValues = { ...base, hostName, hostKeyAlias: values.hostkeyalias, jumpHost };
  const path = (text: string) =>
    expandVariables(expandTokens(expandTilde(text, local.home), FILE_TOKENS, tokens), local.env);
  const paths = (keyword: string, texts: readonly string[]) =>
    at(keyword, () => (isNone(texts[0]) ? [] : texts.map(path)));
  return {
    hostName,
    port: values.port,
    user: values.user,
    identityFiles:
      found.identityFiles.length === 0
        ? undefined
        : at('identityfile', () => found.identityFiles.filter((file) => !isNone(file)).map(path)),
    identitiesOnly: values.identitiesonly,
    identityAgent: at('identityagent', () => agentSocket(values.identityagent, local, path)),
    jumps: at('proxyjump', () => values.proxyjump?.map((jump) => expandJump(jump, tokens))),
    proxyCommand:
      values.proxycommand === undefined || isNone(values.proxycommand)
        ? undefined
        : at('proxycommand', () => expandTokens(values.proxycommand ?? '', PROXY_TOKENS, tokens)),
    connectTimeoutMs: typeof values.connecttimeout === 'number' ? values.connecttimeout * 1000 : undefined,
    aliveIntervalMs: values.serveraliveinterval === undefined ? undefined : values.serveraliveinterval * 1000,
    aliveCountMax: values.serveralivecountmax,
    userKnownHostsFiles:
      values.userknownhostsfile === undefined ? undefined : paths('userknownhostsfile', values.userknownhostsfile),
    globalKnownHostsFiles: isNone(values.globalknownhostsfile?.[0]) ? [] : values.globalknownhostsfile,
    hostKeyPolicy: values.stricthostkeychecking,
    hostKeyAlias: values.hostkeyalias,
    forwardAgent: at('forwardagent', () => forwardedAgent(values.forwardagent, local, path)),
    authMethods: authMethods(values),
    algorithms: algorithms(values),
    addressFamily: values.addressfamily === 'inet' ? 4 : values.addressfamily === 'inet6' ? 6 : undefined,
    bindAddress: values.bindaddress,
    otherAuthentication: otherAuthentication(found),
  };
}

function refuseWhatIsNotDone(host: string, { values, others, places }: FoundSettings): void {
  const refuse = (keyword: string, place: string | undefined): never => {
    throw new TransportError('CONNECT_FAILED', `'${host}' needs ${keyword} (${place}), which is not supported here`, {
      hint: OPENSSH_HINT,
    });
  };
  for (const { kind, keyword, value, place } of others) {
    if (kind === 'refused' && !isNone(String(value))) refuse(REFUSED.get(keyword) ?? keyword, place);
  }
  if (values.proxyusefdpass === true && !isNone(values.proxycommand)) {
    refuse('ProxyUseFdpass', places.get('proxyusefdpass'));
  }
  const canonical = values.canonicalizehostname;
  if (canonical === 'yes' || canonical === 'true' || canonical === 'always') {
    refuse('CanonicalizeHostname', places.get('canonicalizehostname'));
  }
}

function isNone(text: string | undefined): boolean {
  return text?.toLowerCase() === 'none';
}

function expandJump(jump: JumpSpec, tokens: TokenValues): JumpSpec {
  if (!formatJump(jump).includes('%')) return jump;
  const expand = (text: string) => expandTokens(text, PROXY_TOKENS, tokens);
  return { ...jump, user: jump.user === undefined ? undefined : expand(jump.user), host: expand(jump.host) };
}

function agentSocket(
  value: string | undefined,
  local: LocalUser,
  path: (text: string) => string,
): string | null | undefined {
  if (value === undefined) return undefined;
  if (isNone(value)) return null;
  if (value === 'SSH_AUTH_SOCK') return local.env.SSH_AUTH_SOCK ?? null;
  if (/^\$\w+$/.test(value)) return local.env[value.slice(1)] ?? null;
  return path(value);
}

function forwardedAgent(
  value: string | undefined,
  local: LocalUser,
  path: (text: string) => string,
): boolean | string | undefined {
  if (value === undefined) return undefined;
  const word = value.toLowerCase();
  if (word === 'yes' || word === 'true') return true;
  if (word === 'no' || word === 'false') return false;
  if (!value.startsWith('$') || value.startsWith('${')) return path(value);
  const socket = local.env[value.slice(1)];
  if (socket === undefined) throw new ExpansionError(`the environment variable ${value.slice(1)} is not set`);
  return socket;
}

// Undefined when nothing departs from the usual order.
function authMethods(values: FoundSettings['values']): readonly AuthMethod[] | undefined {
  const off: Readonly<Record<AuthMethod, boolean>> = {
    publickey: values.pubkeyauthentication === false,
    password: values.passwordauthentication === false,
    'keyboard-interactive': values.kbdinteractiveauthentication === false,
  };
  const usual: readonly AuthMethod[] = ['publickey', 'password', 'keyboard-interactive'];
  const preferred = values.preferredauthentications?.flatMap((name) => usual.filter((method) => method === name));
  if (preferred === undefined && !usual.some((method) => off[method])) return undefined;
  return (preferred ?? usual).filter((method) => !off[method]);
}

function algorithms(values: FoundSettings['values']): AlgorithmChoice | undefined {
  const { kexalgorithms: kex, ciphers: cipher, macs: mac, hostkeyalgorithms: hostKey } = values;
  if (kex === undefined && cipher === undefined && mac === undefined && hostKey === undefined) return undefined;
  return { kex, cipher, mac, hostKey };
}

function otherAuthentication({ others }: FoundSettings): readonly string[] {
  return others
    .filter(({ kind, value }) => {
      const word = String(value).toLowerCase();
      return kind === 'other-authentication' && !['no', 'false', 'none', 'internal'].includes(word);
    })
    .map(({ keyword, place }) => `${OTHER_AUTHENTICATION.get(keyword)} (${place})`);
}
