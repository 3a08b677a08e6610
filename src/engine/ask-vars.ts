/** Asks for the variables of `vars_prompt` before a play begins. */

import { FleetmendError } from '../errors.ts';
import type { VarsLayer } from '../inventory/types.ts';
import type { Play, Raw, VarsPrompt } from '../playbook/types.ts';
import { compileExpression, scopeOf, toPlain, toText } from '../template/index.ts';
import type { LayeredScope } from '../vars/scope.ts';
import { dataLayer, templateLayer } from '../vars/scope.ts';
import { evaluateRaw, flag } from './conditions.ts';
import type { RunContext } from './run-context.ts';

/**
 * The answers as layers, highest precedence first. What the command line gives is not asked. Without a terminal the
 * default is taken, as in Ansible, and a warning says so.
 *
 * @throws FleetmendError USAGE when there is neither a terminal nor a default; what the prompt throws when the run is ended
 */
export async function askVars(run: RunContext, play: Play, scope: LayeredScope): Promise<readonly VarsLayer[]> {
  const layers: VarsLayer[] = [];
  for (const question of play.varsPrompt) {
    const { name } = question;
    if (run.options.extraVars.some(({ vars }) => Object.hasOwn(vars, name))) continue;
    const text = await ask(run, question, scope);
    const value = question.encrypt === undefined ? text : hash(text, question, scope);
    // As in Ansible the answer may hold templates, unless it is `unsafe`. What was hashed is data.
    const isData = flag(question.unsafe, scope) || question.encrypt !== undefined;
    const vars = { [name]: value };
    layers.unshift(isData ? dataLayer('vars_prompt', vars) : templateLayer('vars_prompt', vars, () => question.source));
  }
  return layers;
}

async function ask(run: RunContext, question: VarsPrompt, scope: LayeredScope): Promise<string> {
  const { options } = run;
  const { name, source } = question;
  const isPrivate = question.private === undefined || flag(question.private, scope);
  const fallback = textOf(question.default, scope);
  if (options.prompt === undefined) {
    if (fallback === undefined) {
      const { file, line, column } = source;
      const message = `${file}:${line}:${column}: there is no terminal to ask for '${name}' at, and it has no default`;
      throw new FleetmendError('USAGE', message, { source, hint: `give it with -e ${name}=VALUE` });
    }
    options.emit({
      type: 'warning',
      atMs: options.nowMs(),
      message: `there is no terminal to ask for '${name}' at: its default is taken; -e ${name}=VALUE gives another`,
      source,
    });
    return fallback;
  }
  const prompt = options.prompt;
  const words = textOf(question.prompt, scope) ?? `input for ${name}`;
  const shown = fallback === undefined || isPrivate ? words : `${words} [${fallback}]`;
  const answer = (text: string) => prompt(text, { echo: !isPrivate, signal: options.signal });
  for (let lead = ''; ; lead = 'The two answers differ.\n') {
    const first = await answer(`${lead}${shown}`);
    if (!flag(question.confirm, scope) || (await answer(`confirm ${words}`)) === first) {
      if (first === '') return fallback ?? '';
      // A default is no secret: it is written in the playbook.
      if (isPrivate) options.onSecret(first);
      return first;
    }
  }
}

function hash(password: string, question: VarsPrompt, scope: LayeredScope): string {
  const expression = 'password | password_hash(kind, salt, size)';
  const values = {
    password,
    kind: textOf(question.encrypt, scope),
    salt: textOf(question.salt, scope) ?? null,
    size: question.saltSize === undefined ? null : Number(textOf(question.saltSize, scope)),
  };
  return toText(compileExpression(expression, question.source, scope.environment).evaluate(scopeOf(values)));
}

function textOf(raw: Raw | undefined, scope: LayeredScope): string | undefined {
  return raw === undefined ? undefined : toText(toPlain(evaluateRaw(raw, scope)));
}
