/** Templates in folders of the controller, for `include`, `import` and `extends`. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TemplateLoader } from '../types.ts';

interface Loaded {
  readonly path: string;
  readonly text: string;
  readonly mtimeMs: number;
  readonly sizeBytes: number;
}

/**
 * Looks in the folders in order. As in Jinja names are relative to them: a leading slash means nothing, and a name with
 * `..` is never found.
 */
export function createTemplateLoader(places: readonly string[]): TemplateLoader {
  const known = new Map<string, Loaded>();
  return {
    places,
    load(name) {
      const parts = name.split('/').filter((part) => part !== '' && part !== '.');
      if (parts.length === 0 || parts.includes('..')) return undefined;
      for (const place of places) {
        const path = join(place, ...parts);
        const stats = statSync(path, { throwIfNoEntry: false });
        if (stats?.isFile() !== true) continue;
        const last = known.get(path);
        if (last?.mtimeMs === stats.mtimeMs && last.sizeBytes === stats.size) return last;
        const loaded = { path, text: readFileSync(path, 'utf8'), mtimeMs: stats.mtimeMs, sizeBytes: stats.size };
        known.set(path, loaded);
        return loaded;
      }
      return undefined;
    },
  };
}
