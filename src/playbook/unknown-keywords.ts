/** Keys of a play, role, block or task that are no keywords there. */

import { didYouMean } from '../util/did-you-mean.ts';
import type { Findings } from './findings.ts';
import { KEYWORDS, keywordNames, keywordOf, type Owner, UNSUPPORTED_KEYWORDS } from './keywords.ts';
import { isAnsibleModule } from './modules.ts';
import type { YamlMap, YamlScalar } from './yaml-node.ts';

/**
 * The keys of a play, block or task that are no keywords of its kind. Keywords of Ansible that are not supported, and
 * keywords in the wrong place, are noted here and not returned.
 */
export function strangeKeys(map: YamlMap, owner: Owner, findings: Findings): YamlScalar[] {
  return [...map.entries.values()].flatMap(({ key }) => {
    const name = String(key.value);
    if (typeof key.value === 'string' && keywordOf(owner, name) !== undefined) return [];
    const refusal = refusalOf(name, owner);
    if (refusal === undefined) return [key];
    findings.add('UNKNOWN_KEYWORD', key.offset, refusal.message, refusal.hint);
    return [];
  });
}

/** Notes keys that can be nothing but misspelt keywords. */
export function addUnknownKeywords(keys: readonly YamlScalar[], owner: Owner, findings: Findings): void {
  for (const key of keys) {
    const name = String(key.value);
    findings.add(
      'UNKNOWN_KEYWORD',
      key.offset,
      `unknown keyword '${name}' in a ${owner}`,
      didYouMean(name, keywordNames(owner)),
    );
  }
}

// Why a key that is no keyword of `owner` is refused by name; undefined when it is not known at all.
function refusalOf(name: string, owner: Owner): { message: string; hint?: string } | undefined {
  const short = name.replace(/^ansible\.(?:builtin|legacy)\./, '');
  if (Object.hasOwn(UNSUPPORTED_KEYWORDS, short)) {
    return { message: `keyword '${name}' of Ansible is not supported`, hint: UNSUPPORTED_KEYWORDS[short] };
  }
  const elsewhere = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
  // `user` is a keyword of a play and, in a task, a module.
  const isModule = (owner === 'task' || owner === 'handler') && isAnsibleModule(name);
  if (elsewhere !== undefined && !isModule) {
    return {
      message: `'${name}' is a keyword of a ${elsewhere.owners.join(', ').replace(/, (\w+)$/, ' or $1')}, not of a ${owner}`,
    };
  }
  return undefined;
}
