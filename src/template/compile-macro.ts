/** `{% macro %}`: functions written in the template. */
import type { Statement } from './ast.ts';
import { bodyText } from './body-result.ts';
import { type Builtin, bindArguments } from './builtin.ts';
import type { CompileContext, Evaluate } from './compile-context.ts';
import { compileNode } from './compile-expression.ts';
import { fail } from './failure.ts';
import { type Frame, MAX_MACRO_DEPTH, type Runtime } from './runtime.ts';
import { Callable } from './values/object.ts';
import { Undefined } from './values/undefined.ts';

/** @returns makes the macro where its tag stands: it sees the names of that place */
export function compileMacro(
  statement: Extract<Statement, { kind: 'macro' }>,
  body: Evaluate,
  context: CompileContext,
): (definedIn: Frame | undefined) => Callable {
  const { name, parameters, offset } = statement;
  const defaults = parameters.map(({ defaultValue }) =>
    defaultValue === undefined ? undefined : compileNode(defaultValue, context),
  );
  const signature: Builtin = {
    params: parameters.map((parameter) => parameter.name),
    required: 0,
    isVariadic: false,
    takesKeywords: false,
    isLenient: true,
    needsRuntime: false,
    run: () => null,
  };
  const run = (runtime: Runtime, frame: Frame, given: readonly unknown[]): string => {
    const outer = runtime.frame;
    runtime.frame = frame;
    if (++runtime.depth > MAX_MACRO_DEPTH) fail(`The macro '${name}' calls itself more than ${MAX_MACRO_DEPTH} deep`);
    try {
      parameters.forEach((parameter, i) => {
        const value = given[i] === undefined ? defaults[i]?.(runtime) : given[i];
        const missing = `The macro '${name}' got no value for '${parameter.name}'`;
        frame.names.set(parameter.name, value === undefined ? new Undefined(missing, { offset }) : value);
      });
      return bodyText(body(runtime));
    } finally {
      runtime.frame = outer;
      runtime.depth--;
    }
  };
  return (definedIn) =>
    new Callable(name, (runtime, args, keywords) => {
      const { slots } = bindArguments<unknown>(signature, `macro '${name}'`, args, keywords);
      return run(runtime, { names: new Map(), parent: definedIn }, slots);
    });
}
