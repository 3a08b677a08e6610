/** Renders template files with the variables of a host. */
import type { RenderOptions } from '../modules/contract.ts';
import { compileTemplateFile, createEnvironment, createTemplateLoader, toText } from '../template/index.ts';
import type { LayeredScope } from '../vars/scope.ts';

/**
 * The text that a template file makes in a scope.
 *
 * @throws TemplateError with the place in the file, or in a file that it includes
 */
export function renderFile(
  text: string,
  path: string,
  { places, syntax, vars }: RenderOptions,
  scope: LayeredScope,
): string {
  const environment = { ...(scope.environment ?? createEnvironment()), templates: createTemplateLoader(places) };
  return toText(compileTemplateFile(text, path, environment, syntax).evaluate(scope.with(vars)));
}
