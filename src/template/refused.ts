/** Filters, tests and lookups that are not here on purpose, each with the reason and, where there is one, the way out. */
import { didYouMean } from '../util/did-you-mean.ts';

type Kind = 'filter' | 'test' | 'lookup';

/** Why a name is refused: completes "cannot be used: …". */
export const REFUSED: Readonly<Record<Kind, ReadonlyMap<string, string>>> = {
  filter: new Map([
    ...['win_basename', 'win_dirname', 'win_splitdrive'].map(
      (name) => [name, 'it is for paths of Windows, and no host here is one'] as const,
    ),
    ['urlize', 'it makes links for web pages'],
  ]),
  test: new Map(),
  lookup: new Map([
    ['url', "all hosts would wait for it; use the module 'uri' or 'get_url', or lookup('pipe', 'curl …')"],
    ['config', "it reads Ansible's own configuration, which is not used here"],
  ]),
};

/** Names that playbooks use without saying that a collection has them. */
const COLLECTIONS: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  filter: {
    'community.general':
      'accumulate counter crc32 dict dict_kv from_csv from_ini groupby_as_dict hashids_decode hashids_encode jc json_query ' +
      'lists_difference lists_intersect lists_mergeby lists_symmetric_difference lists_union random_mac to_days to_hours ' +
      'to_ini to_milliseconds to_minutes to_months to_seconds to_time_unit to_weeks to_years unicode_normalize version_sort',
    'ansible.utils':
      'cidr_merge consolidate fact_diff from_xml get_path hwaddr index_of ip4_hex ipaddr ipmath ipsubnet ipv4 ipv6 ipwrap ' +
      'keep_keys macaddr network_in_network network_in_usable next_nth_usable nthhost param_list_compare ' +
      'previous_nth_usable reduce_on_network remove_keys replace_keys slaac to_paths to_xml usable_range validate',
    'ansible.netcommon':
      'comp_type5 hash_salt parse_cli parse_cli_textfsm parse_xml pop_ace type5_pw vlan_expander vlan_parser',
    'kubernetes.core': 'k8s_config_resource_name',
  },
  test: {
    'ansible.utils':
      'in_any_network in_network in_one_network ip ip_address ipv4 ipv4_address ipv6 ipv6_address loopback mac multicast ' +
      'private public reserved resolvable subnet_of supernet_of unspecified',
    'community.general': 'a_module ansible_type fqdn_valid',
  },
  lookup: {
    'community.general':
      'bitwarden cartesian chef_databag collection_version consul_kv credstash cyberarkpassword dependent dig dnstxt dsv ' +
      'etcd etcd3 filetree flattened github_app_access_token hiera keyring lastpass lmdb_kv manageiq merge_variables ' +
      'onepassword onepassword_raw passwordstore random_pet random_string random_words redis revbitspss shelvefile tss',
    'community.hashi_vault': 'hashi_vault vault_kv1_get vault_kv2_get vault_read',
    'amazon.aws': 'aws_account_attribute aws_secret aws_ssm secretsmanager_secret ssm_parameter',
    'kubernetes.core': 'k8s kustomize',
  },
};

/**
 * Why there is no such filter, test or lookup: one sentence, and a hint.
 *
 * @param known - the names that there are, for "did you mean"
 */
export function whyUnknown(
  kind: Kind,
  name: string,
  known: Iterable<string>,
): { readonly message: string; readonly hint?: string } {
  const short = name.replace(/^ansible\.(builtin|legacy)\./, '');
  const reason = REFUSED[kind].get(short);
  if (reason !== undefined) return { message: `The ${kind} '${short}' cannot be used: ${reason}` };
  const collection = collectionOf(kind, short);
  if (collection !== undefined) {
    return {
      message: `The ${kind} '${name}' is of the collection ${collection}`,
      hint: 'plugins of collections are not here; only those of ansible.builtin and of Jinja are',
    };
  }
  return { message: `Unknown ${kind} '${short}'`, hint: didYouMean(short, known) };
}

function collectionOf(kind: Kind, name: string): string | undefined {
  const [namespace, collection, ...rest] = name.split('.');
  if (rest.length > 0) return `${namespace}.${collection}`;
  return Object.entries(COLLECTIONS[kind]).find(([, names]) => names.split(' ').includes(name))?.[0];
}
