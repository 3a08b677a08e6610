import { describe, expect, it } from 'vitest';
import { TemplateError } from '../../src/errors.ts';
import { compileExpression, compileTemplate, PlacedTemplateError, scopeOf } from '../../src/template/index.ts';
import { evaluate, POSITION, render, templateErrorOf } from './helpers.ts';

describe('syntax', () => {
  it.each([
    ['{{ 1 + }}', 16, "Expected a value, found '}}'"],
    ['{{ a | uper }}', 16, "Unknown filter 'uper'; did you mean 'upper'?"],
    ['{{ a is defind }}', 17, "Unknown test 'defind'; did you mean 'defined'?"],
    ["{{ lookup('iems', []) }}", 19, "Unknown lookup 'iems'; did you mean 'items'?"],
    ["{{ 'a' | join(sep=1) }}", 18, "The filter 'join' has no argument 'sep'; its arguments are d, attribute"],
    ["{{ 'a' | replace('b') }}", 18, "The filter 'replace' needs its argument 'new'"],
    ['{{ a', 9, "Expected '}}' to close '{{'"],
    ['{% if a %}', 19, "Expected '{% endif %}' before the end of the text"],
    ['{% fi a %}', 12, "Unknown tag 'fi'; did you mean 'if'?"],
    ['{{ (1 }}', 15, "Expected ')', found '}'"],
    ["{{ 'abc }}", 12, "Expected ' to close the text that starts here"],
    ['{{ a && b }}', 14, "Unexpected character '&' in the expression; write 'and'"],
    ["{{ 1 if a = 'b' }}", 19, "Unexpected '='; write '==' to compare"],
  ])('%s is refused when it is compiled, with its column', (text, column, message) => {
    const error = templateErrorOf(() => compileTemplate(text, POSITION));
    expect(error.code).toBe('TEMPLATE_SYNTAX');
    expect(error.message).toBe(`site.yml:3:${column}: ${message}`);
    expect(error.source).toEqual({ file: 'site.yml', line: 3, column });
  });

  it('the line counts on inside of a block scalar', () => {
    const error = templateErrorOf(() => compileTemplate('a\nb {{ c | x }}', POSITION));
    expect(error.source).toEqual({ file: 'site.yml', line: 4, column: 10 });
  });

  it('the parts of an error are apart for those who collect findings', () => {
    const error = templateErrorOf(() => compileTemplate('{{ a | uper }}', POSITION));
    expect(error).toBeInstanceOf(PlacedTemplateError);
    expect(error instanceof PlacedTemplateError && error.diagnostic).toMatchObject({
      message: "Unknown filter 'uper'",
      hint: "did you mean 'upper'?",
    });
  });

  it('without a place the expression itself is shown', () => {
    expect(() => compileExpression('a |')).toThrow(
      "Expected a filter's name, found the end of the text (in the expression: a |)",
    );
  });
});

describe('undefined values', () => {
  it('name the variable and what is near', () => {
    const error = templateErrorOf(() => render('{{ port_numbr }}', { port_number: 1 }));
    expect(error.code).toBe('TEMPLATE_UNDEFINED');
    expect(error.message).toBe("site.yml:3:12: 'port_numbr' is undefined; did you mean 'port_number'?");
  });

  it('name the attribute and what has it not', () => {
    expect(() => render('{{ a.b.cc }}', { a: { b: { cd: 1 } } })).toThrow(
      "site.yml:3:15: 'a.b' (dict) has no attribute 'cc'; did you mean 'cd'?",
    );
  });

  it('chain up to default, as in Ansible', () => {
    expect(evaluate('a.b.c | default(1)')).toBe(1);
    expect(evaluate('a.b.c is defined')).toBe(false);
    expect(templateErrorOf(() => evaluate('a.b.c')).message).toContain("'a' is undefined");
  });

  it('are errors wherever they are used', () => {
    for (const text of [
      'x == 1',
      'not x',
      'x | upper',
      '[x]',
      "{'k': x}",
      'x ~ 1',
      '1 in x',
      'x + 1',
      '[{}] | map(attribute="x")',
    ]) {
      expect(templateErrorOf(() => evaluate(text)).code).toBe('TEMPLATE_UNDEFINED');
    }
  });

  it('in the template of a variable keep their own place, and default still works', () => {
    const inner = new TemplateError('TEMPLATE_UNDEFINED', "vars.yml:1:2: 'y' is undefined");
    const scope = {
      get: () => {
        throw inner;
      },
      has: () => true,
      names: () => ['x'],
    };
    expect(compileExpression("x | default('d')").evaluate(scope)).toBe('d');
    expect(() => compileExpression('x').evaluate(scope)).toThrow(inner);
  });

  it('an inline if without else counts as empty', () => {
    expect(render("a{{ 'b' if false }}")).toBe('a');
    expect(evaluate("('b' if false) is defined")).toBe(false);
  });
});

