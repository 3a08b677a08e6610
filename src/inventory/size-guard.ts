/** Stops a run on a host list that is suspiciously small: fewer than a minimum, or far fewer than last time. */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorMessage, InventoryError } from '../errors.ts';
import { writeFileAtomic } from '../util/atomic-file.ts';
import { foldHosts } from '../util/fold.ts';

export interface SizeLimits {
  readonly minHosts?: number;
  /** Hosts that may be missing against the last good list, in percent of that list. */
  readonly maxDropPercent?: number;
}

export interface SizeGuardOptions {
  /** Where lists are kept, below `inventory/`; without it a drop cannot be seen, which is warned of. */
  readonly stateDir?: string;
  /** Whether a drop beyond the limit is fine this once; the smaller list then becomes the last good one. */
  readonly acceptDrop: boolean;
  readonly warn: (message: string) => void;
}

/** One list as it is kept. */
interface GoodList {
  readonly schema: 1;
  readonly source: string;
  readonly savedAt: string;
  readonly hosts: readonly string[];
}

/** Checks each list of a load; {@link save} keeps them all once nothing stopped the load. */
export class SizeGuard {
  readonly #options: SizeGuardOptions;
  readonly #pending = new Map<string, GoodList>();

  constructor(options: SizeGuardOptions) {
    this.#options = options;
  }

  /**
   * @param source - what the list is of: the path of the source, or all sources
   * @throws {@link InventoryError} INVENTORY_TOO_SMALL with both numbers; INVENTORY_INVALID when the kept list is damaged,
   *   FILE_UNREADABLE when it cannot be read
   */
  async check(source: string, hosts: readonly string[], limits: SizeLimits): Promise<void> {
    const { minHosts, maxDropPercent } = limits;
    if (minHosts !== undefined && hosts.length < minHosts) {
      const hint = 'check the source, or lower min_hosts if so few are right';
      throw new InventoryError(
        'INVENTORY_TOO_SMALL',
        `${source} lists ${count(hosts.length)}, fewer than min_hosts ${minHosts}; ${hint}`,
        { hint },
      );
    }
    if (maxDropPercent === undefined) return;
    const { stateDir } = this.#options;
    if (stateDir === undefined) {
      this.#options.warn(`${source}: max_drop is not checked, because no state directory is set to keep lists in`);
      return;
    }
    const path = join(stateDir, 'inventory', `${createHash('sha256').update(source).digest('hex').slice(0, 16)}.json`);
    const last = await readList(path);
    if (last !== undefined && !this.#options.acceptDrop) checkDrop(source, hosts, last, maxDropPercent);
    this.#pending.set(path, { schema: 1, source, savedAt: new Date().toISOString(), hosts: [...hosts] });
  }

  /**
   * Makes the checked lists the last good ones.
   *
   * @throws {@link InventoryError} FILE_UNREADABLE when the state directory cannot be written
   */
  async save(): Promise<void> {
    for (const [path, list] of this.#pending) {
      try {
        await fs.mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFileAtomic(path, [`${JSON.stringify(list)}\n`], { mode: 0o600 });
      } catch (error) {
        throw stateError(error);
      }
    }
    this.#pending.clear();
  }
}

/** Percent of `20%`, `20` or a number; undefined when it is none between 0 and 100. */
export function parsePercent(value: unknown): number | undefined {
  const text = String(value).trim().replace(/\s*%$/, '');
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return percent >= 0 && percent <= 100 ? percent : undefined;
}

function checkDrop(source: string, hosts: readonly string[], last: GoodList, maxDropPercent: number): void {
  const dropPercent = ((last.hosts.length - hosts.length) / last.hosts.length) * 100;
  // An empty list was good once: nothing can drop below it.
  if (last.hosts.length === 0 || dropPercent <= maxDropPercent) return;
  const present = new Set(hosts);
  const missing = last.hosts.filter((name) => !present.has(name));
  const folded = foldHosts(missing);
  const hint = 'check the source; if so few are right, run once with --accept-drop';
  throw new InventoryError(
    'INVENTORY_TOO_SMALL',
    `${source} lists ${count(hosts.length)}, the last good list of ${last.savedAt} had ${last.hosts.length}: ` +
      `${Math.round(dropPercent)} % fewer, more than max_drop ${maxDropPercent} %; ${hint}; ` +
      `missing: ${folded.length > 300 ? `${folded.slice(0, 300)}…` : folded}`,
    { hint },
  );
}

async function readList(path: string): Promise<GoodList | undefined> {
  let text: string;
  try {
    text = await fs.readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw stateError(error);
  }
  const list = parseList(text);
  if (list === undefined) {
    const hint = 'remove it to start anew with the next list';
    throw new InventoryError('INVENTORY_INVALID', `the last good host list in ${path} is damaged; ${hint}`, { hint });
  }
  return list;
}

function stateError(cause: unknown): InventoryError {
  const message = `the last good host list cannot be kept for max_drop: ${errorMessage(cause)}`;
  return new InventoryError('FILE_UNREADABLE', message, { cause });
}

function parseList(text: string): GoodList | undefined {
  try {
    const list: unknown = JSON.parse(text);
    if (typeof list !== 'object' || list === null || !('hosts' in list) || !Array.isArray(list.hosts)) return undefined;
    return list as unknown as GoodList;
  } catch {
    return undefined;
  }
}

function count(hosts: number): string {
  return hosts === 1 ? '1 host' : `${hosts} hosts`;
}
