/** The expression language against its oracle: Jinja2 with Ansible's filters and tests, as Debian packages them. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { TemplateError } from '../../src/errors.ts';
import {
  compileExpression,
  compileTemplateFile,
  createEnvironment,
  type Environment,
  scopeOf,
} from '../../src/template/index.ts';
import { toRepr } from '../../src/template/values/text.ts';
import { DATA, EXPRESSIONS, TEMPLATES } from './template-cases.ts';
import { DIFFERENCES } from './template-differences.ts';
import { COMPOSED, FILES } from './template-files.ts';
import { FILTER_EXPRESSIONS } from './template-filter-cases.ts';
import { randomExpressions } from './template-random.ts';

interface Case {
  readonly kind: 'expression' | 'template';
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const ENVIRONMENT: Environment = {
  ...createEnvironment(),
  templates: {
    places: ['templates'],
    load: (name) => {
      const text = FILES[name];
      return text === undefined ? undefined : { path: name, text };
    },
  },
};

interface Result {
  readonly repr?: string;
  readonly error?: string;
}

it('expressions mean what they mean in Jinja2 and Ansible', () => {
  expectAgreement(EXPRESSIONS.map((text) => ({ kind: 'expression', text, data: DATA })));
});

it('the rarer filters mean what they mean in Ansible', () => {
  expectAgreement(FILTER_EXPRESSIONS.map((text) => ({ kind: 'expression', text, data: DATA })));
});

it('templates make the text that Jinja2 makes', () => {
  expectAgreement(TEMPLATES.map((text) => ({ kind: 'template', text, data: DATA })));
});

it('templates put together of several make the text that Jinja2 makes', () => {
  expectAgreement(COMPOSED.map((text) => ({ kind: 'template', text, data: DATA })));
});

it('random expressions mean what they mean in Jinja2', () => {
  const texts = randomExpressions(20_261_121, 3_000);
  expectAgreement(texts.map((text) => ({ kind: 'expression', text, data: DATA })));
});

it('every listed difference from Jinja2 is still one', () => {
  const cases = [...DIFFERENCES.keys()].map(
    (text) => ({ kind: text.startsWith('{%') ? 'template' : 'expression', text, data: DATA }) as const,
  );
  const theirs = askOracle(cases);
  const gone = cases.filter((item, i) => isSame(ours(item), theirs[i]));
  expect(gone.map(({ text }) => text)).toEqual([]);
});

function expectAgreement(cases: readonly Case[]): void {
  const compared = cases.filter(({ text }) => !DIFFERENCES.has(text));
  const theirs = askOracle(compared);
  const differing = compared
    .map((item, i) => ({ text: item.text, ours: ours(item), theirs: theirs[i] }))
    .filter((item) => !isSame(item.ours, item.theirs));
  expect(differing).toEqual([]);
}

// Both fail, or both give the same value; the wording of failures is our own.
function isSame(a: Result, b: Result | undefined): boolean {
  if (b === undefined) return false;
  return a.error === undefined ? a.repr === b.repr : b.error !== undefined;
}

function ours({ kind, text, data }: Case): Result {
  try {
    const template =
      kind === 'expression'
        ? compileExpression(text, undefined, ENVIRONMENT)
        : compileTemplateFile(text, 'main.j2', ENVIRONMENT);
    return { repr: toRepr(template.evaluate(scopeOf(data))) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { error: error.message };
  }
}

function askOracle(cases: readonly Case[]): Result[] {
  const script = fileURLToPath(new URL('./template-oracle.py', import.meta.url));
  const output = execFileSync('/usr/bin/python3', [script], {
    input: JSON.stringify({ cases, files: FILES }),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, TZ: 'UTC' },
  });
  return JSON.parse(output) as Result[];
}
