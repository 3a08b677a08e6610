/** Finds the module of a task among its keys, and reads its arguments. */

import type { Position } from '../errors.ts';
import { isTemplate } from '../template/index.ts';
import { closestWord } from '../util/did-you-mean.ts';
import { holdsTemplate, readArgsText } from './call-text.ts';
import { checkConditions, checkTemplates } from './expressions.ts';
import type { Fields } from './fields.ts';
import { keywordNames, type Owner } from './keywords.ts';
import { canonicalArgName, resolveAliases, validateArgs } from './module-args.ts';
import { findModule, isAnsibleModule, unknownModule } from './modules.ts';
import type { CatalogEntry, ModuleCatalog, Raw } from './types.ts';
import { describeNode, setOwn, toValue, type YamlMap, type YamlNode, type YamlScalar } from './yaml-node.ts';

/** What a task runs. */
export interface TaskModule {
  readonly module: string;
  readonly moduleAsWritten: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly argPositions: Readonly<Record<string, Position>>;
  readonly argsTemplate?: Raw;
}

/** A key of the task that names its module, or is meant to. */
interface Named {
  readonly name: string;
  readonly offset: number;
  readonly args: YamlNode | undefined;
  readonly entry: CatalogEntry | undefined;
}

/**
 * The module of a task. Every misfit is noted: no module, two modules, unknown words, wrong arguments.
 *
 * @param candidates - the keys of the task that are no keywords
 * @param defaulted - modules that get arguments from `module_defaults`, too
 * @returns undefined when there is no telling which module is meant
 */
export function readTaskModule(
  fields: Fields,
  owner: Owner,
  candidates: readonly YamlScalar[],
  catalog: ModuleCatalog,
  defaulted: ReadonlySet<string>,
): TaskModule | undefined {
  const { findings, map } = fields;
  const named = [
    ...['action', 'local_action'].flatMap((keyword) => readAction(fields, keyword, catalog) ?? []),
    ...candidates.map((key): Named => {
      const name = String(key.value);
      return { name, offset: key.offset, args: map.entries.get(key.value)?.value, entry: findModule(catalog, name) };
    }),
  ];
  const modules = named.filter((one) => one.entry !== undefined);
  const [first, second] = modules;
  const strangers = named.filter((one) => one.entry === undefined);
  const misplaced = strangers.filter((one) => first?.entry !== undefined && hasArgument(first.entry, one.name));
  for (const one of strangers) {
    if (first !== undefined && misplaced.includes(one)) addMisplaced(fields, owner, one, first);
    else addUnknown(fields, owner, one, catalog, first !== undefined);
  }
  if (second !== undefined) {
    const message = `task has two modules: '${first?.name}' and '${second.name}'`;
    findings.add('PLAYBOOK_INVALID', second.offset, message, 'make two tasks of it');
    return undefined;
  }
  if (first?.entry === undefined) {
    if (named.length === 0 && !hasRefusedModule(map)) addNoModule(fields, map);
    return undefined;
  }
  const hasMore = defaulted.has(first.entry.name) || map.entries.has('module_defaults') || misplaced.length > 0;
  return readArgs(fields, first, first.entry, hasMore);
}

// Its module is there, but was refused already: `import_tasks` and the like, an `action` that cannot be read.
function hasRefusedModule(map: YamlMap): boolean {
  return [...map.entries.keys()].some((key) => /(?:^|\.)(?:import|include)|^(?:local_)?action$/.test(String(key)));
}

function addNoModule({ findings }: Fields, map: YamlMap): void {
  const keys = [...map.entries.keys()].map(String).join(', ');
  const found = keys === '' ? 'an empty task' : `only keywords (${keys})`;
  findings.add('PLAYBOOK_INVALID', map.offset, `expected a module in the task, found ${found}`);
}

function hasArgument(entry: CatalogEntry, name: string): boolean {
  return Object.hasOwn(entry.args.properties, canonicalArgName(entry, name));
}

// An argument that stands beside its module: not indented, or the module has its others as text.
function addMisplaced({ findings }: Fields, owner: Owner, one: Named, module: Named): void {
  const isText = module.args?.kind === 'scalar' && module.args.value !== null;
  const hint = isText
    ? `write '${one.name}=…' behind '${module.name}:', or all arguments as 'name: value' below it`
    : `indent it below '${module.name}:'`;
  const message = `'${one.name}' is an argument of module '${module.name}', not a keyword of a ${owner}`;
  findings.add('UNKNOWN_KEYWORD', one.offset, message, hint);
}

function addUnknown(fields: Fields, owner: Owner, one: Named, catalog: ModuleCatalog, hasModule: boolean): void {
  const { findings } = fields;
  const finding = unknownModule(catalog, one.name);
  if (isAnsibleModule(one.name) || (one.name.includes('.') && !hasModule)) {
    findings.add(finding.code, one.offset, finding.message, finding.hint);
    return;
  }
  // The word may be meant as either; what it is nearest to decides.
  const near = closestWord(one.name, [...keywordNames(owner), ...catalog.names()]);
  const isModule = near === undefined ? !hasModule : findModule(catalog, near) !== undefined;
  const code = isModule ? 'UNKNOWN_MODULE' : 'UNKNOWN_KEYWORD';
  if (near === undefined) {
    findings.add(code, one.offset, `'${one.name}' is neither a keyword of a ${owner} nor a module`);
    return;
  }
  const message = isModule ? `unknown module '${one.name}'` : `unknown keyword '${one.name}' in a ${owner}`;
  findings.add(code, one.offset, message, `did you mean '${near}'?`);
}

