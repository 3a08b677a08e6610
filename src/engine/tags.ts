/** Which tasks `--tags` and `--skip-tags` choose. */

/**
 * Ansible's rules: `always` runs unless skipped by name, `never` runs only when asked for by another of its tags;
 * `tagged`, `untagged` and `all` are words of the options.
 *
 * @see https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_tags.html
 */
export function selectsTags(
  own: readonly string[],
  selection: { readonly tags: readonly string[]; readonly skipTags: readonly string[] },
): boolean {
  const wanted = selection.tags.length === 0 ? ['all'] : selection.tags;
  const isTagged = own.length > 0;
  const named = own.some((tag) => wanted.includes(tag));
  let chosen = named || own.includes('always');
  if (!chosen && !own.includes('never')) {
    chosen =
      wanted.includes('all') || (wanted.includes('tagged') && isTagged) || (wanted.includes('untagged') && !isTagged);
  }
  if (!chosen) return false;
  const { skipTags } = selection;
  if (own.some((tag) => skipTags.includes(tag))) return false;
  if (skipTags.includes('all')) return own.includes('always') && !skipTags.includes('always');
  if (skipTags.includes('tagged') && isTagged) return false;
  return !(skipTags.includes('untagged') && !isTagged);
}