describe('evaluation', () => {
  it.each([
    [
      "1 + 'a'",
      "site.yml:3:11: Cannot apply '+' to int and str; join texts with '~', or make both numbers with '| int'",
    ],
    ["1 < 'a'", "site.yml:3:11: Cannot order int and str; make both numbers, for example with '| int'"],
    ['1 / 0', 'site.yml:3:11: Cannot divide by zero'],
    ['5()', 'site.yml:3:10: Expected a function to call, got an int'],
    [
      "'x' | from_json",
      "site.yml:3:15: The filter 'from_json' cannot read its text: Unexpected token 'x', \"x\" is not valid JSON",
    ],
    ["{'a': 1}.keyz()", "site.yml:3:17: A dict has no attribute 'keyz'; did you mean 'keys'?"],
  ])('%s fails at its operator', (text, message) => {
    expect(templateErrorOf(() => evaluate(text)).message).toBe(message);
  });

  it('variables that refer to themselves end in an error, not in a crash', () => {
    const scope = { get: (): unknown => compileExpression('x').evaluate(scope), has: () => true, names: () => [] };
    expect(templateErrorOf(() => compileExpression('x').evaluate(scope)).message).toMatch(/refer to themselves/);
  });

  it('an error of the scope itself is passed on', () => {
    const boom = new TemplateError('TEMPLATE_ERROR', 'vars.yml:1:1: broken');
    const scope = {
      get: () => {
        throw boom;
      },
      has: () => true,
      names: () => [],
    };
    expect(() => compileExpression('x | default(1)').evaluate(scope)).toThrow(boom);
  });
});

describe('limits', () => {
  it.each([
    'range(2000000)',
    "'a' * 20000000",
    '[0] * 2000000',
    '2 ** 1000000',
    "'%99999999999d' % 1",
    "'{:99999999999}'.format(1)",
    "'a' | center(99999999)",
    'range(2000) | product(range(2000))',
  ])('%s is refused', (text) => {
    expect(templateErrorOf(() => evaluate(text)).code).toBe('TEMPLATE_ERROR');
  });

  it('the output of loops is bounded', () => {
    const text = "{% for i in range(1000) %}{% for j in range(1000) %}{{ '0123456789012' }}{% endfor %}{% endfor %}";
    expect(templateErrorOf(() => render(text)).message).toMatch(/at most 10485760 characters/);
  });

  it('macros cannot call themselves for ever', () => {
    expect(() => render('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}')).toThrow(/more than 100 deep/);
  });

  it('hostile nesting is refused when compiled', () => {
    expect(() => compileExpression('('.repeat(5000) + ')'.repeat(5000))).toThrow(/nested deeper than 200/);
    expect(() => compileExpression(`${'not '.repeat(5000)}a`)).toThrow(/nested deeper than 200/);
  });

  it('values that contain themselves cannot be printed or compared', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => evaluate('x | string', { x: loop })).toThrow(/nested deeper/);
    expect(() => evaluate('x | to_json', { x: loop })).toThrow(/nested deeper/);
  });
});

describe('safety', () => {
  it.each([
    "''.constructor",
    '[].constructor',
    '{}.__proto__',
    "{}['__proto__']",
    "{}['constructor']",
    'd.toString',
    "d['hasOwnProperty']",
    'f.constructor',
    'd.f.constructor',
    '(1).toFixed',
    "'a' | attr('constructor')",
    "'{0.constructor}'.format('a')",
    "'{0[constructor]}'.format(d)",
    "[d] | map(attribute='constructor') | list",
    'range.constructor',
    "'a'.upper.constructor",
    "d | dictsort(by='constructor')",
    'constructor',
    '__proto__',
    'toString',
  ])('%s reaches nothing of JavaScript', (text) => {
    const data = { d: { f: 1 }, f: () => 1 };
    expect(templateErrorOf(() => evaluate(text, data)).code).toMatch(/^TEMPLATE_(UNDEFINED|ERROR)$/);
  });

  it('a key named __proto__ is a key like any other', () => {
    const made = evaluate("{'__proto__': {'x': 1}} | combine({'a': 1})");
    expect(Object.keys(made as object)).toEqual(['__proto__', 'a']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('functions of the program are not callable', () => {
    expect(() => compileExpression('f()').evaluate(scopeOf({ f: () => 1 }))).toThrow(/Expected a function to call/);
  });
});
