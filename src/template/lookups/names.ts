/** The names of all lookups that `createEnvironment` can make, whatever it is given. */
export const LOOKUP_NAMES: readonly string[] = [
  ...['csvfile', 'dict', 'env', 'file', 'fileglob', 'first_found', 'indexed_items', 'ini', 'inventory_hostnames'],
  ...['items', 'lines', 'list', 'nested', 'password', 'pipe', 'random_choice', 'sequence', 'subelements', 'template'],
  ...['together', 'unvault', 'varnames', 'vars'],
];
