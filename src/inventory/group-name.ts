/** Names of groups that are made of what a source says. */

/**
 * A part of a group's name: lower case, every run of other characters than `a-z0-9_` one `_`, none at the ends. Different
 * texts can give the same.
 */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}
