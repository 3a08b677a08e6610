import { expect, it } from 'vitest';
import { createEnvironment, templateCatalog } from '../../src/template/index.ts';

// Ansible's built-in filters, tests and lookups, and Jinja's filters and tests.
const ANSIBLE: Readonly<Record<'filter' | 'test' | 'lookup', string>> = {
  filter: `b64decode b64encode basename bool checksum combinations combine comment commonpath dict2items difference dirname
    expanduser expandvars extract fileglob flatten from_json from_yaml from_yaml_all hash human_readable human_to_bytes
    intersect items2dict log mandatory md5 normpath password_hash path_join permutations pow product quote random realpath
    regex_escape regex_findall regex_replace regex_search rekey_on_member relpath root sha1 shuffle split splitext strftime
    subelements symmetric_difference ternary to_datetime to_json to_nice_json to_nice_yaml to_uuid to_yaml type_debug union
    unique unvault urldecode urlsplit vault win_basename win_dirname win_splitdrive zip zip_longest
    abs attr batch capitalize center count d default dictsort e escape filesizeformat first float forceescape format groupby
    indent int items join last length list lower map max min pprint reject rejectattr replace reverse round safe select
    selectattr slice sort string striptags sum title tojson trim truncate upper urlencode urlize wordcount wordwrap xmlattr`,
  test: `abs all any change changed contains directory exists failed failure falsy file finished is_abs is_dir is_file is_link
    is_mount is_same_file isnan issubset issuperset link link_exists match mount nan reachable regex same_file search skip
    skipped started subset succeeded success successful superset timedout truthy unreachable uri url urn vault_encrypted
    vaulted_file version version_compare != < <= == > >= boolean callable defined divisibleby eq equalto escaped even false
    filter float ge greaterthan gt in integer iterable le lessthan lower lt mapping ne none number odd sameas sequence string
    test true undefined upper`,
  lookup: `config csvfile dict env file fileglob first_found indexed_items ini inventory_hostnames items lines list nested
    password pipe random_choice sequence subelements template together unvault url varnames vars`,
};

it.each(Object.entries(ANSIBLE))('the catalogue has every %s of Ansible, here or refused', (kind, names) => {
  const known = new Set(templateCatalog().flatMap((entry) => (entry.kind === kind ? [entry.name] : [])));
  expect(names.split(/\s+/).filter((name) => !known.has(name))).toEqual([]);
});

it('names each thing once, and says how or why where it is not as in Ansible', () => {
  const keys = templateCatalog().map(({ kind, name }) => `${kind} ${name}`);
  expect(keys).toEqual([...new Set(keys)]);
  for (const entry of templateCatalog()) expect(entry.note === undefined).toBe(entry.status === 'works');
});

it('has no note for what is not there', () => {
  const notes = templateCatalog().filter(({ status }) => status === 'differs');
  expect(notes.length).toBeGreaterThan(20);
});

it('lists the lookups that an environment can have', () => {
  const environment = createEnvironment({ cwd: '/', env: {}, hostsOf: () => [] });
  const own = [...environment.lookups.keys()].filter((name) => !name.includes('.')).sort();
  expect(
    templateCatalog().flatMap(({ kind, name, status }) => (kind === 'lookup' && status !== 'refused' ? [name] : [])),
  ).toEqual(own);
});
