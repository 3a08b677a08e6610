import { describe, expect, it } from 'vitest';
import { moduleCatalog } from '../../src/modules/registry.ts';
import { parsePlaybook } from '../../src/playbook/index.ts';
import { dataLayer } from '../../src/vars/scope.ts';
import { type FleetOptions, runText } from './scripted-fleet.ts';

const play = (prompts: string, msg = '{{ who }}') => `- hosts: all
  vars_prompt:
${prompts.replace(/^/gm, '    ')}
  tasks:
    - {name: t, debug: {msg: "${msg}"}}
`;

function asking(...answers: string[]) {
  const asked: { text: string; echo: boolean }[] = [];
  const prompt: FleetOptions['prompt'] = async (text, { echo }) => {
    asked.push({ text, echo });
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`nobody answers '${text}'`);
    return answer;
  };
  return { asked, prompt };
}

const msgOf = (run: Awaited<ReturnType<typeof runText>>, host = 'web1') => run.resultOf('t', host).result.msg;

describe('vars_prompt', () => {
  it('asks once a play, before it starts, whatever the number of hosts', async () => {
    const { asked, prompt } = asking('me');
    const run = await runText(play('- {name: who, prompt: Who is there, private: false}'), { prompt });
    expect(asked).toEqual([{ text: 'Who is there', echo: true }]);
    expect([msgOf(run), msgOf(run, 'web3')]).toEqual(['me', 'me']);
  });

  it('hides what is typed, and the answer in every report, unless private is false', async () => {
    const secrets: string[] = [];
    const { asked, prompt } = asking('hunter2', 'open');
    await runText(play('- name: who\n- {name: other, private: no}'), {
      prompt,
      onSecret: (each) => secrets.push(each),
    });
    expect(asked).toEqual([
      { text: 'input for who', echo: false },
      { text: 'input for other', echo: true },
    ]);
    expect(secrets).toEqual(['hunter2']);
  });

  it('shows a default that is no secret, and takes it for an empty answer', async () => {
    const { asked, prompt } = asking('', '');
    const prompts = '- {name: who, prompt: Who, default: nobody, private: no}\n- {name: pass, default: hidden}';
    const run = await runText(play(prompts, '{{ who }} {{ pass }}'), { prompt });
    expect(asked.map(({ text }) => text)).toEqual(['Who [nobody]', 'input for pass']);
    expect(msgOf(run)).toBe('nobody hidden');
  });

  it('asks again until both answers are the same', async () => {
    const { asked, prompt } = asking('one', 'two', 'three', 'three');
    const run = await runText(play('- {name: who, prompt: Secret, confirm: yes}'), { prompt });
    expect(asked.map(({ text }) => text)).toEqual([
      'Secret',
      'confirm Secret',
      'The two answers differ.\nSecret',
      'confirm Secret',
    ]);
    expect(msgOf(run)).toBe('three');
  });

  it('hashes the answer for a login', async () => {
    const { prompt } = asking('geheim');
    const run = await runText(play('- {name: who, encrypt: sha512_crypt, salt: abcdefgh}'), { prompt });
    // From `openssl passwd -6 -salt abcdefgh geheim`.
    expect(msgOf(run)).toBe(
      '$6$abcdefgh$msgktWxVAbjjh3X7lA5LaM7dS/ZfABJL6T4qcRsnjcOTj0kptUvZcrvrXIoO5fgPA9xz6UnF2To2Y7jGc/IZY/',
    );
  });

  it('does not ask for what the command line gives', async () => {
    const { asked, prompt } = asking();
    const run = await runText(play('- name: who'), { prompt, extraVars: [dataLayer('-e', { who: 'given' })] });
    expect(asked).toEqual([]);
    expect(msgOf(run)).toBe('given');
  });

  it('without a terminal takes the default and says so; without one the run ends before any host is touched', async () => {
    const run = await runText(play('- {name: who, default: nobody}'));
    expect(msgOf(run)).toBe('nobody');
    expect(run.events.filter((event) => event.type === 'warning').map((event) => event.message)).toEqual([
      "there is no terminal to ask for 'who' at: its default is taken; -e who=VALUE gives another",
    ]);
    await expect(runText(play('- name: who'))).rejects.toMatchObject({
      code: 'USAGE',
      message: "play.yml:3:7: there is no terminal to ask for 'who' at, and it has no default",
      hint: 'give it with -e who=VALUE',
    });
  });

  it('evaluates templates in an answer, but for one that is unsafe', async () => {
    const { prompt } = asking('{{ 1 + 1 }}', '{{ 1 + 1 }}');
    const prompts = '- {name: who, private: no}\n- {name: raw, private: no, unsafe: yes}';
    const run = await runText(play(prompts, '{{ who }} / {{ raw }}'), { prompt });
    expect(msgOf(run)).toBe('2 / {{ 1 + 1 }}');
  });

  it('beats the variables of the play, also in hosts', async () => {
    const { prompt } = asking('web2');
    const text = play('- {name: who, private: no}').replace('hosts: all', 'hosts: "{{ who }}"\n  vars: {who: web3}');
    const run = await runText(text, { prompt });
    expect(run.tasksOf('web2')).toEqual(['t']);
    expect(run.tasksOf('web3')).toEqual([]);
  });

  it.each([
    ['- {nam: x}', /expected `vars_prompt` to be a list of maps/],
    ['- {name: x, privat: no}', /unknown keyword 'privat' in vars_prompt; did you mean 'private'\?/],
    ['- who', /expected `vars_prompt` to be a list of maps, each with the 'name' of a variable, found 'who'/],
    ['- {name: 1x}', /expected `vars_prompt` to be/],
  ])('refuses %s before the run', (prompts, message) => {
    expect(() => parsePlaybook(play(prompts), 'play.yml', moduleCatalog)).toThrow(message);
  });
});
