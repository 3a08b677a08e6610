/** Terms of lookups that carry options: `'user section=web file=users.ini'`. */
import { didYouMean } from '../../util/did-you-mean.ts';
import { fail } from '../failure.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';

export interface Term {
  /** The words that are no options, with spaces between them. */
  readonly text: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Takes a term apart; its own options win over those of the call.
 *
 * @param names - the options that the lookup has
 * @throws EvaluationFailure TEMPLATE_ERROR for an option that it has not
 */
export function readTerm(
  lookup: string,
  term: unknown,
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Term {
  const options: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(given)) options[checkName(lookup, name, names)] = value;
  const words: string[] = [];
  for (const word of toText(term).match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []) {
    const [, name, value = ''] = /^([a-z_]+)=([\s\S]*)$/.exec(word) ?? [];
    if (name === undefined) words.push(word);
    else options[checkName(lookup, name, names)] = value.replace(/^(["'])([\s\S]*)\1$/, '$2');
  }
  return { text: words.join(' '), options };
}

/** An option as text. */
export function textOption(term: Term, name: string, fallback: string): string {
  const value = term.options[name];
  return value === undefined || value === null ? fallback : toText(value);
}

/** An option as yes or no. */
export function flagOption(term: Term, name: string, fallback: boolean): boolean {
  const value = term.options[name];
  if (value === undefined) return fallback;
  return typeof value === 'string' ? ['true', 'yes', 'on', '1'].includes(value.toLowerCase()) : truthy(value);
}

function checkName(lookup: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  fail(
    `The lookup '${lookup}' has no option '${name}'`,
    didYouMean(name, names) ?? `its options are ${names.join(', ')}`,
  );
}
