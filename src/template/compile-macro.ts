/** `{% macro %}`: functions written in the template. */
import type { Macro } from './ast.ts';
import { bodyText } from './body-result.ts';
import type { CompileContext, Evaluate } from './compile-context.ts';
import { compileNode } from './compile-expression.ts';
import { inUnit } from './composition.ts';
import { fail } from './failure.ts';
import { tick } from './limits.ts';
import { mentions } from './mentions.ts';
import { MAX_MACRO_DEPTH, type Runtime } from './runtime.ts';
import { makeDict } from './values/dict.ts';
import { Callable } from './values/object.ts';
import { tupleOf } from './values/tuple.ts';
import { Undefined } from './values/undefined.ts';

/** @returns makes the macro where its tag stands: it sees the names of that place */
export function compileMacro(
  statement: Macro,
  body: Evaluate,
  context: CompileContext,
): (runtime: Runtime) => MacroFunction {
  const { parameters, offset } = statement;
  const shape: MacroShape = {
    name: statement.name,
    parameters: parameters.map((parameter) => parameter.name),
    defaults: parameters.map(({ defaultValue }) =>
      defaultValue === undefined ? undefined : compileNode(defaultValue, context),
    ),
    takesVarargs: mentions(statement.body, 'varargs'),
    takesKwargs: mentions(statement.body, 'kwargs'),
    takesCaller: mentions(statement.body, 'caller'),
    offset,
    body,
  };
  return (runtime) => new MacroFunction(shape, runtime);
}

interface MacroShape {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly defaults: readonly (Evaluate | undefined)[];
  /** Whether its body names `varargs`, `kwargs`, `caller`: it then takes more than its parameters. */
  readonly takesVarargs: boolean;
  readonly takesKwargs: boolean;
  readonly takesCaller: boolean;
  readonly offset: number;
  readonly body: Evaluate;
}

class MacroFunction extends Callable {
  override readonly typeName = 'Macro';
  readonly #shape: MacroShape;

  constructor(shape: MacroShape, definedIn: Runtime) {
    const { unit, frame, scope, layout } = definedIn;
    super(shape.name, (runtime, args, keywords) => {
      const names = bindMacro(shape, args, keywords);
      const outer = { frame: runtime.frame, scope: runtime.scope, layout: runtime.layout, isSilent: runtime.isSilent };
      Object.assign(runtime, { frame: { names, parent: frame }, scope, layout, isSilent: false });
      tick(1);
      try {
        if (++runtime.depth > MAX_MACRO_DEPTH) {
          fail(`The macro '${shape.name}' calls itself more than ${MAX_MACRO_DEPTH} deep`);
        }
        return inUnit(runtime, unit, () => runMacro(shape, runtime, names));
      } finally {
        runtime.depth--;
        Object.assign(runtime, outer);
      }
    });
    this.#shape = shape;
  }

  override attribute(name: string): unknown {
    switch (name) {
      case 'name':
        return this.#shape.name;
      case 'arguments':
        return tupleOf(this.#shape.parameters);
      case 'catch_varargs':
        return this.#shape.takesVarargs;
      case 'catch_kwargs':
        return this.#shape.takesKwargs;
      case 'caller':
        return this.#shape.takesCaller;
      default:
        return undefined;
    }
  }

  override attributeNames(): Iterable<string> {
    return ['name', 'arguments', 'catch_varargs', 'catch_kwargs', 'caller'];
  }

  override text(): string {
    return `<Macro '${this.#shape.name}'>`;
  }
}

// Defaults see the parameters before them, so they are evaluated in the macro's own frame.
function runMacro(shape: MacroShape, runtime: Runtime, names: Map<string, unknown>): string {
  shape.parameters.forEach((parameter, i) => {
    if (names.has(parameter)) return;
    const missing = `The macro '${shape.name}' got no value for '${parameter}'`;
    names.set(parameter, shape.defaults[i]?.(runtime) ?? new Undefined(missing, { offset: shape.offset }));
  });
  return bodyText(shape.body(runtime));
}

function bindMacro(
  shape: MacroShape,
  args: readonly unknown[],
  keywords: ReadonlyMap<string, unknown>,
): Map<string, unknown> {
  const { name, parameters } = shape;
  const names = new Map<string, unknown>();
  parameters.slice(0, args.length).forEach((parameter, i) => {
    names.set(parameter, args[i]);
  });
  const rest = new Map(keywords);
  for (const parameter of parameters.slice(args.length)) {
    if (rest.has(parameter)) names.set(parameter, rest.get(parameter));
    rest.delete(parameter);
  }
  if (shape.takesCaller && !parameters.includes('caller')) {
    names.set('caller', rest.get('caller') ?? new Undefined('The macro was not called by a `call` tag: no caller'));
    rest.delete('caller');
  }
  if (shape.takesKwargs) names.set('kwargs', makeDict(rest));
  else for (const unknown of rest.keys()) fail(`The macro '${name}' has no argument '${unknown}'`, known(parameters));
  if (shape.takesVarargs) names.set('varargs', tupleOf(args.slice(parameters.length)));
  else if (args.length > parameters.length) {
    fail(`The macro '${name}' takes at most ${parameters.length} values, got ${args.length}`);
  }
  return names;
}

function known(parameters: readonly string[]): string {
  return `its arguments are ${parameters.join(', ') || 'none'}`;
}
