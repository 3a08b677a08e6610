/** The expression language: Jinja's meaning with Ansible's additions, compiled once and evaluated lazily. */
export { type CatalogEntry, type CatalogKind, type CatalogStatus, templateCatalog } from './catalog.ts';
export { evaluateDeep } from './deep.ts';
export { createEnvironment, type EnvironmentOptions } from './lookups/index.ts';
export { createTemplateLoader } from './lookups/template-loader.ts';
export { PlacedTemplateError, templateError } from './placing.ts';
export { chainScope, scopeOf } from './scope.ts';
export type { TemplateSyntax } from './syntax.ts';
export { compileExpression, compileTemplate, compileTemplateFile, isTemplate } from './template.ts';
export type { CompiledTemplate, Environment, Lookup, Scope, TemplateLoader } from './types.ts';
export { LazyDict } from './values/dict.ts';
export { typeName } from './values/kinds.ts';
export { PyFloat } from './values/numbers.ts';
export { toPlain } from './values/plain.ts';
export { toText } from './values/text.ts';
export { truthy } from './values/truth.ts';
export { Tuple } from './values/tuple.ts';
export { isUndefined, Undefined } from './values/undefined.ts';
