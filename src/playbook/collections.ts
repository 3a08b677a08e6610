/** `collections`: where short names of modules come from. Ours come from one place. */

import type { Fields } from './fields.ts';

const OWN: ReadonlySet<string> = new Set(['ansible.builtin', 'ansible.legacy']);

/** Notes each collection whose modules are not there: a short name could mean one of them. */
export function checkCollections(fields: Fields): void {
  for (const { value, source } of fields.texts('collections')) {
    if (OWN.has(String(value))) continue;
    const hint = 'take it out when the tasks only use modules of ansible.builtin';
    fields.findings.addAt('PLAYBOOK_INVALID', source, `modules of collection '${value}' are not supported`, hint);
  }
}
