/** Expression tree -> closures. Whatever is known beforehand (names, filters, argument order) is settled here. */
import type { Comparison, Expression, Member, Name } from './ast.ts';
import { compileCall, compileFilter, compileTest } from './compile-call.ts';
import type { CompileContext, Evaluate } from './compile-context.ts';
import { readName } from './names.ts';
import { calculate, joinText, negate } from './values/arithmetic.ts';
import { readAttribute, readItem } from './values/attributes.ts';
import { contains } from './values/contains.ts';
import { checkKey, makeDict } from './values/dict.ts';
import { missingMember } from './values/missing.ts';
import { slice } from './values/sequence.ts';
import { toText } from './values/text.ts';
import { compare, equals, truthy } from './values/truth.ts';
import { tupleOf } from './values/tuple.ts';
import { requireDefined, Undefined } from './values/undefined.ts';

const CHANGING_METHODS = new Set([
  ...['append', 'extend', 'insert', 'remove', 'reverse', 'sort'],
  ...['pop', 'clear'],
  ...['update', 'setdefault'],
]);

/** @throws EvaluationFailure TEMPLATE_SYNTAX for an unknown filter or test and for arguments that do not fit */
export function compileNode(node: Expression, context: CompileContext): Evaluate {
  switch (node.kind) {
    case 'constant': {
      const { value } = node;
      return () => value;
    }
    case 'name':
      return compileName(node, context);
    case 'attribute':
    case 'item':
      return compileMember(node, context);
    case 'slice':
      return compileSlice(node, context);
    case 'filter':
      return compileFilter(node, context, compileNode);
    case 'test':
      return compileTest(node, context, compileNode);
    case 'call':
      return compileCall(node, context, compileNode);
    case 'compare':
      return compileComparison(node, context);
    case 'list':
    case 'tuple':
      return compileItems(node.kind, node.items, context);
    case 'dict':
      return compileDict(node.entries, context);
    case 'concat': {
      const items = node.items.map((item) => compileNode(item, context));
      const { offset } = node;
      return (runtime) => {
        let text = '';
        for (const item of items) {
          const value = item(runtime);
          runtime.offset = offset;
          text = joinText(text, toText(value));
        }
        return text;
      };
    }
    case 'binary': {
      const { operator, offset } = node;
      const left = compileNode(node.left, context);
      const right = compileNode(node.right, context);
      return (runtime) => {
        const a = left(runtime);
        const b = right(runtime);
        runtime.offset = offset;
        return calculate(operator, a, b);
      };
    }
    case 'and':
    case 'or': {
      const left = compileNode(node.left, context);
      const right = compileNode(node.right, context);
      const goesOn = node.kind === 'and';
      return (runtime) => {
        const value = left(runtime);
        return truthy(value) === goesOn ? right(runtime) : value;
      };
    }
    case 'not': {
      const operand = compileNode(node.operand, context);
      return (runtime) => !truthy(operand(runtime));
    }
    case 'negative':
    case 'positive': {
      const operand = compileNode(node.operand, context);
      const { kind, offset } = node;
      return (runtime) => {
        const value = operand(runtime);
        runtime.offset = offset;
        return kind === 'negative' ? negate(value) : negate(negate(value));
      };
    }
    case 'condition': {
      const test = compileNode(node.test, context);
      const then = compileNode(node.then, context);
      const otherwise = node.otherwise === undefined ? undefined : compileNode(node.otherwise, context);
      const { offset } = node;
      return (runtime) => {
        if (truthy(test(runtime))) return then(runtime);
        if (otherwise !== undefined) return otherwise(runtime);
        return new Undefined("The condition of the inline 'if' is false and there is no 'else'", {
          offset,
          isBlank: true,
        });
      };
    }
  }
}

function compileName({ name, offset }: Name, context: CompileContext): Evaluate {
  if (context.assigned?.has(name) === false) return (runtime) => readName(runtime, name, offset);
  return (runtime) => {
    for (let frame = runtime.frame; frame !== undefined; frame = frame.parent) {
      const value = frame.names.get(name);
      if (value !== undefined) return value;
    }
    return readName(runtime, name, offset);
  };
}

