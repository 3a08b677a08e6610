/** Which authentication methods are offered to a server, in which order. */
import type { AnyAuthMethod, ParsedKey, Prompt } from 'ssh2';
import type { AuthMethod, Target } from '../types.ts';
import type { OfferedKey } from './credentials.ts';

/** What was tried and what the server said, for the message when nothing worked. */
export interface AuthProgress {
  readonly tried: string[];
  /** Keys among {@link tried}. */
  keyCount: number;
  /** What was accepted as the first of several proofs. */
  readonly passed: string[];
  /** Methods that the server goes on with, from its last refusal. */
  accepted: readonly string[] | undefined;
  /** Whether the last refusal was none: one proof was taken, and another is wanted. */
  isPartial: boolean;
  /** Questions of the server that nobody could answer. */
  readonly unanswered: string[];
}

type NextAuth = (methodsLeft: string[] | null) => AnyAuthMethod | false;

interface Candidate {
  readonly name: AuthMethod | 'none';
  readonly label: string;
  readonly method: AnyAuthMethod;
}

const USUAL_ORDER: readonly AuthMethod[] = ['publickey', 'password', 'keyboard-interactive'];

export function createAuthProgress(): AuthProgress {
  return { tried: [], keyCount: 0, passed: [], accepted: undefined, isPartial: false, unanswered: [] };
}

/**
 * Makes the function that ssh2 asks for the next method: keys as they come, then password and keyboard-interactive, or in
 * the order that the target wants. Methods that the server does not accept are passed over; when it wants several proofs,
 * what it took already is not offered again.
 */
export function createAuthHandler(target: Target, keys: readonly OfferedKey[], progress: AuthProgress): NextAuth {
  const all = candidates(target, keys, progress);
  let left = all;
  let current: Candidate | undefined;
  return (methodsLeft) => {
    progress.accepted ??= methodsLeft ?? undefined;
    const { accepted } = progress;
    if (progress.isPartial && current !== undefined) {
      progress.isPartial = false;
      progress.passed.push(current.label);
      // What was refused before may be wanted now: servers say which methods they go on with.
      left = all.filter(({ label }) => !progress.passed.includes(label));
    }
    for (;;) {
      const [next, ...rest] = left;
      left = rest;
      current = next;
      if (next === undefined) return false;
      if (accepted?.includes(next.name) === false) continue;
      if (next.name !== 'none') progress.tried.push(next.label);
      if (next.name === 'publickey') progress.keyCount++;
      return next.method;
    }
  };
}

function candidates(target: Target, keys: readonly OfferedKey[], progress: AuthProgress): readonly Candidate[] {
  const username = target.user;
  const password = target.password?.reveal();
  const byMethod: Readonly<Record<AuthMethod, () => Candidate[]>> = {
    publickey: () => keys.map((key) => ({ name: 'publickey', label: key.label, method: keyMethod(username, key) })),
    password: () =>
      password === undefined
        ? []
        : [{ name: 'password', label: 'password', method: { type: 'password', username, password } }],
    'keyboard-interactive': () => (password === undefined ? [] : [keyboardInteractive(username, password, progress)]),
  };
  const found = (target.authMethods ?? USUAL_ORDER).flatMap((name) => byMethod[name]());
  // With nothing at hand, asking with `none` at least tells what the server would take.
  return found.length > 0 ? found : [{ name: 'none', label: 'none', method: { type: 'none', username } }];
}

function keyMethod(username: string, offered: OfferedKey): AnyAuthMethod {
  if (offered.kind === 'agent') return { type: 'agent', username, agent: offered.agent };
  // ssh2 takes a parsed key where its types ask for text; parsing it again for each host would cost.
  return { type: 'publickey', username, key: offered.key as ParsedKey & string };
}

function keyboardInteractive(username: string, password: string, progress: AuthProgress): Candidate {
  let isGiven = false;
  const answer = (prompt: Prompt): string => {
    // A hidden prompt wants the password, once; what is asked besides (a one-time code) cannot be answered.
    if (prompt.echo !== true && !isGiven) {
      isGiven = true;
      return password;
    }
    progress.unanswered.push(prompt.prompt.trim());
    return '';
  };
  return {
    name: 'keyboard-interactive',
    label: 'keyboard-interactive',
    method: {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(answer)),
    },
  };
}
