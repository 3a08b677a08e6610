import { describe, expect, it } from 'vitest';
import { createSourcePlaces, SourceText } from '../../src/playbook/index.ts';

/** The line and a caret under the place of `part` of a text, which is looked for from `from` in the file on. */
function shown(file: string, from: string, text: string, part: string): string | undefined {
  const source = new SourceText('f.yml', file);
  const places = createSourcePlaces((path) => (path === 'f.yml' ? source : undefined));
  const place = places.placeOf(text, source.position(file.indexOf(from)), text.indexOf(part));
  return place && `${place.excerpt}\n${' '.repeat(place.source.column - 1)}^ line ${place.source.line}`;
}

describe('the place of a part of a text', () => {
  it.each([
    ['where it stands', 'when: a and nope', 'a and', 'a and nope', 1],
    ['in single quotes with a quote in it', "when: 'it''s nope'", "it''s", "it's nope", 1],
    ['in double quotes with escapes', 'msg: "one\\n\\ttwo nope"', 'one', 'one\n\ttwo nope', 1],
    ['in a block scalar', 'msg: |\n  one\n    two\n  nope', 'one', 'one\n  two\nnope', 4],
    ['in a folded one', 'msg: >-\n  one\n  nope', 'one', 'one nope', 3],
    ['in plain text over two lines', 'when: one and\n  nope', 'one', 'one and nope', 2],
    ['in an item of a list', 'msg:\n  - one\n  - "{{ nope }}"', '- one', '{{ nope }}', 3],
    ['in a value of a flow map', 'x: {a: 1, b: "{{ nope }}"}', '{a', '{{ nope }}', 1],
    ['not in a word that holds it', 'that:\n  - anope\n  - nope', '- anope', 'nope', 3],
  ])('%s', (_name, file, from, text, line) => {
    const lines = file.split('\n');
    const place = shown(file, from, text, 'nope');
    const column = /\bnope/.exec(lines[line - 1] ?? '')?.index ?? -1;
    expect(place).toBe(`${lines[line - 1]}\n${' '.repeat(column)}^ line ${line}`);
  });

  it('is that of the whole value where the file does not hold the text', () => {
    expect(shown('that: "{{ list }}"', '{{', 'nope == 1', 'nope')).toBe('that: "{{ list }}"\n       ^ line 1');
  });

  it('is not known where the file cannot be read', () => {
    const places = createSourcePlaces(() => undefined);
    expect(places.placeOf('x', { file: 'f.yml', line: 1, column: 1 }, 0)).toBeUndefined();
  });
});

describe('the line is not shown', () => {
  it('of a decrypted file', () => {
    expect(new SourceText('f.yml', 'x: 1', true).excerpt(1)).toBeUndefined();
  });

  it.each(['db_password: hunter2', 'API_KEY="abc{{ x }}"', `token: "{{ x | default('abc') }}"`, 'copy: {secret: abc}'])(
    'with a secret in it: %s',
    (line) => {
      expect(new SourceText('f.yml', line).excerpt(1)).toBeUndefined();
    },
  );

  it.each(['db_password: "{{ vault_db_password }}"', 'secret: |-', 'password: {{ x }} # as ever', 'passes: 3'])(
    'but it is where the secret comes from elsewhere: %s',
    (line) => {
      expect(new SourceText('f.yml', line).excerpt(1)).toBe(line);
    },
  );
});
