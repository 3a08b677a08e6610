/** Host names as inventories write them: ranges, ports, IPv6 addresses. */
import { isIPv6 } from 'node:net';

/** Hosts that one word stands for. */
export interface HostWord {
  readonly names: readonly string[];
  readonly port?: number;
}

/** What is wrong with a word, as the end of a sentence "expected a host, …". */
export interface HostWordProblem {
  readonly problem: string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const MAX_HOSTS = 1_000_000;

/**
 * Reads `web1`, `web[01:50:2].example.com`, `db-[a:f]`, `web1:2222`, `::1`, `[::1]:22`. Ranges include their end; a
 * leading zero fixes the width.
 *
 * @see https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html (ranges of hosts)
 */
export function parseHostWord(word: string): HostWord | HostWordProblem {
  const bracketed = /^\[([^[\]]+)\](?::(\d+))?$/.exec(word);
  if (bracketed?.[1] !== undefined && isIPv6(bracketed[1])) return withPort([bracketed[1]], bracketed[2]);
  if (isIPv6(word)) return { names: [word] };
  const colons = word.replaceAll(/\[[^\]]*\]/g, '').split(':').length - 1;
  if (colons === 0) return withPort(expandRanges(word), undefined);
  if (colons === 1) {
    const [, host, port] = /^(.+):(\d+)$/.exec(word) ?? [];
    if (host === undefined) return { problem: `found '${word}': after ':' a port number is expected` };
    return withPort(expandRanges(host), port);
  }
  if (!isIPv6(word.replaceAll(/\[[^\]]*\]/g, '1'))) return { problem: `found '${word}'` };
  return withPort(expandRanges(word), undefined);
}

function withPort(
  names: readonly string[] | HostWordProblem,
  portText: string | undefined,
): HostWord | HostWordProblem {
  if ('problem' in names) return names;
  if (portText === undefined) return { names };
  const port = Number(portText);
  return port >= 1 && port <= 65535 ? { names, port } : { problem: `found the port ${portText}: ports are 1 to 65535` };
}

// All names of a word with any number of ranges, the last one varying fastest.
function expandRanges(word: string): readonly string[] | HostWordProblem {
  const match = /^([^[]*)\[([^\]]*:[^\]]*)\](.*)$/.exec(word);
  if (match === null) return [word];
  const [, head = '', range = '', tail = ''] = match;
  const values = rangeValues(range);
  if ('problem' in values) return values;
  const tails = expandRanges(tail);
  if ('problem' in tails) return tails;
  if (values.length * tails.length > MAX_HOSTS) {
    return { problem: `found the range [${range}] of more than ${MAX_HOSTS} hosts` };
  }
  return values.flatMap((value) => tails.map((rest) => `${head}${value}${rest}`));
}

function rangeValues(range: string): readonly string[] | HostWordProblem {
  const [startText = '', end = '', stepText = '1', ...more] = range.split(':');
  const start = startText === '' ? '0' : startText;
  const found = `found the range [${range}]: `;
  const step = Number(stepText);
  if (more.length > 0 || !/^\d+$/.test(stepText) || step < 1)
    return { problem: `${found}it is begin:end or begin:end:step` };
  if (end === '') return { problem: `${found}its end is missing` };
  const isNumeric = /^\d+$/.test(start) && /^\d+$/.test(end);
  const first = isNumeric ? Number(start) : LETTERS.indexOf(start);
  const last = isNumeric ? Number(end) : LETTERS.indexOf(end);
  if (!isNumeric && (start.length !== 1 || end.length !== 1 || first < 0 || last < 0)) {
    return { problem: `${found}its ends are two numbers or two letters` };
  }
  if (first > last) return { problem: `${found}its end is before its begin` };
  const isPadded = isNumeric && start.length > 1 && start.startsWith('0');
  if (isPadded && start.length !== end.length) return { problem: `${found}a padded begin and end have the same width` };
  if ((last - first) / step > MAX_HOSTS) return { problem: `${found}more than ${MAX_HOSTS} hosts` };
  const values: string[] = [];
  for (let i = first; i <= last; i += step) {
    values.push(isNumeric ? String(i).padStart(isPadded ? start.length : 0, '0') : (LETTERS[i] ?? ''));
  }
  return values;
}
