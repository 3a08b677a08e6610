import type { Account } from './account.ts';

/** What has to be equal; a run that did not start has no more to compare than that it failed. */
export function comparable(account: Account, isUnordered: boolean, isNative = false) {
  if (account.recap === undefined) return { started: false, fine: account.exit === 0 };
  const shown = Object.entries(account.shown ?? {}).map(([host, values]) => {
    const list = isNative ? [...values] : values.map(plain);
    return [
      host,
      isUnordered ? list.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))) : list,
    ] as const;
  });
  return {
    started: true,
    exit: account.exit,
    recap: account.recap,
    shown: Object.fromEntries(shown),
    files: account.files ?? {},
  };
}

// Ansible 2.14 makes text of a single number or boolean when it is not native; later versions and we keep it.
function plain(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : value;
}
