/** Finds modules by the names users write, and says what is wrong with names that are none. */

import type { Diagnostic } from '../errors.ts';
import { closestWord } from '../util/did-you-mean.ts';
import { includeEntry, includeNames } from './includes.ts';
import { META_ENTRY } from './meta.ts';
import type { CatalogEntry, ModuleCatalog } from './types.ts';

// Modules of ansible-core that are not in the catalog yet; one that is in the catalog is found before this is asked.
export const ANSIBLE_MODULES: ReadonlySet<string> = new Set(
  `add_host apt apt_key apt_repository assemble assert async_status blockinfile command copy cron deb822_repository
  debconf debug dnf dnf5 dpkg_selections expect fail fetch file find gather_facts get_url getent git group group_by
  hostname include_vars iptables known_hosts lineinfile mount_facts package package_facts pause ping pip raw reboot
  replace rpm_key script service service_facts set_fact set_stats setup shell slurp stat subversion systemd
  systemd_service sysvinit tempfile template unarchive uri user validate_argument_spec wait_for wait_for_connection yum
  yum_repository`.split(/\s+/),
);

/** The module by short or full name; `ansible.legacy.x` is `ansible.builtin.x`. */
export function findModule(catalog: ModuleCatalog, name: string): CatalogEntry | undefined {
  const builtin = /^ansible\.(?:builtin|legacy)\.(\w+)$/.exec(name)?.[1];
  if (name === 'meta' || builtin === 'meta') return META_ENTRY;
  const include = includeEntry(builtin ?? name);
  if (include !== undefined) return include;
  const entry = catalog.find(name);
  return entry ?? (builtin === undefined ? undefined : catalog.find(`ansible.builtin.${builtin}`));
}

/** Whether Ansible has a module of that name, also when we do not. */
export function isAnsibleModule(name: string): boolean {
  return ANSIBLE_MODULES.has(name.replace(/^ansible\.(?:builtin|legacy)\./, ''));
}

/** The finding for a module that is not known, without its place. */
export function unknownModule(catalog: ModuleCatalog, name: string): Diagnostic {
  if (isAnsibleModule(name)) {
    return { code: 'UNKNOWN_MODULE', message: `module '${name}' of Ansible is not supported yet` };
  }
  const collection = /^(\w+\.\w+)\.[\w.]+$/.exec(name)?.[1];
  if (collection !== undefined && !/^ansible\.(?:builtin|legacy)$/.test(collection)) {
    const message = `module '${name}' is of collection '${collection}', which is not supported`;
    return { code: 'UNKNOWN_MODULE', message, hint: 'docs/modules.md lists the modules there are' };
  }
  const near = closestWord(name, [...catalog.names(), ...includeNames(), 'meta']);
  const hint = near === undefined ? 'docs/modules.md lists the modules there are' : `did you mean '${near}'?`;
  return { code: 'UNKNOWN_MODULE', message: `unknown module '${name}'`, hint };
}