// `action: copy src=a dest=b` or `action: {module: copy, src: a}`.
function readAction(fields: Fields, keyword: string, catalog: ModuleCatalog): Named | undefined {
  const node = fields.node(keyword);
  if (node === undefined) return undefined;
  if (node.kind === 'map') {
    const module = node.entries.get('module')?.value;
    if (module?.kind !== 'scalar' || typeof module.value !== 'string') {
      fields.findings.add(
        'PLAYBOOK_INVALID',
        node.offset,
        `expected '${keyword}' to have the module's name in 'module'`,
      );
      return undefined;
    }
    const entries = new Map([...node.entries].filter(([key]) => key !== 'module'));
    return {
      name: module.value,
      offset: module.offset,
      args: { ...node, entries },
      entry: findModule(catalog, module.value),
    };
  }
  if (node.kind !== 'scalar') return undefined;
  const text = String(node.value);
  const name = /^\S*/.exec(text)?.[0] ?? '';
  const blank = /^\s*/.exec(text.slice(name.length))?.[0].length ?? 0;
  const start = name.length + blank;
  const args: YamlScalar = { ...node, value: text.slice(start), offset: node.offset + start };
  return { name, offset: node.offset, args, entry: findModule(catalog, name) };
}

/** @param hasMore - some arguments may be elsewhere, so none is said to be missing */
function readArgs(fields: Fields, named: Named, entry: CatalogEntry, hasMore: boolean): TaskModule {
  const { findings } = fields;
  const values: Record<string, unknown> = {};
  const positions: Record<string, Position> = {};
  const offsets = new Map<string, number>();
  let argsTemplate: Raw | undefined;
  let isComplete = true;
  const take = (name: string, value: unknown, offset: number) => {
    const canonical = canonicalArgName(entry, name);
    setOwn(values, canonical, value);
    setOwn(positions, canonical, findings.source.position(offset));
    offsets.set(canonical, offset);
  };
  // `args:` first: what stands beside the module's name wins.
  for (const node of [fields.node('args'), named.args]) {
    if (node === undefined) continue;
    checkTemplates(node, findings);
    if (node.kind === 'map') {
      const given = Object.fromEntries([...node.entries.values()].map((one) => [String(one.key.value), one]));
      for (const [name, one] of Object.entries(given)) {
        const canonical = canonicalArgName(entry, name);
        if (canonical !== name && Object.hasOwn(given, canonical)) continue;
        take(name, toValue(one.value), one.value.offset);
        if (entry.conditions?.includes(canonical)) checkConditions(one.value, findings);
        // What is wrong with a name is shown at the name.
        if (!Object.hasOwn(entry.args.properties, canonical)) offsets.set(canonical, one.key.offset);
      }
    } else if (node.kind === 'list') {
      const message = `expected the arguments of module '${entry.name}' to be a map or text, found ${describeNode(node)}`;
      findings.add('INVALID_ARGUMENT', node.offset, message);
      isComplete = false;
    } else if (node.value !== null) {
      const text = String(toValue(node));
      if (isWholeTemplate(text) && (node !== named.args || entry.freeForm === undefined)) {
        argsTemplate = { value: text, source: findings.source.position(node.offset) };
        continue;
      }
      const read = readArgsText(entry, text);
      if (read.problem !== undefined) {
        findings.add(read.problem.code, node.offset, read.problem.message);
        isComplete = false;
      }
      const isVerbatim = findings.source.text.startsWith(text, node.offset);
      for (const [name, value] of Object.entries(read.args)) {
        take(name, value, node.offset + (isVerbatim ? (read.starts.get(name) ?? 0) : 0));
      }
    }
  }
  const args = resolveAliases(entry, values);
  checkArgs(fields, entry, named, args, offsets, isComplete && argsTemplate === undefined && !hasMore);
  return { module: entry.name, moduleAsWritten: named.name, args, argPositions: positions, argsTemplate };
}

function checkArgs(
  { findings }: Fields,
  entry: CatalogEntry,
  named: Named,
  args: Readonly<Record<string, unknown>>,
  offsets: ReadonlyMap<string, number>,
  isComplete: boolean,
): void {
  for (const problem of validateArgs(entry, args, holdsTemplate).problems) {
    const offset = offsets.get(problem.argument);
    // What is missing may be in a template that stands for all arguments, or in a text that could not be read.
    if (!isComplete && offset === undefined) continue;
    findings.add(problem.code, offset ?? named.offset, problem.message, problem.hint);
  }
}

function isWholeTemplate(text: string): boolean {
  return isTemplate(text) && /^\s*\{\{[\s\S]*\}\}\s*$/.test(text);
}
