/** The keyword reference, made from the same table that validation uses. */

import { KEYWORDS, type Owner, UNSUPPORTED_KEYWORDS } from './keywords.ts';
import { expectedOf } from './shapes.ts';

const OWNERS: readonly { owner: Owner; title: string }[] = [
  { owner: 'play', title: 'Play' },
  { owner: 'role', title: 'Role' },
  { owner: 'block', title: 'Block' },
  { owner: 'task', title: 'Task' },
  { owner: 'handler', title: 'Handler' },
];

/** A Markdown table of all keywords, and the list of those of Ansible that are refused; ends with a line break. */
export function renderKeywordDocs(): string {
  const rows = Object.entries(KEYWORDS)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { owners, shape, summary, differs, isOurs }]) => {
      const places = OWNERS.filter(({ owner }) => owners.includes(owner)).map(({ title }) => title.toLowerCase());
      const where = places.length === OWNERS.length ? 'everywhere' : places.join(', ');
      return `| \`${name}\` | ${where} | ${expectedOf(shape).replaceAll('|', '\\|')} | ${[summary, differs, isOurs === true ? 'Not in Ansible.' : undefined].filter((each) => each !== undefined).join(' ')} |`;
    });
  const refused = Object.entries(UNSUPPORTED_KEYWORDS).map(
    ([name, hint]) => `- \`${name}\`${hint === undefined ? '' : `: ${hint}`}`,
  );
  return [
    '| keyword | stands in | value | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    'Keywords of Ansible that are refused by name, with the reason or what to do in their place:',
    '',
    ...refused,
    '',
  ].join('\n');
}
