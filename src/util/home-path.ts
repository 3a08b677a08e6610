/** Paths as users write them. */
import { resolve } from 'node:path';

/** `~` and relative paths against the user's home and the working folder. */
export function expandHome(path: string, home: string): string {
  if (path === '~') return home;
  return resolve(path.startsWith('~/') ? `${home}/${path.slice(2)}` : path);
}
