/** Lookups of whole files: `template` renders one, `unvault` opens one. */
import { dirname } from 'node:path';
import { didYouMean } from '../../util/did-you-mean.ts';
import { fail } from '../failure.ts';
import { chainScope, scopeOf } from '../scope.ts';
import type { TemplateSyntax } from '../syntax.ts';
import { compileTemplateFile } from '../template.ts';
import type { Environment, Lookup, Scope } from '../types.ts';
import { dictEntries, isDict } from '../values/dict.ts';
import { toText } from '../values/text.ts';
import { truthy } from '../values/truth.ts';
import { readOpened } from './opened-file.ts';
import { type FileSearch, findIn } from './search.ts';
import { createTemplateLoader } from './template-loader.ts';

const DELIMITERS: Readonly<Record<string, keyof TemplateSyntax>> = {
  variable_start_string: 'variableStart',
  variable_end_string: 'variableEnd',
  comment_start_string: 'commentStart',
  comment_end_string: 'commentEnd',
};
const OPTIONS = [
  ...Object.keys(DELIMITERS),
  'template_vars',
  'trim_blocks',
  'lstrip_blocks',
  'convert_data',
  'jinja2_native',
];

/** @param environmentOf - what the template may use: that of the text that calls the lookup */
export function templateLookup(
  search: FileSearch,
  environmentOf: () => Environment,
  openVault: ((text: string) => string) | undefined,
): Lookup {
  return (terms, options, scope) => {
    for (const name of Object.keys(options)) {
      if (!OPTIONS.includes(name)) fail(`The lookup 'template' has no option '${name}'`, didYouMean(name, OPTIONS));
    }
    return terms.map((term) => renderFile(toText(term), options, scope, search, environmentOf(), openVault));
  };
}

function renderFile(
  name: string,
  options: Readonly<Record<string, unknown>>,
  scope: Scope,
  search: FileSearch,
  environment: Environment,
  openVault: ((text: string) => string) | undefined,
): string {
  const roots = search.rootsOf('templates', scope);
  const path = findIn(roots, name);
  if (path === undefined) fail(`The lookup 'template' found no '${name}'`, `it looked in ${roots.join(', ')}`);
  const { template_vars: vars } = options;
  const inner = isDict(vars) ? chainScope(scopeOf(Object.fromEntries(dictEntries(vars))), scope) : scope;
  const templates = createTemplateLoader([...roots, dirname(path)]);
  const template = compileTemplateFile(
    readOpened(path, openVault),
    path,
    { ...environment, templates },
    syntaxOf(options),
  );
  return toText(template.evaluate(inner));
}

function syntaxOf(options: Readonly<Record<string, unknown>>): Partial<TemplateSyntax> {
  const syntax: Partial<Record<keyof TemplateSyntax, unknown>> = {};
  for (const [name, key] of Object.entries(DELIMITERS))
    if (options[name] !== undefined) syntax[key] = toText(options[name]);
  if (options.trim_blocks !== undefined) syntax.trimsBlocks = truthy(options.trim_blocks);
  if (options.lstrip_blocks !== undefined) syntax.stripsBlocks = truthy(options.lstrip_blocks);
  return syntax as Partial<TemplateSyntax>;
}

/** The content of files that ansible-vault encrypted; of others as it is. */
export function unvaultLookup(search: FileSearch, openVault: ((text: string) => string) | undefined): Lookup {
  return (terms, _options, scope) =>
    terms.map((term) => {
      const roots = search.rootsOf('files', scope);
      const path = findIn(roots, toText(term));
      if (path === undefined)
        fail(`The lookup 'unvault' found no '${toText(term)}'`, `it looked in ${roots.join(', ')}`);
      return readOpened(path, openVault);
    });
}
