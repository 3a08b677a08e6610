/**
 * Every keyword of ssh_config, and what becomes of it here. What is read has a reader, which also checks it; the rest is
 * named in one of three lists. docs/ssh.md says the same in words.
 */
import { type JumpSpec, parseJumps } from './jump-spec.ts';

/** The values of the keywords that are read, by keyword in lower case. */
export interface KeywordValues {
  addressfamily: 'any' | 'inet' | 'inet6';
  bindaddress: string;
  canonicalizehostname: string;
  ciphers: string;
  connecttimeout: number | null;
  forwardagent: string;
  globalknownhostsfile: readonly string[];
  hostkeyalgorithms: string;
  hostkeyalias: string;
  hostname: string;
  identitiesonly: boolean;
  identityagent: string;
  identityfile: string;
  kbdinteractiveauthentication: boolean;
  kexalgorithms: string;
  macs: string;
  passwordauthentication: boolean;
  port: number;
  preferredauthentications: readonly string[];
  proxycommand: string;
  proxyjump: readonly JumpSpec[] | undefined;
  proxyusefdpass: boolean;
  pubkeyauthentication: boolean;
  serveralivecountmax: number;
  serveraliveinterval: number;
  stricthostkeychecking: 'strict' | 'accept-new' | 'off';
  user: string;
  userknownhostsfile: readonly string[];
}

export type UsedKeyword = keyof KeywordValues;

/** The arguments of a keyword: as words, and as they stand in the line. */
export interface KeywordInput {
  readonly words: readonly string[];
  readonly rest: string;
}

type Readers = { readonly [K in UsedKeyword]: (input: KeywordInput) => KeywordValues[K] };

/** Readers throw an Error that says what was expected. */
export const READERS: Readers = {
  addressfamily: oneOf('any', 'inet', 'inet6'),
  bindaddress: text,
  canonicalizehostname: oneOf('no', 'yes', 'always', 'none', 'false', 'true'),
  ciphers: text,
  connecttimeout: (input) => (text(input).toLowerCase() === 'none' ? null : seconds(input)),
  forwardagent: text,
  globalknownhostsfile: list,
  hostkeyalgorithms: text,
  hostkeyalias: text,
  hostname: text,
  identitiesonly: flag,
  identityagent: text,
  identityfile: text,
  kbdinteractiveauthentication: flag,
  kexalgorithms: text,
  macs: text,
  passwordauthentication: flag,
  port: (input) => {
    const word = text(input);
    const port = Number(word);
    if (/^\d+$/.test(word) && port > 0 && port < 65_536) return port;
    throw expected('a port from 1 to 65535', word);
  },
  preferredauthentications: (input) => text(input).split(','),
  proxycommand: command,
  proxyjump: (input) => parseJumps(command(input)),
  proxyusefdpass: flag,
  pubkeyauthentication: (input) => {
    const word = text(input).toLowerCase();
    // The two long words choose how keys are bound to hosts, not whether they are used.
    return word === 'unbound' || word === 'host-bound' ? true : flag(input);
  },
  serveralivecountmax: (input) => {
    const word = text(input);
    if (/^\d+$/.test(word)) return Number(word);
    throw expected('a whole number', word);
  },
  serveraliveinterval: seconds,
  stricthostkeychecking: (input) => {
    const word = text(input).toLowerCase();
    if (word === 'accept-new') return 'accept-new';
    if (word === 'yes' || word === 'true' || word === 'ask') return 'strict';
    if (word === 'no' || word === 'false' || word === 'off') return 'off';
    throw expected('yes, no, ask, off or accept-new', word);
  },
  user: text,
  userknownhostsfile: list,
};

/** Other names of the same keywords. */
export const KEYWORD_ALIASES: ReadonlyMap<string, UsedKeyword> = new Map<string, UsedKeyword>([
  ['challengeresponseauthentication', 'kbdinteractiveauthentication'],
  ['skeyauthentication', 'kbdinteractiveauthentication'],
  ['tisauthentication', 'kbdinteractiveauthentication'],
  ['dsaauthentication', 'pubkeyauthentication'],
  ['globalknownhostsfile2', 'globalknownhostsfile'],
  ['identityfile2', 'identityfile'],
  ['protocolkeepalives', 'serveraliveinterval'],
  ['setuptimeout', 'serveraliveinterval'],
  ['userknownhostsfile2', 'userknownhostsfile'],
]);

/**
 * Further ways to authenticate, which this client does not have: the others are tried, and when none works the error says
 * that there would have been these.
 */
