/** All lookups, over what they may use of the controller. */
import { FleetmendError } from '../../errors.ts';
import { decodeVaultText, VAULT_LOOKUP } from '../../util/vaulted-value.ts';
import { fail } from '../failure.ts';
import type { Environment, Lookup, SourcePlaces } from '../types.ts';
import { toText } from '../values/text.ts';
import { COLLECTION_LOOKUPS, inventoryHostnames } from './collections.ts';
import { DATA_LOOKUPS } from './data.ts';
import { fileLookups } from './files.ts';
import { machineLookups } from './machine.ts';
import { passwordLookup } from './password.ts';
import { createFileSearch } from './search.ts';
import { tableLookups } from './tables.ts';
import { templateLookup, unvaultLookup } from './template-file.ts';
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
  readonly sources?: SourcePlaces;
  /** Opens the text of a `!vault` value; without it there is no password for any. */
  readonly openVault?: (text: string) => string;
  /** Names of the hosts that a pattern names, for `inventory_hostnames`. */
  readonly hostsOf?: (pattern: string) => readonly string[];
  /** Further lookups; they win over ours of the same name. */
  readonly lookups?: ReadonlyMap<string, Lookup>;
}

/**
 * What templates may use of the controller: `env` and `pipe` are there when `env` is given, the lookups of files when
 * `cwd` is.
 */
export function createEnvironment(options: EnvironmentOptions = {}): Environment {
  const { cwd, env, searchPaths = [], nowMs, openVault, hostsOf, lookups = [] } = options;
  const places = options.templatePlaces ?? (cwd === undefined ? undefined : [cwd]);
  const search =
    cwd === undefined
      ? undefined
      : createFileSearch(cwd, { files: searchPaths, templates: options.templatePlaces ?? [] });
  const environment: Environment = {
    lookups: new Map([
      ...DATA_LOOKUPS,
      ...COLLECTION_LOOKUPS,
      [VAULT_LOOKUP, vaultLookup(openVault)],
      ...(search === undefined ? [] : [...fileLookups(search, openVault), ...tableLookups(search)]),
      ...(search === undefined
        ? []
        : ([
            ['template', templateLookup(search, () => environment, openVault)],
            ['unvault', unvaultLookup(search, openVault)],
          ] as const)),
      ...(cwd === undefined ? [] : ([['password', passwordLookup(cwd)]] as const)),
      ...(env === undefined ? [] : machineLookups(env, cwd)),
      ...(hostsOf === undefined ? [] : ([['inventory_hostnames', inventoryHostnames(hostsOf)]] as const)),
      ...lookups,
    ]),
    templates: places === undefined ? undefined : createTemplateLoader(places),
    cwd,
    env,
    home: env?.HOME,
    nowMs,
    sources: options.sources,
  };
  return environment;
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
