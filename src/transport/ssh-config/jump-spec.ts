/** Reads the argument of ProxyJump and of `-J`. */
import { isIPv6 } from 'node:net';

/** A jump host as it was written; what is not said comes from its own ssh_config section. */
export interface JumpSpec {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

/**
 * The hosts of `user@host:port,ssh://user@host:port,…`, first to dial first.
 *
 * @returns undefined for the word `none`
 * @throws Error whose message says what is wrong
 */
export function parseJumps(text: string): readonly JumpSpec[] | undefined {
  if (text.toLowerCase() === 'none') return undefined;
  return text.split(',').map((each) => parseJump(each.trim()));
}

/** One host: `[user@]host[:port]` or `ssh://[user@]host[:port]`; an IPv6 address stands in brackets before a port. */
export function parseJump(text: string): JumpSpec {
  const body = /^ssh:\/\/([^/]*)\/?$/.exec(text)?.[1] ?? text;
  const at = body.lastIndexOf('@');
  const user = at < 0 ? undefined : body.slice(0, at);
  const rest = body.slice(at + 1);
  const match = /^\[([^\]]+)\](?::(\d+))?$|^([^:[\]/]+)(?::(\d+))?$/.exec(rest);
  const host = match?.[1] ?? match?.[3] ?? (isIPv6(rest) ? rest : undefined);
  const portText = match?.[2] ?? match?.[4];
  const port = portText === undefined ? undefined : Number(portText);
  const isPort = port === undefined || (port > 0 && port < 65_536);
  // A host that begins with a dash would be an option to whatever program reads it next.
  if (host === undefined || host.startsWith('-') || user === '' || !isPort) {
    throw new Error(`expected a jump host such as user@host:port, found '${text}'`);
  }
  return { user, host, port };
}

/** The hosts as they would be written. */
export function formatJump({ user, host, port }: JumpSpec): string {
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return `${user === undefined ? '' : `${user}@`}${shownHost}${port === undefined ? '' : `:${port}`}`;
}
