/**
 * Statements -> closures. A body gives its text, except that a body whose only output is one expression gives that
 * expression's value, so that `{{ list }}` and `{% if a %}{{ list }}{% endif %}` stay lists.
 */
import type { Body, FilterStep, Statement, Target } from './ast.ts';
import { bodyText, NOTHING } from './body-result.ts';
import { compileCallWith, compileFilterStep } from './compile-call.ts';
import type { CompileContext, Evaluate } from './compile-context.ts';
import { compileNode } from './compile-expression.ts';
import { compileMacro } from './compile-macro.ts';
import { compileBlock, compileExtends, compileImport, compileInclude, importedName } from './compile-template.ts';
import { append } from './composition.ts';
import { fail } from './failure.ts';
import { tick } from './limits.ts';
import { LoopState } from './loop-state.ts';
import { readName } from './names.ts';
import { type Frame, MAX_MACRO_DEPTH, type Runtime } from './runtime.ts';
import { typeName } from './values/kinds.ts';
import { Namespace } from './values/object.ts';
import { article, iterate } from './values/sequence.ts';
import { truthy } from './values/truth.ts';
import { requireDefined } from './values/undefined.ts';

type Assign = (runtime: Runtime, value: unknown) => void;

/** @returns code that gives the body's value, its text, or {@link NOTHING} */
export function compileBody(body: Body, context: CompileContext): Evaluate {
  const parts = body.map((statement) => compileStatement(statement, context));
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return (runtime) => {
    let result: unknown = NOTHING;
    for (const part of parts) result = append(runtime, result, part(runtime));
    return result;
  };
}

function compileStatement(statement: Statement, context: CompileContext): Evaluate {
  switch (statement.kind) {
    case 'data': {
      const { text } = statement;
      return (runtime) => (runtime.isSilent ? NOTHING : text);
    }
    case 'output': {
      const evaluate = compileNode(statement.expression, context);
      const offset = statement.expression.offset;
      return (runtime) => {
        if (runtime.isSilent) return NOTHING;
        const value = evaluate(runtime);
        runtime.offset = offset;
        return requireDefined(value);
      };
    }
    case 'if':
      return compileIf(statement, context);
    case 'for':
      return compileFor(statement, context);
    case 'set': {
      const value = compileNode(statement.value, context);
      const assign = compileTarget(statement.target);
      return (runtime) => {
        assign(runtime, value(runtime));
        return NOTHING;
      };
    }
    case 'set-block': {
      const body = filtered(compileBody(statement.body, context), statement.filters, context);
      const assign = compileTarget(statement.target);
      return (runtime) => {
        assign(
          runtime,
          audible(runtime, () => inFrame(runtime, new Map(), body)),
        );
        return NOTHING;
      };
    }
    case 'filter-block': {
      const body = filtered(compileBody(statement.body, context), statement.filters, context);
      return (runtime) => inFrame(runtime, new Map(), body);
    }
    case 'with': {
      const bindings = statement.bindings.map(
        ([target, value]) => [compileTarget(target), compileNode(value, context)] as const,
      );
      const body = compileBody(statement.body, context);
      return (runtime) => {
        const values = bindings.map(([, value]) => value(runtime));
        return inFrame(runtime, new Map(), (inner) => {
          bindings.forEach(([assign], i) => {
            assign(inner, values[i]);
          });
          return body(inner);
        });
      };
    }
    case 'macro': {
      const macro = compileMacro(statement, compileBody(statement.body, context), context);
      const assign = compileTarget({ kind: 'name', name: statement.name, offset: statement.offset });
      return (runtime) => {
        assign(runtime, macro(runtime));
        return NOTHING;
      };
    }
    case 'call-block': {
      const caller = compileMacro(statement.caller, compileBody(statement.caller.body, context), context);
      const call = compileCallWith(statement.call, (runtime) => [['caller', caller(runtime)]], context, compileNode);
      return (runtime) => (runtime.isSilent ? NOTHING : requireDefined(call(runtime)));
    }
    case 'block':
      return compileBlock(statement, compileBody(statement.body, context), context);
    case 'extends':
      return compileExtends(statement, context);
    case 'include':
      return compileInclude(statement, context);
    case 'import': {
      const load = compileImport(statement, context);
      const assign = compileTarget({ kind: 'name', name: statement.name, offset: statement.offset });
      return (runtime) => {
        assign(runtime, load(runtime));
        return NOTHING;
      };
    }
    case 'from-import': {
      const load = compileImport(statement, context);
      const { offset } = statement;
      const assigns = statement.names.map(
        ({ name, as }) => [name, compileTarget({ kind: 'name', name: as, offset })] as const,
      );
      return (runtime) => {
        const module = load(runtime);
        for (const [name, assign] of assigns) assign(runtime, importedName(module, name, offset));
        return NOTHING;
      };
    }
  }
}

