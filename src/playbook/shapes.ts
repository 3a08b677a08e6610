/** The shapes that keywords' values can have: a JSON Schema for ajv and the words for a person. */

import type { Findings } from './findings.ts';
import { schemaErrors } from './schema-errors.ts';
import { describeNode, nodeAt, toJson, type YamlNode } from './yaml-node.ts';

const TEMPLATE = { type: 'string', pattern: '\\{[{%]' };
const TEXT = { type: ['string', 'number', 'boolean'] };
const FLAG = {
  anyOf: [
    { type: 'boolean' },
    { enum: [0, 1] },
    {
      type: 'string',
      pattern: '^(?:[Yy]es|YES|[Nn]o|NO|[Tt]rue|TRUE|[Ff]alse|FALSE|[Oo]n|ON|[Oo]ff|OFF|[yYtTnNfF01])$',
    },
    TEMPLATE,
  ],
};
const COUNT = { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string', pattern: '^[0-9]+$' }, TEMPLATE] };
const SECONDS = {
  anyOf: [{ type: 'number', minimum: 0 }, { type: 'string', pattern: '^[0-9]+(?:\\.[0-9]+)?$' }, TEMPLATE],
};
const BATCH = {
  anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string', pattern: '^[0-9]+(?:\\.[0-9]+)?%?$' }, TEMPLATE],
};
const PERCENT = {
  anyOf: [{ type: 'number', minimum: 0 }, { type: 'string', pattern: '^[0-9]+(?:\\.[0-9]+)?%?$' }, TEMPLATE],
};
const CONDITION = { type: ['string', 'number', 'boolean', 'null'] };
const NAME_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$';
const LOOP_CONTROL = {
  type: 'object',
  properties: {
    loop_var: { pattern: NAME_PATTERN },
    index_var: { pattern: NAME_PATTERN },
    label: {},
    pause: SECONDS,
    extended: FLAG,
    extended_allitems: FLAG,
  },
};

const MODULE_DEFAULTS = { type: 'object', additionalProperties: { type: ['object', 'null'] } };

/** Every shape: what is expected, in words that follow "expected X to be", and its schema. Exported for testing. */
export const SHAPES = {
  text: { expected: 'text', schema: TEXT },
  texts: { expected: 'text or a list of texts', schema: { anyOf: [TEXT, { type: 'array', items: TEXT }] } },
  optionalTexts: {
    expected: 'text or a list of texts',
    schema: { anyOf: [TEXT, { type: 'null' }, { type: 'array', items: TEXT }] },
  },
  hosts: {
    expected: 'a host pattern or a list of these',
    schema: {
      anyOf: [
        { ...TEXT, minLength: 1 },
        { type: 'array', items: { ...TEXT, minLength: 1 }, minItems: 1 },
      ],
    },
  },
  flag: { expected: 'true or false', schema: FLAG },
  count: { expected: 'a whole number, 0 or more', schema: COUNT },
  seconds: { expected: 'a number of seconds', schema: SECONDS },
  percent: { expected: 'a percentage', schema: PERCENT },
  batches: {
    expected: 'a number, a percentage or a list of these',
    schema: {
      anyOf: [
        BATCH,
        {
          type: 'array',
          minItems: 1,
          items: {
            anyOf: [
              BATCH,
              { type: 'object', properties: { canary: BATCH }, required: ['canary'], additionalProperties: false },
            ],
          },
        },
      ],
    },
  },
  conditions: {
    expected: 'an expression, true or false, or a list of these',
    schema: { anyOf: [CONDITION, { type: 'array', items: CONDITION }] },
  },
  variables: { expected: 'a map of variables', schema: { type: ['object', 'null'] } },
  environment: {
    expected: 'a map of variables, a template or a list of these',
    schema: {
      anyOf: [
        { type: ['object', 'null'] },
        TEMPLATE,
        { type: 'array', items: { anyOf: [{ type: ['object', 'null'] }, TEMPLATE] } },
      ],
    },
  },
  varsFiles: {
    expected: 'a list of file names, or of lists of alternatives',
    schema: {
      anyOf: [
        TEXT,
        { type: 'null' },
        { type: 'array', items: { anyOf: [TEXT, { type: 'array', items: TEXT, minItems: 1 }] } },
      ],
    },
  },
  varsPrompt: {
    expected: "a list of maps, each with the 'name' of a variable",
    schema: {
      anyOf: [
        { type: 'null' },
        {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: { type: 'string', pattern: NAME_PATTERN },
              prompt: TEXT,
              default: TEXT,
              private: FLAG,
              confirm: FLAG,
              encrypt: { anyOf: [TEXT, { type: 'null' }] },
              salt: { anyOf: [TEXT, { type: 'null' }] },
              salt_size: { anyOf: [COUNT, { type: 'null' }] },
              unsafe: FLAG,
            },
            required: ['name'],
          },
        },
      ],
    },
  },
  tasks: {
    expected: 'a list of tasks',
    schema: { type: ['array', 'null'] },
  },
  roles: {
    expected: 'a list of roles',
    schema: { anyOf: [{ type: 'array', items: { type: ['string', 'object'] } }, { type: 'null' }] },
  },
  loop: {
    expected: "a list or a template ('{{ … }}') that gives one",
    schema: { anyOf: [{ type: 'array' }, TEMPLATE] },
  },
  items: { expected: 'a list, a map, text or a template', schema: { anyOf: [{ type: ['array', 'object'] }, TEXT] } },
  loopControl: { expected: 'a map of loop_var, index_var, label, pause …', schema: LOOP_CONTROL },
  failBudget: {
    expected: "a map of 'failed', 'unreachable', 'total', each a number or a percentage",
    schema: {
      type: 'object',
      minProperties: 1,
      properties: { failed: BATCH, unreachable: BATCH, total: BATCH },
      additionalProperties: false,
    },
  },
  moduleDefaults: {
    expected: 'a map of modules with their arguments, or a list of these',
    schema: { anyOf: [MODULE_DEFAULTS, { type: 'array', items: MODULE_DEFAULTS }] },
  },
  variableName: {
    expected: 'a variable name (letters, digits and _, no digit first)',
    schema: { type: 'string', pattern: NAME_PATTERN },
  },
  strategy: {
    expected: "'linear', 'free' or 'host_pinned'",
    schema: {
      enum: ['linear', 'free', 'host_pinned'].flatMap((name) => [name, `ansible.builtin.${name}`]),
    },
  },
  order: {
    expected: "'inventory', 'sorted', 'reverse_sorted', 'reverse_inventory' or 'shuffle'",
    schema: { enum: ['inventory', 'sorted', 'reverse_sorted', 'reverse_inventory', 'shuffle'] },
  },
  moduleArgs: {
    expected: 'a map of arguments or a template',
    schema: { anyOf: [{ type: ['object', 'null'] }, TEMPLATE] },
  },
  action: { expected: 'a module with its arguments', schema: { type: ['string', 'object'] } },
} as const;

export type ShapeName = keyof typeof SHAPES;

/** What a shape expects, in words: "a number, a percentage or a list of these". */
export function expectedOf(shape: ShapeName): string {
  return SHAPES[shape].expected;
}

/**
 * Checks a keyword's value. A misfit is noted at the deepest value that does not fit.
 *
 * @returns whether it fits
 */
export function checkShape(keyword: string, shape: ShapeName, node: YamlNode, findings: Findings): boolean {
  const errors = schemaErrors(SHAPES[shape].schema, toJson(node));
  if (errors.length === 0) return true;
  let path: string[] = [];
  for (const error of errors) {
    const steps = error.instancePath.split('/').slice(1).map(unescapePointer);
    if (steps.length > path.length) path = steps;
  }
  const found = nodeAt(node, path);
  const where = path.map((step) => (/^\d+$/.test(step) ? ` in item ${Number(step) + 1}` : ` in '${step}'`)).join('');
  const message = `expected \`${keyword}\` to be ${SHAPES[shape].expected}, found ${describeNode(found)}${where}`;
  findings.add('PLAYBOOK_INVALID', found.offset, message);
  return false;
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
