import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { moduleCatalog } from '../../src/modules/registry.ts';
import { type JsonSchema, schemaErrors, surelyFits } from '../../src/playbook/schema-errors.ts';
import { SHAPES } from '../../src/playbook/shapes.ts';

const ajv = new Ajv({ allErrors: true, strict: false, meta: false, validateSchema: false });

const SCHEMAS: readonly JsonSchema[] = [
  ...Object.values(SHAPES).map(({ schema }) => schema),
  ...moduleCatalog.names().flatMap((name) => {
    const args: JsonSchema = moduleCatalog.find(name)?.args ?? {};
    return name.includes('.') ? [] : [args, ...Object.values(args.properties as Record<string, JsonSchema>)];
  }),
  { type: 'array', items: { enum: ['a', 'b'] }, minItems: 1 },
  { type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'], additionalProperties: false },
  { type: 'string', minLength: 2, pattern: '^\\p{L}+$' },
  { type: 'number', exclusiveMaximum: 3 },
];

const words = ['yes', '{{ x }}', '5', '50%', 'linear', 'a', '', '😀', 'directory', 'present', 'cmd', 'path'];
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(...words, null, true, false, 0, 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...words, 'a', 'src', 'dest'), tie('any'), { maxKeys: 3 }),
  ),
})).any;

test('what is taken without ajv, ajv takes too', () => {
  for (const schema of SCHEMAS) {
    const validate = ajv.compile(schema);
    fc.assert(
      fc.property(value, (each) => {
        if (surelyFits(schema, each)) expect({ each, fits: validate(each) }).toEqual({ each, fits: true });
      }),
    );
  }
});

test('what playbooks hold is taken without ajv', () => {
  const usual = {
    text: 'x',
    hosts: ['a', 'b'],
    flag: 'yes',
    count: 3,
    batches: [1, '50%'],
    tasks: [],
    loop: '{{ x }}',
  };
  for (const [shape, each] of Object.entries(usual)) {
    expect({ shape, fits: surelyFits(SHAPES[shape as keyof typeof usual].schema, each) }).toEqual({
      shape,
      fits: true,
    });
  }
});

test('a keyword that is not known here is for ajv to judge', () => {
  const schema = { type: 'number', exclusiveMaximum: 3 };
  expect(surelyFits(schema, 2)).toBe(false);
  expect(schemaErrors(schema, 2)).toEqual([]);
  expect(schemaErrors(schema, 3)).toMatchObject([{ keyword: 'exclusiveMaximum', instancePath: '' }]);
});

test('all that does not fit is told', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' }, b: { enum: ['x'] } } };
  expect(schemaErrors(schema, { a: 1, b: 'y' }).map((error) => error.instancePath)).toEqual(['/a', '/b']);
});
