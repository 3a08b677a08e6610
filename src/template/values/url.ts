/** The parts of a URL, as Python's `urlsplit` tells them; nothing is decoded or made normal. */
import { fail } from '../failure.ts';

export interface UrlParts {
  readonly fragment: string;
  readonly hostname: string | null;
  readonly netloc: string;
  readonly password: string | null;
  readonly path: string;
  readonly port: number | null;
  readonly query: string;
  readonly scheme: string;
  readonly username: string | null;
}

/** @throws EvaluationFailure TEMPLATE_ERROR for a port that is no number and a bracket that is not closed */
export function splitUrl(url: string): UrlParts {
  const match = /^(?:([a-zA-Z][a-zA-Z\d+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(
    url.replace(/[\t\r\n]/g, '').replace(/^[\0- ]+/, ''),
  );
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] = match ?? [];
  if (netloc.includes('[') !== netloc.includes(']')) fail(`Expected '[' and ']' around an IPv6 address in '${netloc}'`);
  const at = netloc.lastIndexOf('@');
  const user = at < 0 ? undefined : netloc.slice(0, at);
  const [, bracketed, plain = '', portText] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::([\s\S]*))?$/.exec(netloc.slice(at + 1)) ?? [];
  const host = bracketed ?? plain;
  const colon = user?.indexOf(':') ?? -1;
  return {
    fragment,
    hostname: host === '' ? null : host.toLowerCase(),
    netloc,
    password: user === undefined || colon < 0 ? null : user.slice(colon + 1),
    path,
    port: readPort(portText, url),
    query,
    scheme: scheme.toLowerCase(),
    username: user === undefined ? null : colon < 0 ? user : user.slice(0, colon),
  };
}

function readPort(text: string | undefined, url: string): number | null {
  if (text === undefined || text === '') return null;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) fail(`Expected a port from 0 to 65535 in '${url}', got '${text}'`);
  return port;
}
