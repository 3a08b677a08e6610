/** Tags that bring in other templates: `include`, `import`, `from`, `extends`, and `block`. */

import { didYouMean } from '../util/did-you-mean.ts';
import type { Expression, Statement } from './ast.ts';
import { bodyText, NOTHING } from './body-result.ts';
import type { CompileContext, Evaluate } from './compile-context.ts';
import { compileNode } from './compile-expression.ts';
import { extendUnit, renderBlock, runUnit, TemplateModule, type Unit } from './composition.ts';
import { fail, failSyntax } from './failure.ts';
import type { Runtime } from './runtime.ts';
import { scopeOf } from './scope.ts';
import { toText } from './values/text.ts';
import { requireDefined, Undefined } from './values/undefined.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

const NO_VARIABLES = scopeOf({});
// A template sees the names around the tag that includes it, but the loop's state.
const NO_LOOP = new Undefined("'loop' is undefined");

export function compileInclude(statement: Of<'include'>, context: CompileContext): Evaluate {
  const { offset, ignoresMissing, withContext } = statement;
  const find = compileFind(statement.template, offset, context, true);
  return (runtime) => {
    if (runtime.isSilent) return NOTHING;
    const unit = find(runtime, ignoresMissing);
    return unit === undefined ? NOTHING : bodyText(runIn(runtime, unit, withContext).result);
  };
}

/** @returns the module, for both `import` and `from … import` */
export function compileImport(statement: Of<'import'> | Of<'from-import'>, context: CompileContext): Evaluate {
  const { offset, withContext } = statement;
  const find = compileFind(statement.template, offset, context);
  return (runtime) => {
    const unit = find(runtime, false);
    if (unit === undefined) return NOTHING;
    const { result, frame } = runIn(runtime, unit, withContext);
    return new TemplateModule(frame, bodyText(result));
  };
}

/** The name of a module, or an undefined value that says which template lacks it. */
export function importedName(module: unknown, name: string, offset: number): unknown {
  const found = module instanceof TemplateModule ? module.attribute(name) : undefined;
  if (found !== undefined) return found;
  const names = module instanceof TemplateModule ? module.attributeNames() : [];
  return new Undefined(`The imported template does not set '${name}'`, { offset, hint: () => didYouMean(name, names) });
}

export function compileExtends(statement: Of<'extends'>, context: CompileContext): Evaluate {
  const find = compileFind(statement.template, statement.offset, context);
  return (runtime) => {
    const parent = find(runtime, false);
    if (parent !== undefined) extendUnit(runtime, parent);
    return NOTHING;
  };
}

export function compileBlock(statement: Of<'block'>, body: Evaluate, context: CompileContext): Evaluate {
  const { name, isRequired, isScoped, offset } = statement;
  if (context.blocks.has(name)) failSyntax(`The block '${name}' is there twice`, offset);
  context.blocks.set(name, { run: body, isRequired });
  return (runtime) => {
    if (runtime.isSilent) return NOTHING;
    runtime.offset = offset;
    return renderBlock(runtime, name, isScoped ? runtime.frame : undefined, isRequired);
  };
}

// The template that an expression names; of a list, where one may stand, the first that there is.
function compileFind(
  expression: Expression,
  offset: number,
  context: CompileContext,
  takesList = false,
): (runtime: Runtime, mayMiss: boolean) => Unit | undefined {
  const evaluate = compileNode(expression, context);
  return (runtime, mayMiss) => {
    const value = requireDefined(evaluate(runtime));
    runtime.offset = offset;
    if (Array.isArray(value) && !takesList) fail('Expected the name of one template, got a list');
    const names = (Array.isArray(value) ? [...value] : [value]).map((name) => toText(requireDefined(name)));
    for (const name of names) {
      const unit = runtime.loadUnit(name);
      if (unit !== undefined) return unit;
    }
    if (mayMiss) return undefined;
    const { templates } = runtime.environment;
    if (templates === undefined) fail('Templates cannot be included here: no folder is known to look in');
    const wanted = names.map((name) => `'${name}'`).join(', ');
    return fail(`Found no template ${wanted || '(the list is empty)'}`, `it looked in ${templates.places.join(', ')}`);
  };
}

function runIn(runtime: Runtime, unit: Unit, withContext: boolean): ReturnType<typeof runUnit> {
  if (withContext) return runUnit(runtime, unit, { names: new Map([['loop', NO_LOOP]]), parent: runtime.frame });
  const { scope } = runtime;
  runtime.scope = NO_VARIABLES;
  try {
    return runUnit(runtime, unit, undefined);
  } finally {
    runtime.scope = scope;
  }
}