function compileIf(statement: Extract<Statement, { kind: 'if' }>, context: CompileContext): Evaluate {
  const branches = statement.branches.map(({ test, body }) => ({
    test: compileNode(test, context),
    body: compileBody(body, context),
  }));
  const otherwise = compileBody(statement.otherwise, context);
  return (runtime) => {
    for (const { test, body } of branches) if (truthy(test(runtime))) return body(runtime);
    return otherwise(runtime);
  };
}

function compileFor(statement: Extract<Statement, { kind: 'for' }>, context: CompileContext): Evaluate {
  const iterable = compileNode(statement.iterable, context);
  const filter = statement.filter === undefined ? undefined : compileNode(statement.filter, context);
  const body = compileBody(statement.body, context);
  const otherwise = compileBody(statement.otherwise, context);
  const assign = compileTarget(statement.target);
  const { offset } = statement.iterable;
  const run = (runtime: Runtime, source: unknown, depth: number): unknown => {
    let items = iterate(source);
    if (filter !== undefined) {
      items = items.filter((item) =>
        inFrame(runtime, new Map(), (inner) => {
          assign(inner, item);
          return truthy(filter(inner));
        }),
      );
    }
    if (items.length === 0) return otherwise(runtime);
    const { frame } = runtime;
    const again = (caller: Runtime, value: unknown): unknown => {
      const outer = caller.frame;
      caller.frame = frame;
      try {
        if (++caller.depth > MAX_MACRO_DEPTH) fail(`The loop calls itself more than ${MAX_MACRO_DEPTH} deep`);
        return bodyText(run(caller, value, depth + 1));
      } finally {
        caller.depth--;
        caller.frame = outer;
      }
    };
    const loop = new LoopState(items, depth, statement.isRecursive ? again : undefined);
    let result: unknown = NOTHING;
    for (const item of items) {
      tick(1);
      const part = inFrame(runtime, new Map([['loop', loop]]), (inner) => {
        assign(inner, item);
        return body(inner);
      });
      result = append(runtime, result, part);
      loop.advance();
    }
    return result;
  };
  return (runtime) => {
    const source = iterable(runtime);
    runtime.offset = offset;
    return run(runtime, source, 0);
  };
}

function compileTarget(target: Target): Assign {
  switch (target.kind) {
    case 'name': {
      const { name } = target;
      return (runtime, value) => {
        runtime.frame?.names.set(name, value);
      };
    }
    case 'namespace': {
      const { object, name, offset } = target;
      return (runtime, value) => {
        const space = readAssigned(runtime.frame, object) ?? readName(runtime, object, offset);
        if (!(space instanceof Namespace)) {
          fail(`Expected '${object}' to be a namespace() to set '${name}' in, got ${article(typeName(space))}`);
        }
        space.setAttribute(name, value);
      };
    }
    case 'targets': {
      const assigns = target.items.map(compileTarget);
      return (runtime, value) => {
        const values = iterate(value);
        if (values.length !== assigns.length) {
          fail(`Expected ${assigns.length} values to take apart, got ${values.length}`);
        }
        assigns.forEach((assign, i) => {
          assign(runtime, values[i]);
        });
      };
    }
  }
}

function readAssigned(start: Frame | undefined, name: string): unknown {
  for (let frame = start; frame !== undefined; frame = frame.parent) {
    if (frame.names.has(name)) return frame.names.get(name);
  }
  return undefined;
}

function filtered(body: Evaluate, steps: readonly FilterStep[], context: CompileContext): Evaluate {
  const text: Evaluate = (runtime) => bodyText(body(runtime));
  return steps.reduce((input, step) => compileFilterStep(step, input, context, compileNode), text);
}

function inFrame<T>(runtime: Runtime, names: Map<string, unknown>, run: (runtime: Runtime) => T): T {
  const outer = runtime.frame;
  runtime.frame = { names, parent: outer };
  try {
    return run(runtime);
  } finally {
    runtime.frame = outer;
  }
}

// What is captured is text even after 'extends', which silences only output.
function audible<T>(runtime: Runtime, run: () => T): T {
  const { isSilent } = runtime;
  runtime.isSilent = false;
  try {
    return run();
  } finally {
    runtime.isSilent = isSilent;
  }
}
