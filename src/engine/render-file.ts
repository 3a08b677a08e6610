/** Renders template files with the variables of a host. */
import type { RenderOptions } from '../modules/contract.ts';
import { compileTemplateFile, createEnvironment, createTemplateLoader, toText } from '../template/index.ts';
import { isVaultText } from '../util/vault-format.ts';
import type { LayeredScope } from '../vars/scope.ts';

/**
 * The text that a template file makes in a scope.
 *
 * @param openVault - opens the file's text when it is encrypted, as any file that Ansible reads may be
 * @throws TemplateError with the place in the file, or in a file that it includes
 */
export function renderFile(
  text: string,
  path: string,
  { places, syntax, vars }: RenderOptions,
  scope: LayeredScope,
  openVault: ((text: string) => string) | undefined,
): string {
  const source = isVaultText(text) && openVault !== undefined ? openVault(text) : text;
  const environment = { ...(scope.environment ?? createEnvironment()), templates: createTemplateLoader(places) };
  return toText(compileTemplateFile(source, path, environment, syntax).evaluate(scope.with(vars)));
}
