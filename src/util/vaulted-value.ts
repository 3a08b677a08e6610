/**
 * How a `!vault` value travels from a YAML file to whoever reads it: as a template that opens it. So it costs nothing until
 * something reads it, and what it held is never templated again.
 */

/** The lookup that the template calls; its environment has the passwords. */
export const VAULT_LOOKUP = 'fleetmend.vault';

const START = `{{ lookup('${VAULT_LOOKUP}', '`;
const END = "') }}";

/** The template for the text of a `!vault` scalar; indentation and blank lines in it mean nothing. */
export function vaultedValue(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return `${START}${encode(`${lines.filter((line) => line !== '').join('\n')}\n`)}${END}`;
}

/** The vault text inside such a template; undefined for any other value. */
export function vaultTextOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(START) || !value.endsWith(END)) return undefined;
  return decodeVaultText(value.slice(START.length, -END.length));
}

/** The vault text that the lookup gets as its term. */
export function decodeVaultText(term: string): string {
  return Buffer.from(term, 'base64').toString('utf8');
}

// A vault id may hold anything, and backslashes in a template's texts stand for themselves.
function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
