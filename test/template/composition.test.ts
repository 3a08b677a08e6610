import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileTemplateFile, createEnvironment, type Environment, scopeOf } from '../../src/template/index.ts';
import { render, templateErrorOf } from './helpers.ts';

let folder: string;
let environment: Environment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmend-templates-'));
  const files: Record<string, string> = {
    'first/a.j2': 'a of first\n',
    'second/a.j2': 'a of second\n',
    'second/b.j2': 'line\n{{ x.nope }}\n',
    'second/macros.j2': '{% macro m(v) %}\n{{ v + 1 }}\n{% endmacro %}\n',
    'second/syntax.j2': '{{ x | nope }}',
    'second/loop.j2': '{% include "loop2.j2" %}',
    'second/loop2.j2': '{% include "loop.j2" %}',
    'second/base.j2': '{% block b %}base{% endblock %}',
    'second/sub/c.j2': 'c',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  environment = createEnvironment({ templatePlaces: [join(folder, 'first'), join(folder, 'second')] });
});
afterAll(() => rm(folder, { recursive: true }));

function renderFile(text: string, data: Readonly<Record<string, unknown>> = {}): unknown {
  return compileTemplateFile(text, 'main.j2', environment).evaluate(scopeOf(data));
}

describe('templates of several files', () => {
  it('are looked for in the folders in order', () => {
    expect(renderFile('{% include "a.j2" %}')).toBe('a of first');
    expect(renderFile('{% include "/sub/./c.j2" %}')).toBe('c');
  });

  it('are never found outside of the folders', () => {
    const error = templateErrorOf(() => renderFile('{% include "../first/a.j2" %}'));
    expect(error.message).toContain("Found no template '../first/a.j2'");
    expect(error.hint).toContain(join(folder, 'second'));
  });

  it('place an error where it stands: in the included file, in the macro, in the block', () => {
    const placeOf = (text: string): unknown => templateErrorOf(() => renderFile(text, { x: {} })).source;
    expect(placeOf('{% include "b.j2" %}')).toEqual({ file: join(folder, 'second/b.j2'), line: 2, column: 5 });
    expect(placeOf('x\n{% from "macros.j2" import m %}{{ m("t") }}')).toEqual({
      file: join(folder, 'second/macros.j2'),
      line: 2,
      column: 6,
    });
    expect(placeOf('{% extends "base.j2" %}\n{% block b %}\n{{ 1 + "a" }}{% endblock %}')).toEqual({
      file: 'main.j2',
      line: 3,
      column: 6,
    });
    expect(placeOf('{% include "syntax.j2" %}')).toMatchObject({ file: join(folder, 'second/syntax.j2'), line: 1 });
  });

  it('say so when they include each other for ever', () => {
    const error = templateErrorOf(() => renderFile('{% include "loop.j2" %}'));
    expect(error.message).toContain('loop.j2 -> loop2.j2 -> loop.j2');
  });

  it('are refused in a text for which no folder is known', () => {
    expect(templateErrorOf(() => render('{% include "a.j2" %}')).message).toContain('no folder is known');
  });

  it('give a changed file anew', async () => {
    await writeFile(join(folder, 'first/new.j2'), 'one');
    expect(renderFile('{% include "new.j2" %}')).toBe('one');
    await writeFile(join(folder, 'first/new.j2'), 'other');
    expect(renderFile('{% include "new.j2" %}')).toBe('other');
  });
});

describe('a template file', () => {
  it('always gives text', () => {
    expect(renderFile('{{ [1, "a"] }}')).toBe("[1, 'a']");
    expect(renderFile('{{ x }}\n', { x: true })).toBe('True\n');
    expect(renderFile('')).toBe('');
  });

  it('counts the lines of an error below its header line', () => {
    const error = templateErrorOf(() => renderFile('#jinja2: trim_blocks: False\nok\n{{ nope }}'));
    expect(error.source).toEqual({ file: 'main.j2', line: 3, column: 4 });
  });

  it.each([
    ['#jinja2: trim_block: False\nx', "Unknown option 'trim_block'"],
    ['#jinja2: line_statement_prefix: "%"\nx', 'line statements are off'],
    ['#jinja2: trim_blocks: yes\nx', 'True or False'],
    ['#jinja2: newline_sequence: "x"\nx', 'newline_sequence'],
    ['#jinja2: variable_start_string: ""\nx', 'at least one character'],
  ])('refuses the header %j', (text, message) => {
    expect(templateErrorOf(() => renderFile(text)).message).toContain(message);
  });

  it.each(['do x', 'break', 'continue', 'autoescape true', 'trans'])('says why it has no tag {%% %s %%}', (tag) => {
    const error = templateErrorOf(() => renderFile(`{% ${tag} %}`));
    expect(error).toMatchObject({ code: 'TEMPLATE_SYNTAX' });
    expect(error.message).toContain('cannot be used: ');
  });
});
