/** How a task becomes another user: from the host's variables, the keywords and the run's defaults. */
import { FleetmendError } from '../errors.ts';
import { toText } from '../template/index.ts';
import { BECOME_METHOD_NAMES, becomeMethod } from '../transport/become/methods.ts';
import type { Become } from '../transport/types.ts';
import { toBoolean } from '../util/boolean-word.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import { parseDurationMs } from '../util/duration.ts';
import { Secret } from '../util/secret.ts';
import { splitWords } from '../util/split-words.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { boolOf, textOf } from './conditions.ts';
import type { TaskKeywords } from './inherit.ts';
import type { ConnectionDefaults } from './options.ts';

export interface BecomeSources {
  readonly keywords: Pick<TaskKeywords, 'become' | 'becomeUser' | 'becomeMethod' | 'becomeExe' | 'becomeFlags'>;
  /** Evaluates the keywords. */
  readonly scope: LayeredScope;
  /** Variables of the host that the task works on. */
  readonly hostVars: LayeredScope;
  readonly hostName: string;
  readonly defaults: ConnectionDefaults;
  readonly onSecret: (secret: string) => void;
}

/**
 * Variables of the host beat keywords, as in Ansible, and those of a method (`ansible_sudo_exe`) beat the general ones.
 *
 * @returns undefined when the task stays the login user
 * @throws FleetmendError INVALID_ARGUMENT for a method, flags, a word or a time that cannot be
 */
export function resolveBecome(sources: BecomeSources): Become | undefined {
  const { keywords, scope, hostVars, hostName, defaults, onSecret } = sources;
  const fromVar = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = hostVars.get(name);
      if (value !== undefined && value !== null && value !== '') return toText(value);
    }
    return undefined;
  };
  const wrong = (what: string, expected: string, found: string, hint?: string) =>
    new FleetmendError('INVALID_ARGUMENT', `expected ${what} of '${hostName}' to be ${expected}, found '${found}'`, {
      hint,
    });

  const word = fromVar('ansible_become');
  const flag = toBoolean(word);
  if (word !== undefined && flag === undefined) throw wrong('`ansible_become`', 'yes or no', word);
  if (!(flag ?? boolOf(keywords.become, scope) ?? defaults.become)) return undefined;

  const name = fromVar('ansible_become_method') ?? textOf(keywords.becomeMethod, scope) ?? defaults.becomeMethod;
  const method = becomeMethod(name);
  if (method === undefined) {
    const known = BECOME_METHOD_NAMES.map((each) => `'${each}'`).join(', ');
    throw wrong('the become method', `one of ${known}`, name, didYouMean(name, BECOME_METHOD_NAMES));
  }
  const ofMethod = (what: string) => fromVar(`ansible_${method}_${what}`, `ansible_become_${what}`);
  const password = fromVar(`ansible_${method}_pass`, 'ansible_become_password', 'ansible_become_pass');
  if (password !== undefined) onSecret(password);
  const flagsText = ofMethod('flags') ?? textOf(keywords.becomeFlags, scope) ?? defaults.becomeFlags;
  const flags = flagsText === undefined ? undefined : splitWords(flagsText);
  if (typeof flags === 'string') throw wrong('the become flags', `words (${flags})`, flagsText ?? '');
  const time = fromVar('ansible_become_timeout');
  const timeoutMs = time === undefined ? defaults.becomeTimeoutMs : parseDurationMs(time);
  if (time !== undefined && !(timeoutMs !== undefined && timeoutMs > 0)) {
    throw wrong('`ansible_become_timeout`', "a duration such as 30, '90s' or '5m'", time);
  }
  return {
    method,
    user: ofMethod('user') ?? textOf(keywords.becomeUser, scope) ?? defaults.becomeUser,
    exe: ofMethod('exe') ?? textOf(keywords.becomeExe, scope) ?? defaults.becomeExe,
    flags: flags?.map(({ text }) => text),
    password: password === undefined ? defaults.becomePassword : new Secret(password),
    timeoutMs,
  };
}