function compileMember(node: Member, context: CompileContext): Evaluate {
  const object = compileNode(node.object, context);
  const { offset } = node;
  const source = describeSource(node.object);
  if (node.kind === 'attribute' && node.key.kind === 'constant') {
    const name = String(node.key.value);
    if (CHANGING_METHODS.has(name)) context.changesValues = true;
    return (runtime) => {
      const value = object(runtime);
      if (value instanceof Undefined) return value;
      runtime.offset = offset;
      const found = readAttribute(value, name);
      return found === undefined ? missingMember(value, name, source, offset) : found;
    };
  }
  const key = compileNode(node.key, context);
  return (runtime) => {
    const value = object(runtime);
    const member = key(runtime);
    if (value instanceof Undefined) return value;
    runtime.offset = offset;
    const found = readItem(value, member);
    return found === undefined ? missingMember(value, member, source, offset) : found;
  };
}

function compileSlice(node: Extract<Expression, { kind: 'slice' }>, context: CompileContext): Evaluate {
  const object = compileNode(node.object, context);
  const [start, stop, step] = [node.start, node.stop, node.step].map((part) =>
    part === undefined ? () => null : compileNode(part, context),
  );
  const { offset } = node;
  return (runtime) => {
    const value = object(runtime);
    const parts = [start?.(runtime), stop?.(runtime), step?.(runtime)] as const;
    runtime.offset = offset;
    return slice(value, ...parts);
  };
}

function compileComparison(node: Comparison, context: CompileContext): Evaluate {
  const first = compileNode(node.first, context);
  const steps = node.rest.map(({ operator, right, offset }) => ({
    right: compileNode(right, context),
    holds: COMPARE[operator],
    offset,
  }));
  const [only] = steps;
  if (only !== undefined && steps.length === 1) {
    const { right, holds, offset } = only;
    return (runtime) => {
      const a = first(runtime);
      const b = right(runtime);
      runtime.offset = offset;
      return holds(a, b);
    };
  }
  return (runtime) => {
    let a = first(runtime);
    for (const { right, holds, offset } of steps) {
      const b = right(runtime);
      runtime.offset = offset;
      if (!holds(a, b)) return false;
      a = b;
    }
    return true;
  };
}

const COMPARE: Readonly<Record<Comparison['rest'][number]['operator'], (a: unknown, b: unknown) => boolean>> = {
  '==': (a, b) => equals(a, b),
  '!=': (a, b) => !equals(a, b),
  '<': (a, b) => compare(a, b) < 0,
  '<=': (a, b) => compare(a, b) <= 0,
  '>': (a, b) => compare(a, b) > 0,
  '>=': (a, b) => compare(a, b) >= 0,
  in: (a, b) => contains(b, a),
  'not in': (a, b) => !contains(b, a),
};

function compileItems(kind: 'list' | 'tuple', nodes: readonly Expression[], context: CompileContext): Evaluate {
  if (nodes.some((item) => item.kind !== 'constant')) context.mayHoldUndefined = true;
  const items = nodes.map((item) => compileNode(item, context));
  if (kind === 'tuple') return (runtime) => tupleOf(items.map((item) => item(runtime)));
  return (runtime) => {
    const list = items.map((item) => item(runtime));
    runtime.owned?.add(list);
    return list;
  };
}

function compileDict(nodes: readonly (readonly [Expression, Expression])[], context: CompileContext): Evaluate {
  if (nodes.some(([, value]) => value.kind !== 'constant')) context.mayHoldUndefined = true;
  const entries = nodes.map(([key, value]) => [compileNode(key, context), compileNode(value, context)] as const);
  return (runtime) => {
    const dict = makeDict(entries.map(([key, value]) => [checkKey(requireDefined(key(runtime))), value(runtime)]));
    runtime.owned?.add(dict);
    return dict;
  };
}

// The source of a simple chain (`a.b`), for messages.
function describeSource(node: Expression): string | undefined {
  if (node.kind === 'name') return node.name;
  if ((node.kind !== 'attribute' && node.kind !== 'item') || node.key.kind !== 'constant') return undefined;
  const object = describeSource(node.object);
  return object === undefined ? undefined : `${object}.${String(node.key.value)}`;
}
