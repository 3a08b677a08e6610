/** What a session asks the person at the terminal; the reports hold still meanwhile. */
import type { EngineOptions } from '../../engine/options.ts';
import type { Secret } from '../../util/secret.ts';
import { askLine, askPassword, canAsk } from '../ask.ts';
import type { Interrupts } from '../interrupts.ts';
import type { SessionOptions } from './options.ts';
import type { SessionOutput } from './output.ts';

/** Each is undefined where it is not to be asked, or nobody is there. */
export interface Questions {
  readonly password?: (question: string) => Promise<Secret>;
  /** For `vars_prompt` and `pause`. */
  readonly prompt: EngineOptions['prompt'];
  /** For `--step`. */
  readonly confirmTask: EngineOptions['confirmTask'];
}

/** The questions of this session. */
export function questionsOf({ io, step }: SessionOptions, { aside }: SessionOutput, interrupts: Interrupts): Questions {
  const isThere = canAsk(io);
  return {
    password: isThere ? (question) => aside(() => askPassword(question, interrupts)) : undefined,
    prompt: isThere
      ? (text, options) => aside(() => askLine(`${text.trimEnd()}: `, { ...options, interrupts }))
      : undefined,
    // Without a terminal the question itself says so.
    confirmTask: step === true ? (name) => aside(() => confirmTask(name, interrupts)) : undefined,
  };
}

async function confirmTask(name: string, interrupts: Interrupts): Promise<'yes' | 'no' | 'continue'> {
  const question = `Run task '${name}'? (y)es, (n)o, (c)ontinue without asking: `;
  const answer = (await askLine(question, { echo: true, interrupts })).trim().toLowerCase();
  if (answer === 'c' || answer === 'continue') return 'continue';
  return answer === 'y' || answer === 'yes' ? 'yes' : 'no';
}
