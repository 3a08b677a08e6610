/** All lookups, over what they may use of the controller. */
import { FleetmendError } from '../../errors.ts';
import { decodeVaultText, VAULT_LOOKUP } from '../../util/vaulted-value.ts';
import { fail } from '../failure.ts';
import type { Environment, Lookup } from '../types.ts';
import { toText } from '../values/text.ts';
import { dataLookups } from './data.ts';
import { fileLookups } from './files.ts';
import { machineLookups } from './machine.ts';
import { createTemplateLoader } from './template-loader.ts';

export interface EnvironmentOptions {
  /** Folder that relative paths start from (the playbook's). */
  readonly cwd?: string;
  /** Environment variables, for `env`, `pipe` and `~`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folders searched for relative files before `cwd`, in order (a role's `files/`). */
  readonly searchPaths?: readonly string[];
  /** Folders that `include`, `import` and `extends` look in; by default `cwd`. */
  readonly templatePlaces?: readonly string[];
  readonly nowMs?: () => number;
  /** Opens the text of a `!vault` value; without it there is no password for any. */
  readonly openVault?: (text: string) => string;
  /** Further lookups; they win over ours of the same name. */
  readonly lookups?: ReadonlyMap<string, Lookup>;
}

/**
 * What templates may use of the controller: `env` and `pipe` are there when `env` is given, the lookups of files when
 * `cwd` is.
 */
export function createEnvironment(options: EnvironmentOptions = {}): Environment {
  const { cwd, env, searchPaths = [], nowMs, openVault, lookups = [] } = options;
  const places = options.templatePlaces ?? (cwd === undefined ? undefined : [cwd]);
  return {
    lookups: new Map([
      ...dataLookups(),
      [VAULT_LOOKUP, vaultLookup(openVault)],
      ...(cwd === undefined ? [] : fileLookups(cwd, searchPaths)),
      ...(env === undefined ? [] : machineLookups(env, cwd)),
      ...lookups,
    ]),
    templates: places === undefined ? undefined : createTemplateLoader(places),
    cwd,
    env,
    home: env?.HOME,
    nowMs,
  };
}

// What `!vault` values become when they are read (util/vaulted-value.ts).
function vaultLookup(openVault: ((text: string) => string) | undefined): Lookup {
  return (terms) => {
    if (openVault === undefined) fail('The value is encrypted with ansible-vault, and no vault password is given');
    return terms.map((term) => {
      try {
        return openVault(decodeVaultText(toText(term)));
      } catch (error) {
        // As the expression's own failure it gets the place of the value.
        if (error instanceof FleetmendError)
          fail([error.message, error.hint].filter((text) => text !== undefined).join('; '));
        throw error;
      }
    });
  };
}
