/** The methods of become by name. */
import { randomBytes } from 'node:crypto';
import type { Become, BecomeMethod } from '../types.ts';
import type { BecomeProgram, BecomeStart } from './contract.ts';
import { doas } from './doas.ts';
import { su } from './su.ts';
import { sudo } from './sudo.ts';

/** How long it may take to become the user, where neither the run nor the task says. */
export const BECOME_TIMEOUT_MS = 10_000;

export const BECOME_PROGRAMS: Readonly<Record<BecomeMethod, BecomeProgram>> = { sudo, su, doas };

export const BECOME_METHOD_NAMES: readonly BecomeMethod[] = ['sudo', 'su', 'doas'];

/** The method of a name, also of Ansible's long ones; undefined when there is none. */
export function becomeMethod(name: string): BecomeMethod | undefined {
  const short = name.replace(/^(ansible\.builtin|community\.general)\./, '');
  return BECOME_METHOD_NAMES.find((method) => method === short);
}

/** What to start so that a program runs as the user. */
export function becomeStart(become: Become, program: readonly string[]): BecomeStart {
  const { words, asksAtTerminal } = BECOME_PROGRAMS[become.method];
  if (become.password === undefined) return { words: words(become, program, undefined) };
  // Cannot be mistaken for anything else that is printed.
  const prompt = `[fleetmend-${randomBytes(8).toString('hex')}]`;
  return { words: words(become, program, prompt), prompt, needsTerminal: asksAtTerminal };
}

/** Identifies shells that may stand in for each other. Holds no secret: a connection has one password a user. */
export function becomeKey(become: Become | undefined): string {
  if (become === undefined) return '';
  return JSON.stringify([become.method, become.exe ?? '', become.user, become.flags ?? []]);
}
