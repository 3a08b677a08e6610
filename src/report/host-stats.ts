/** Counts results per host with the meaning of Ansible's PLAY RECAP. */

import type { HostResultEvent, HostStats } from '../event.ts';

type MutableStats = { -readonly [K in keyof HostStats]: number };

/**
 * Counts for a journal that ends before `run:end` (a crash); a run that ended brings its own counts.
 * A changed task also counts as ok; an ignored failure as ok and ignored; a rescued one as rescued only.
 */
export class StatsCounter {
  readonly #hosts = new Map<string, MutableStats>();

  add(event: HostResultEvent): void {
    const stats = this.#statsOf(event.host);
    if (event.status === 'skipped') stats.skipped++;
    else if (event.status === 'ok' || event.status === 'changed') {
      stats.ok++;
      if (event.status === 'changed') stats.changed++;
    } else if (event.ignored) {
      stats.ok++;
      stats.ignored++;
    } else if (event.rescued) stats.rescued++;
    else if (event.status === 'failed') stats.failed++;
    else stats.unreachable++;
  }

  /** Hosts in order of their first result. */
  entries(): [string, HostStats][] {
    return [...this.#hosts];
  }

  #statsOf(host: string): MutableStats {
    let stats = this.#hosts.get(host);
    if (stats === undefined) {
      stats = { ok: 0, changed: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, unreachable: 0 };
      this.#hosts.set(host, stats);
    }
    return stats;
  }
}
