/** Replaces `%h` and its like, and `${NAME}`, in the arguments of keywords. */
import { createHash } from 'node:crypto';

/** What the tokens stand for. */
export interface TokenValues {
  /** %n: the name as it was asked for. */
  readonly originalHost: string;
  /** %h */
  readonly hostName: string;
  /** %p */
  readonly port: number;
  /** %r */
  readonly user: string;
  /** %k: the alias under which the host's key is known, or %n. */
  readonly hostKeyAlias?: string;
  /** %j: the jump host, empty for none. */
  readonly jumpHost?: string;
  readonly local: LocalUser;
}

/** Who runs us, and where. */
export interface LocalUser {
  /** %u */
  readonly name: string;
  /** %i */
  readonly uid: number;
  /** %d */
  readonly home: string;
  /** %l: the name of this machine, with its domain when it has one. */
  readonly hostName: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The tokens of HostName, of the ways to a host, and of file names and commands. */
export const HOST_NAME_TOKENS = 'h';
export const PROXY_TOKENS = 'hnpr';
export const FILE_TOKENS = 'CdhijkLlnpru';

/** Thrown for a token or a variable that cannot be replaced; the message says which. */
export class ExpansionError extends Error {}

/**
 * Replaces the tokens of a text; `%%` is a percent sign.
 *
 * @param allowed - letters of the tokens that the keyword knows
 * @throws {@link ExpansionError} for any other
 */
export function expandTokens(text: string, allowed: string, values: TokenValues): string {
  if (!text.includes('%')) return text;
  return text.replace(/%(.?)/gs, (token, letter: string) => {
    if (letter === '%') return '%';
    if (letter === '' || !allowed.includes(letter)) {
      const known = [...allowed].map((each) => `%${each}`).join(' ');
      throw new ExpansionError(`'${token}' is no token that is known here (${known} %%)`);
    }
    return tokenValue(letter, values);
  });
}

/** Replaces `${NAME}`. @throws {@link ExpansionError} for a variable that is not set */
export function expandVariables(text: string, env: LocalUser['env']): string {
  if (!text.includes('${')) return text;
  return text.replace(/\$\{([^}]*)(\}?)/g, (_match, name: string, close: string) => {
    if (close === '') throw new ExpansionError("'${' is not closed");
    const value = env[name];
    if (value === undefined) throw new ExpansionError(`the environment variable ${name} is not set`);
    return value;
  });
}

/** `~` and `~/…` at the start of a path; `~name` stays, since no other home is known. */
export function expandTilde(path: string, home: string): string {
  if (path === '~') return home;
  return path.startsWith('~/') ? `${home}/${path.slice(2)}` : path;
}

function tokenValue(letter: string, values: TokenValues): string {
  const { local } = values;
  switch (letter) {
    case 'C': {
      const whole = `${local.hostName}${values.hostName}${values.port}${values.user}${values.jumpHost ?? ''}`;
      return createHash('sha1').update(whole).digest('hex');
    }
    case 'd':
      return local.home;
    case 'h':
      return values.hostName;
    case 'i':
      return String(local.uid);
    case 'j':
      return values.jumpHost ?? '';
    case 'k':
      return values.hostKeyAlias ?? values.originalHost;
    case 'L':
      return local.hostName.replace(/\..*$/s, '');
    case 'l':
      return local.hostName;
    case 'n':
      return values.originalHost;
    case 'p':
      return String(values.port);
    case 'r':
      return values.user;
    default:
      return local.name;
  }
}