export const OTHER_AUTHENTICATION: ReadonlyMap<string, string> = new Map([
  ['certificatefile', 'CertificateFile'],
  ['gssapiauthentication', 'GSSAPIAuthentication'],
  ['hostbasedauthentication', 'HostbasedAuthentication'],
  ['pkcs11provider', 'PKCS11Provider'],
  ['securitykeyprovider', 'SecurityKeyProvider'],
]);

/** What decides whom we trust or how a host is reached, and cannot be honoured: a host that it applies to is refused. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ['bindinterface', 'BindInterface'],
  ['knownhostscommand', 'KnownHostsCommand'],
  ['requiredrsasize', 'RequiredRSASize'],
  ['revokedhostkeys', 'RevokedHostKeys'],
]);

/** What has no meaning here: no terminal, no forwarding, no shared master process, no log of ssh's. */
export const IGNORED: ReadonlySet<string> = new Set(
  `addkeystoagent afstokenpassing batchmode canonicaldomains canonicalizefallbacklocal canonicalizemaxdots
  canonicalizepermittedcnames casignaturealgorithms channeltimeout checkhostip cipher clearallforwardings compression
  compressionlevel connectionattempts controlmaster controlpath controlpersist dynamicforward enableescapecommandline
  enablesshkeysign escapechar exitonforwardfailure fallbacktorsh fingerprinthash forkafterauthentication forwardx11
  forwardx11timeout forwardx11trusted gatewayports gssapiclientidentity gssapidelegatecredentials gssapikexalgorithms
  gssapikeyexchange gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns hashknownhosts
  hostbasedacceptedalgorithms hostbasedkeytypes ignoreunknown ipqos kbdinteractivedevices keepalive kerberosauthentication
  kerberostgtpassing localcommand localforward loglevel logverbose nohostauthenticationforlocalhost numberofpasswordprompts
  obscurekeystroketiming permitlocalcommand permitremoteopen protocol pubkeyacceptedalgorithms pubkeyacceptedkeytypes
  refuseconnection rekeylimit remotecommand remoteforward requesttty rhostsauthentication rhostsrsaauthentication
  rsaauthentication sendenv sessiontype setenv smartcarddevice stdinnull streamlocalbindmask streamlocalbindunlink
  syslogfacility tag tcpkeepalive tunnel tunneldevice updatehostkeys useblacklistedkeys usekeychain useprivilegedport
  usersh verifyhostkeydns versionaddendum visualhostkey warnweakcrypto xauthlocation`.split(/\s+/),
);

/** All names, for suggestions. */
export function* allKeywords(): Iterable<string> {
  yield* Object.keys(READERS);
  yield* KEYWORD_ALIASES.keys();
  yield* OTHER_AUTHENTICATION.keys();
  yield* REFUSED.keys();
  yield* IGNORED;
  yield* ['host', 'match', 'include'];
}

function text({ words }: KeywordInput): string {
  const [word = ''] = words;
  if (words.length > 1) throw new Error(`expected one argument, found ${words.length}`);
  if (word === '') throw new Error('expected an argument, found none');
  return word;
}

function list({ words }: KeywordInput): readonly string[] {
  if (words.length === 0) throw new Error('expected an argument, found none');
  return words;
}

// Up to the end of the line, quotes and all: a shell reads it.
function command({ rest }: KeywordInput): string {
  if (rest === '') throw new Error('expected an argument, found none');
  return rest;
}

function flag(input: KeywordInput): boolean {
  const word = text(input).toLowerCase();
  if (word === 'yes' || word === 'true') return true;
  if (word === 'no' || word === 'false') return false;
  throw expected('yes or no', word);
}

function oneOf<T extends string>(...choices: readonly T[]): (input: KeywordInput) => T {
  return (input) => {
    const word = text(input).toLowerCase();
    const choice = choices.find((each) => each === word);
    if (choice === undefined) throw expected(choices.join(', '), word);
    return choice;
  };
}

// "90", "1m", "1h30m": seconds unless a unit says otherwise.
function seconds(input: KeywordInput): number {
  const word = text(input);
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  if (!/^(\d+[smhdw]?)+$/i.test(word)) throw expected('a time such as 30 or 1m30s', word);
  let total = 0;
  for (const [, count = '', unit = ''] of word.matchAll(/(\d+)([smhdw]?)/gi)) {
    total += Number(count) * (units[unit.toLowerCase()] ?? 1);
  }
  return total;
}

function expected(what: string, found: string): Error {
  return new Error(`expected ${what}, found '${found}'`);
}
