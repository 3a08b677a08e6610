/** What `set_stats` notes during a run, for its end. */

import type { CustomStats } from '../event.ts';
import type { StatsOptions } from '../modules/contract.ts';

type Values = Record<string, unknown>;

export class CustomStatsCollector {
  readonly #run: Values = {};
  readonly #hosts = new Map<string, Values>();

  /** Notes values of the run, or of a host. */
  add(host: string, data: Readonly<Values>, { perHost, aggregate }: StatsOptions): void {
    const values = perHost ? (this.#hosts.get(host) ?? {}) : this.#run;
    if (perHost) this.#hosts.set(host, values);
    for (const [name, value] of Object.entries(data)) {
      const isKnown = aggregate && Object.hasOwn(values, name);
      Object.defineProperty(values, name, {
        value: isKnown ? joined(values[name], value) : value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
  }

  /** Undefined when nothing was noted. */
  get(): CustomStats | undefined {
    if (Object.keys(this.#run).length === 0 && this.#hosts.size === 0) return undefined;
    return { run: this.#run, hosts: Object.fromEntries(this.#hosts) };
  }
}

// As Ansible: maps are merged, of anything else the sum is taken; a value of another type changes nothing.
function joined(known: unknown, value: unknown): unknown {
  if (Array.isArray(known)) return Array.isArray(value) ? [...known, ...value] : known;
  if (typeof known === 'number' || typeof known === 'boolean')
    return typeof value === typeof known ? Number(known) + Number(value) : known;
  if (typeof known === 'string') return typeof value === 'string' ? known + value : known;
  return isMap(known) && isMap(value) ? merged(known, value) : known;
}

function merged(known: Values, value: Values): Values {
  const both = Object.entries(value).map(([name, each]): [string, unknown] => {
    const old = Object.hasOwn(known, name) ? known[name] : undefined;
    return [name, isMap(old) && isMap(each) ? merged(old, each) : each];
  });
  return { ...known, ...Object.fromEntries(both) };
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
