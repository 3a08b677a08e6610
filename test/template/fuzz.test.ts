import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TemplateError } from '../../src/errors.ts';
import type { Builtin } from '../../src/template/builtin.ts';
import { FILTERS } from '../../src/template/filters/index.ts';
import {
  compileExpression,
  compileTemplate,
  compileTemplateFile,
  createEnvironment,
  scopeOf,
} from '../../src/template/index.ts';
import { TESTS } from '../../src/template/tests/index.ts';

const SCOPE = scopeOf({
  a: 'abc',
  n: 3,
  x: 1.5,
  l: [1, 'b', null, [2]],
  d: { k: 'v', items: [1] },
  none: null,
  t: true,
});
const ENVIRONMENT = {
  ...createEnvironment(),
  templates: {
    places: [],
    load: (name: string) => (name === 'a' ? { path: 'a', text: '{% block b %}{{ a }}{% endblock %}' } : undefined),
  },
};
/** Longest time for one text; the limit on an evaluation is 10 s, and nothing that is made here may come near it. */
const MAX_MS = 5_000;

/** Words that make most texts look like templates. */
const WORDS = [
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '-%}',
    '{%-',
    '{{-',
    '-}}',
    '{%+',
    '\n',
    ' ',
    '  ',
    'text',
    '#jinja2:',
    'trim_blocks: False',
  ],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '.',
    '|',
    '~',
    '+',
    '-',
    '*',
    '**',
    '/',
    '//',
    '%',
    '=',
    '==',
    '<',
    '>=',
    '!=',
  ],
  ...[
    'if',
    'else',
    'elif',
    'endif',
    'for',
    'in',
    'endfor',
    'set',
    'endset',
    'macro',
    'endmacro',
    'call',
    'endcall',
    'with',
  ],
  ...[
    'endwith',
    'filter',
    'endfilter',
    'block',
    'endblock',
    'extends',
    'include',
    'import',
    'from',
    'as',
    'raw',
    'endraw',
  ],
  ...[
    'recursive',
    'scoped',
    'required',
    'ignore missing',
    'without context',
    'not',
    'and',
    'or',
    'is',
    'is not',
    'in',
    'not in',
  ],
  ...['a', 'n', 'x', 'l', 'd', 'nope', 'loop', 'self', 'super', 'caller', 'varargs', 'kwargs', 'none', 'true', 'false'],
  ...[
    '0',
    '1',
    '-1',
    '2.5',
    '1e3',
    '0x1f',
    '9007199254740993',
    "'s'",
    '"q"',
    "'{}'",
    "'%s'",
    "''",
    "'a'",
    "'(a+)+$'",
    "'\\\\x'",
  ],
  ...['range(3)', 'dict(a=1)', 'namespace(x=1)', 'cycler(1, 2)', "lookup('vars', 'a')", "query('items', l)", 'now()'],
  ...[
    '.items()',
    '.upper()',
    '.format(n)',
    '.append(1)',
    '.__class__',
    '.constructor',
    '.__proto__',
    "['__proto__']",
    '.k',
    '[0]',
  ],
  ...[...FILTERS.keys()].filter((name) => name !== 'password_hash').map((name) => `|${name}`),
  ...[...TESTS.keys()].filter((name) => /^[a-z_]+$/.test(name)).map((name) => ` is ${name}`),
];

const wordTexts = fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((words) => words.join(' '));
const joinedTexts = fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(''));
const rawTexts = fc.string({ unit: 'binary', maxLength: 60 });

const values = fc.constantFrom(
  'a',
  'n',
  'x',
  'l',
  'd',
  'none',
  't',
  '0',
  '-7',
  '2.5',
  "'text'",
  "'10'",
  '[]',
  '{}',
  '(1, 2)',
  '[[1, 2], [3]]',
  'nope',
);
/** A filter or test on a value, with as many arguments as it takes. */
function applied(
  table: ReadonlyMap<string, Builtin>,
  joint: string,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const usable = [...table].filter(([name]) => /^\w+$/.test(name));
  return fc.constantFrom(...usable).chain(([name, builtin]) => {
    const most = builtin.params.length - 1 + (builtin.isVariadic ? 2 : 0);
    return fc
      .tuple(value, fc.array(value, { minLength: Math.max(0, builtin.required - 1), maxLength: most }))
      .map(([subject, args]) => `(${subject}${joint}${name}(${args.join(', ')}))`);
  });
}

const OPERATORS = ['+', '-', '*', '/', '//', '%', '**', '~', '==', '<', 'in', 'not in', 'and', 'or'];
const METHODS = ['upper', 'split', 'items', 'keys', 'format', 'join', 'index', 'zfill', 'replace', 'get', 'partition'];

const expressions = fc.letrec<{ expression: string; value: string }>((tie) => ({
  value: fc.oneof({ arbitrary: values, weight: 3 }, tie('expression')),
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    values,
    { arbitrary: applied(FILTERS, ' | ', tie('value')), weight: 4 },
    { arbitrary: applied(TESTS, ' is ', tie('value')), weight: 2 },
    fc.tuple(tie('value'), fc.constantFrom(...OPERATORS), tie('value')).map((parts) => `(${parts.join(' ')})`),
    fc
      .tuple(tie('value'), fc.constantFrom(...METHODS), fc.array(tie('value'), { maxLength: 2 }))
      .map(([value, method, args]) => `(${value}).${method}(${args.join(', ')})`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map(([a, b, c]) => `(${a} if ${b} else ${c})`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `(${a})[${b}]`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map(([a, b, c]) => `(${a})[${b}:${c}]`),
  ),
})).expression;

// A mistake of the text is a TemplateError; anything else that is thrown is a mistake of ours.
function evaluateAll(text: string): void {
  const startedMs = performance.now();
  const ways = [
    () => compileExpression(text, undefined, ENVIRONMENT),
    () => compileTemplate(text, { file: 'f', line: 1, column: 1 }, ENVIRONMENT),
    () => compileTemplateFile(text, 'f.j2', ENVIRONMENT),
  ];
  for (const compile of ways) {
    try {
      compile().evaluate(SCOPE);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      expect(error.message).not.toBe('');
    }
  }
  expect(performance.now() - startedMs).toBeLessThan(MAX_MS);
}

const RUNS = { numRuns: 1_500, interruptAfterTimeLimit: 60_000 } as const;

it('texts of any bytes end in a value or a TemplateError', () => {
  fc.assert(fc.property(rawTexts, evaluateAll), RUNS);
}, 90_000);

it('texts of template words end in a value or a TemplateError', () => {
  fc.assert(fc.property(fc.oneof(wordTexts, joinedTexts), evaluateAll), RUNS);
}, 90_000);

it('expressions with any filter, test and method end in a value or a TemplateError', () => {
  fc.assert(fc.property(expressions, evaluateAll), RUNS);
}, 90_000);
