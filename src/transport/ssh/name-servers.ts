/** Asks the DNS servers of resolv.conf directly, without the threads that the system's look-up blocks. */
import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a name is in /etc/hosts, or is looked up by other means than DNS (`.local`). */
export function needsNoDns(name: string): boolean {
  const wanted = name.toLowerCase();
  if (wanted === 'localhost' || wanted.endsWith('.local')) return true;
  return textOf('/etc/hosts')
    .split('\n')
    .some((line) => line.replace(/#.*/, '').toLowerCase().trim().split(/\s+/).slice(1).includes(wanted));
}

/**
 * The addresses of a name, tried with the search domains as the system does.
 *
 * @returns none when DNS does not know the name
 * @throws Error when no name server answers, or the signal fired
 */
export async function askNameServers(name: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  const resolver = new Resolver({ timeout: ANSWER_LIMIT_MS, tries: 2 });
  const onAbort = () => resolver.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (const candidate of candidatesOf(name)) {
      const found = await bothFamilies(resolver, candidate);
      if (found.length > 0) return found;
    }
    return [];
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** For one question to one server; the second try takes twice as long. */
const ANSWER_LIMIT_MS = 2000;
/** Some servers never answer for one of the two families. */
const OTHER_FAMILY_MS = 300;

async function bothFamilies(resolver: Resolver, name: string): Promise<LookupAddress[]> {
  const ask = async (family: 4 | 6): Promise<LookupAddress[]> => {
    try {
      const found = await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
      return found.map((address) => ({ address, family }));
    } catch (error) {
      if (SILENCE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return [];
    }
  };
  const asked = [ask(4), ask(6)];
  const first = await Promise.any(asked);
  // Which of the two it was does not matter: the one that is answered already is there at once.
  const limited = asked.map((each) => Promise.race([each, sleep(OTHER_FAMILY_MS, [], { ref: false })]));
  const rest = await Promise.allSettled(first.length > 0 ? limited : asked);
  const found = rest.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const [silent] = rest.filter((each) => each.status === 'rejected');
  if (found.length === 0 && silent !== undefined) throw silent.reason;
  return found;
}

/** Errors that are no answer; all others (unknown name, no such record, no server at all) are. */
const SILENCE: ReadonlySet<string> = new Set(['ETIMEOUT', 'ECANCELLED', 'EDESTRUCTION']);

// The name with the search domains of resolv.conf, in the order in which the system tries them.
function candidatesOf(name: string): string[] {
  if (name.endsWith('.')) return [name];
  let domains: string[] = [];
  let dots = 1;
  for (const line of textOf('/etc/resolv.conf').split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'search' || word === 'domain') domains = rest;
    const ndots = word === 'options' ? /\bndots:(\d+)/.exec(line)?.[1] : undefined;
    if (ndots !== undefined) dots = Number(ndots);
  }
  const searched = domains.map((domain) => `${name}.${domain}`);
  return name.split('.').length > dots ? [name, ...searched] : [...searched, name];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
