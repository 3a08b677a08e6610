/** Which authentication methods are offered to a server, in which order. */
import type { AnyAuthMethod, ParsedKey } from 'ssh2';
import type { Target } from '../types.ts';
import type { KeyResult } from './key-ring.ts';

/** What was tried and what the server said, for the message when nothing worked. */
export interface AuthProgress {
  readonly tried: string[];
  /** Methods that the server goes on with, from its last refusal. */
  accepted: readonly string[] | undefined;
}

type NextAuth = (methodsLeft: string[] | null) => AnyAuthMethod | false;

/**
 * Makes the function that ssh2 asks for the next method: key files as listed, then the agent's keys, then password and
 * keyboard-interactive. Methods that the server does not accept are passed over.
 */
export function createAuthHandler(target: Target, keys: readonly KeyResult[], progress: AuthProgress): NextAuth {
  const username = target.user;
  const methods: { method: AnyAuthMethod; name: string; label: string }[] = [];
  for (const result of keys) {
    if (!('key' in result)) continue;
    methods.push({
      // ssh2 takes a parsed key where its types ask for text; parsing it again for each host would cost.
      method: { type: 'publickey', username, key: result.key as ParsedKey & string },
      name: 'publickey',
      label: `key ${result.file}`,
    });
  }
  if (target.agentSocket !== undefined) {
    methods.push({ method: { type: 'agent', username, agent: target.agentSocket }, name: 'publickey', label: 'agent' });
  }
  const password = target.password?.reveal();
  if (password !== undefined) {
    methods.push({ method: { type: 'password', username, password }, name: 'password', label: 'password' });
    let asked = false;
    methods.push({
      method: {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          // A hidden prompt wants the password, once; a question after that (a one-time code) cannot be answered.
          const answers = prompts.map((prompt) => (prompt.echo === true || asked ? '' : password));
          asked ||= prompts.length > 0;
          finish(answers);
        },
      },
      name: 'keyboard-interactive',
      label: 'keyboard-interactive',
    });
  }
  // With nothing at hand, asking with `none` at least tells what the server would take.
  if (methods.length === 0) methods.push({ method: { type: 'none', username }, name: 'none', label: 'none' });

  let index = 0;
  return (methodsLeft) => {
    if (methodsLeft !== null) progress.accepted = methodsLeft;
    while (index < methods.length) {
      const next = methods[index++];
      if (next === undefined || (methodsLeft !== null && !methodsLeft.includes(next.name))) continue;
      if (next.name !== 'none') progress.tried.push(next.label);
      return next.method;
    }
    return false;
  };
}
