/** Takes known secrets out of text. */

/** What stands where a secret was. */
export const REDACTED = '[REDACTED]';

/**
 * Secrets shorter than this are left alone: taking every `a` out of a report would make it unreadable, and the gaps would
 * give the secret away.
 */
const MIN_SECRET_CHARS = 3;

/** Text without secrets, and whether there are any to look for. */
export interface Redactor {
  (text: string): string;
  /** True: the function gives back what it is given. */
  readonly isEmpty: boolean;
}

/**
 * A function that replaces every occurrence of every secret by `[REDACTED]`, as it is and as it stands inside JSON. Longer
 * secrets first, so that one which holds another goes whole. A secret of several lines is also looked for line by line.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const part of [secret, ...secret.split(/\r?\n/)]) {
      if (part.trim().length < MIN_SECRET_CHARS) continue;
      forms.add(part);
      forms.add(JSON.stringify(part).slice(1, -1));
    }
  }
  if (forms.size === 0) return Object.assign((text: string) => text, { isEmpty: true });
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeRegExp).join('|'), 'g');
  return Object.assign((text: string) => text.replace(pattern, REDACTED), { isEmpty: false });
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
