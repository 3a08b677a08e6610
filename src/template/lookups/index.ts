/** All lookups, over what they may use of the controller. */
import type { Environment, Lookup } from '../types.ts';
import { dataLookups } from './data.ts';
import { fileLookups } from './files.ts';
import { machineLookups } from './machine.ts';

export interface EnvironmentOptions {
  /** Folder that relative paths start from (the playbook's). */
  readonly cwd?: string;
  /** Environment variables, for `env`, `pipe` and `~`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folders searched for relative files before `cwd`, in order (a role's `files/`). */
  readonly searchPaths?: readonly string[];
  readonly nowMs?: () => number;
  /** Further lookups; they win over ours of the same name. */
  readonly lookups?: ReadonlyMap<string, Lookup>;
}

/**
 * What templates may use of the controller: `env` and `pipe` are there when `env` is given, the lookups of files when
 * `cwd` is.
 */
export function createEnvironment(options: EnvironmentOptions = {}): Environment {
  const { cwd, env, searchPaths = [], nowMs, lookups = [] } = options;
  return {
    lookups: new Map([
      ...dataLookups(),
      ...(cwd === undefined ? [] : fileLookups(cwd, searchPaths)),
      ...(env === undefined ? [] : machineLookups(env, cwd)),
      ...lookups,
    ]),
    cwd,
    home: env?.HOME,
    nowMs,
  };
}
