/** Asks the DNS servers of resolv.conf directly, without the threads that the system's look-up blocks. */
import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';

/**
 * The addresses of a name, tried with the search domains as the system does.
 *
 * @returns none when the signal fired
 * @throws Error when DNS does not know the name, or does not answer
 */
export async function askNameServers(name: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const onAbort = () => resolver.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (const candidate of candidatesOf(name)) {
      const answers = await Promise.allSettled([resolver.resolve4(candidate), resolver.resolve6(candidate)]);
      const found = answers.flatMap((answer, index) =>
        answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family: index === 0 ? 4 : 6 })) : [],
      );
      if (found.length > 0 || signal.aborted) return found;
    }
    throw new Error(`DNS does not know '${name}'`);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

// The name with the search domains of resolv.conf, in the order in which the system tries them.
function candidatesOf(name: string): string[] {
  if (name.endsWith('.')) return [name];
  let domains: string[] = [];
  let dots = 1;
  for (const line of resolvConf().split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'search' || word === 'domain') domains = rest;
    const ndots = word === 'options' ? /\bndots:(\d+)/.exec(line)?.[1] : undefined;
    if (ndots !== undefined) dots = Number(ndots);
  }
  const searched = domains.map((domain) => `${name}.${domain}`);
  return name.split('.').length > dots ? [name, ...searched] : [...searched, name];
}

function resolvConf(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return '';
  }
}
