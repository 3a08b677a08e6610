import { describe, expect, it } from 'vitest';
import { compileTemplate, compileTemplateFile, isTemplate, PyFloat, scopeOf } from '../../src/template/index.ts';
import { evaluate, render } from './helpers.ts';

describe('results', () => {
  it('a single expression keeps its type', () => {
    expect(render('{{ x }}', { x: [1, 2] })).toEqual([1, 2]);
    expect(render('{{ 1 + 1 }}')).toBe(2);
    expect(render('{{ none }}')).toBeNull();
    expect(render('{{ 1.0 }}')).toEqual(new PyFloat(1));
  });

  it('one newline at the end, as a block scalar has, does not make a list text', () => {
    expect(render('{{ x }}\n', { x: [1] })).toEqual([1]);
  });

  it('a text keeps the newlines at its end, also after a tag', () => {
    expect(render('{{ x }}\n', { x: 'a' })).toBe('a\n');
    expect(render('{% if true %}a{% endif %}\n')).toBe('a\n');
  });

  it('an expression amid text gives text, and None nothing', () => {
    expect(render('<{{ none }}{{ true }}{{ [1, "a"] }}>')).toBe("<True[1, 'a']>");
  });

  it('spaces around an expression make it text', () => {
    expect(render(' {{ 1 }}')).toBe(' 1');
  });

  it('a tag with one expression inside keeps the type', () => {
    expect(render('{% if true %}{{ [1] }}{% endif %}')).toEqual([1]);
  });

  it('a text without delimiters is data and is not compiled', () => {
    const template = compileTemplate('plain } text {');
    expect(template).toMatchObject({ isStatic: true, isSingleExpression: false });
    expect(template.evaluate(scopeOf({}))).toBe('plain } text {');
  });

  it('isTemplate looks for the three delimiters', () => {
    expect(['{{', 'a{%', '{#'].every(isTemplate)).toBe(true);
    expect(['{', '{ {', '}}', '', 5, null, ['{{']].some(isTemplate)).toBe(false);
  });

  it('the result of a template is never evaluated again', () => {
    expect(render('{{ x }} {{ x }}', { x: '{{ 1 + 1 }}' })).toBe('{{ 1 + 1 }} {{ 1 + 1 }}');
  });
});

describe('backslashes', () => {
  it('stand for themselves in the expressions of a playbook', () => {
    expect(render(String.raw`{{ 'a\nb' }}`)).toBe(String.raw`a\nb`);
    expect(render(String.raw`{{ 'abc' | regex_replace('(b)', '<\1>') }}`)).toBe('a<b>c');
  });

  it('escape in tags and in the text of template files', () => {
    expect(render(String.raw`{% set x = 'a\nb' %}{{ x }}`)).toBe('a\nb');
    const file = compileTemplateFile(String.raw`{{ 'a\nb' }}`, 'a.j2');
    expect(file.evaluate(scopeOf({}))).toBe('a\nb');
  });
});

describe('bare expressions', () => {
  it('braces are an error, not a comparison with their text', () => {
    expect(() => evaluate("a == '{{ b }}'")).toThrow("site.yml:3:15: Expected an expression without '{{ }}'");
    expect(() => evaluate('{{ a }} == {{ b }}')).toThrow(/Expected an expression without/);
    expect(() => evaluate('{{ a }}')).toThrow(/Expected an expression without/);
  });
});

describe('laziness', () => {
  it('a variable is read only when the expression reaches it', () => {
    const reads: string[] = [];
    const scope = {
      get: (name: string) => {
        reads.push(name);
        return name === 'a' ? false : undefined;
      },
      has: () => true,
      names: () => [],
    };
    expect(compileTemplate('{{ a and b }}').evaluate(scope)).toBe(false);
    expect(reads).toEqual(['a']);
  });
});

describe('changing values in place', () => {
  it('a list that the template wrote may be appended to', () => {
    expect(render('{% set l = [] %}{% for i in [1, 2] %}{% set _ = l.append(i) %}{% endfor %}{{ l }}')).toEqual([1, 2]);
  });

  it('a variable may not', () => {
    const x = [1];
    expect(() => render('{{ x.append(2) }}', { x })).toThrow(/Cannot 'append' in place/);
    expect(x).toEqual([1]);
  });
});
