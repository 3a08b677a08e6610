/** A role's folder -> the block of its tasks, its handlers and variables, with those of the roles it depends on. */

import { join } from 'node:path';
import { FleetmendError, type Position } from '../errors.ts';
import { toBoolean } from '../util/boolean-word.ts';
import { argumentSpecTask } from './argument-specs.ts';
import { Findings } from './findings.ts';
import { type RoleEntry, readRoleEntries } from './role-entries.ts';
import { findRole, type RoleSearch, rolePart } from './role-files.ts';
import type { TaskContext } from './task-context.ts';
import { readTaskFile } from './tasks.ts';
import type { Block, Role, RoleFiles, RoleUse, TaskOrBlock, VarsBlock } from './types.ts';
import { varsBlockOf } from './vars-block.ts';

import { isVault, readYamlDocument } from './yaml-document.ts';
import { describeNode, type YamlMap, type YamlNode } from './yaml-node.ts';

/** A role that something names: an entry of a list, or an import or include. */
export interface RoleAsked extends Partial<Omit<RoleEntry, 'name' | 'source'>> {
  readonly name: string;
  readonly source: Position;
  readonly from?: RoleFiles;
  readonly allowDuplicates?: boolean;
  readonly validate?: boolean;
  readonly isIncluded?: boolean;
  /** Variables of the task that imports it. */
  readonly vars?: VarsBlock;
}

export interface RoleRead {
  readonly use: RoleUse;
  readonly block: Block;
  /** Of the roles it depends on, then its own. */
  readonly handlers: readonly Block[];
}

/** Reads a role with all that it depends on; what is wrong is noted, a role that is not there too (then: undefined). */
export function readRole(asked: RoleAsked, context: TaskContext, search: RoleSearch): RoleRead | undefined {
  try {
    return new RoleReading(asked, context, search).read();
  } catch (error) {
    if (!(error instanceof FleetmendError)) throw error;
    context.findings.addAt(error.code, asked.source, error.message, error.hint);
    return undefined;
  }
}

/** The roles of a list of entries, in order. */
export function readRoles(node: YamlNode | undefined, context: TaskContext, search: RoleSearch): RoleRead[] {
  return readRoleEntries(node, context).flatMap((entry) => readRole(entry, context, search) ?? []);
}

class RoleReading {
  readonly #asked: RoleAsked;
  readonly #context: TaskContext;
  readonly #search: RoleSearch;

  constructor(asked: RoleAsked, context: TaskContext, search: RoleSearch) {
    this.#asked = asked;
    this.#context = context;
    this.#search = search;
  }

  read(): RoleRead {
    const { from = {} } = this.#asked;
    const { home } = this.#context;
    const { name, path } = findRole(this.#asked.name, home.role?.role.path, this.#search);
    if (home.importing.includes(path)) {
      const chain = [...home.importing.filter((each) => this.#search.files.kindOf(each) === 'folder')].toReversed();
      throw new FleetmendError('PLAYBOOK_INVALID', `role '${name}' needs itself: ${[...chain, path].join(' -> ')}`);
    }
    refusePlugins(name, path, this.#search);
    const role: Role = {
      name,
      path,
      defaults: this.#vars(path, 'defaults', from.defaults),
      vars: this.#vars(path, 'vars', from.vars),
    };
    const meta = this.#meta(path);
    const dependencies: RoleUse[] = [];
    const use: RoleUse = {
      role,
      params: this.#asked.params ?? noVars(this.#asked.source),
      entryVars: this.#asked.keywords?.vars ?? this.#asked.vars,
      key: JSON.stringify([path, from, this.#asked.identity ?? [[], [], []], this.#asked.isIncluded === true]),
      allowDuplicates: this.#asked.isIncluded === true ? this.#asked.allowDuplicates !== false : meta.allowDuplicates,
      parents: home.role === undefined ? [] : [...home.role.parents, home.role],
      dependencies,
      isIncluded: this.#asked.isIncluded === true,
    };
    const inner: TaskContext = {
      ...this.#context,
      home: {
        ...home,
        role: use,
        importing: [path, ...home.importing],
        vars: [
          ...home.vars.slice(0, 1),
          use.params.values,
          role.vars.values,
          ...home.vars.slice(1),
          role.defaults.values,
        ],
      },
    };
    const needed = meta.findings === undefined ? [] : this.#dependencies(meta, inner);
    dependencies.push(...needed.map((each) => each.use));
    const spec = this.#asked.validate === false ? undefined : this.#argumentSpec(use, from, meta.argumentSpecs);
    const tasks = this.#tasks(path, 'tasks', from.tasks, inner);
    const handlers = this.#tasks(path, 'handlers', from.handlers, inner);
    // `vars:` of an entry count below the role's own, so they are no variables of the block.
    const shell = { ...(this.#asked.keywords ?? emptyKeywords(this.#asked.source)), vars: undefined, role: use };
    const own = { block: [...needed.map((each) => each.block), ...(spec === undefined ? [] : [spec]), ...tasks] };
    const ownHandlers: TaskOrBlock[] = [...needed.flatMap((each) => each.handlers), ...handlers];
    return {
      use,
      block: { ...shell, ...own },
      handlers: ownHandlers.length === 0 ? [] : [{ ...shell, block: ownHandlers }],
    };
  }

  #dependencies(meta: Meta, inner: TaskContext): RoleRead[] {
    if (meta.findings === undefined) return [];
    const read = readRoles(meta.dependencies, { ...inner, findings: meta.findings }, this.#search);
    this.#context.findings.addAll(meta.findings.all());
    return read;
  }

  #argumentSpec(use: RoleUse, from: RoleFiles, inMeta: YamlNode | undefined) {
    const { files } = this.#search;
    const own = ['.yml', '.yaml', '.json']
      .map((extension) => join(use.role.path, 'meta', `argument_specs${extension}`))
      .find((path) => files.kindOf(path) === 'file');
    let specs = inMeta;
    let findings = this.#context.findings;
    if (own !== undefined) {
      findings = this.#open(own);
      const root = readYamlDocument(findings);
      specs = root?.kind === 'map' ? root.entries.get('argument_specs')?.value : undefined;
      this.#context.findings.addAll(findings.all());
    }
    return specs === undefined ? undefined : argumentSpecTask(specs, from.tasks ?? 'main', use, findings);
  }

  #tasks(path: string, part: 'tasks' | 'handlers', asked: string | undefined, inner: TaskContext): TaskOrBlock[] {
    return rolePart(this.#search.files, path, part, asked).flatMap((file) => {
      const findings = this.#open(file);
      const owner = part === 'handlers' ? ('handler' as const) : ('task' as const);
      const home = { ...inner.home, stack: [file, ...inner.home.stack] };
      const tasks = readTaskFile({ ...inner, findings, owner, home });
      this.#context.findings.addAll(findings.all());
      return tasks;
    });
  }

  #vars(path: string, part: 'vars' | 'defaults', asked: string | undefined): VarsBlock {
    const blocks = rolePart(this.#search.files, path, part, asked).map((file) => {
      const map = this.#map(file, `the ${part} of a role`);
      return map === undefined ? noVars({ file, line: 1, column: 1 }) : varsBlockOf(map.root, map.findings);
    });
    const [first, ...rest] = blocks;
    if (first === undefined) return noVars(this.#asked.source);
    return rest.reduce(
      (all, next) => ({
        values: { ...all.values, ...next.values },
        positions: { ...all.positions, ...next.positions },
        source: all.source,
      }),
      first,
    );
  }

  #meta(path: string): Meta {
    const [file] = rolePart(this.#search.files, path, 'meta');
    const map = file === undefined ? undefined : this.#map(file, 'the metadata of a role');
    if (map === undefined) return { allowDuplicates: false };
    const { root, findings } = map;
    return {
      findings,
      dependencies: root.entries.get('dependencies')?.value,
      argumentSpecs: root.entries.get('argument_specs')?.value,
      allowDuplicates: isTrue(root.entries.get('allow_duplicates')?.value),
    };
  }

  #map(file: string, what: string): { root: YamlMap; findings: Findings } | undefined {
    const findings = this.#open(file);
    const root = isVault(findings) ? undefined : readYamlDocument(findings);
    if (root && root.kind !== 'map')
      findings.add('PLAYBOOK_INVALID', root.offset, `expected ${what} to be a map, found ${describeNode(root)}`);
    if (root?.kind === 'map' && findings.isEmpty) return { root, findings };
    this.#context.findings.addAll(findings.all());
    return undefined;
  }

  #open(path: string): Findings {
    return new Findings(this.#search.files.read(path, 'file of a role'));
  }
}

interface Meta {
  readonly findings?: Findings;
  readonly dependencies?: YamlNode;
  readonly argumentSpecs?: YamlNode;
  readonly allowDuplicates: boolean;
}

// Python code of a role: it would be left out silently, and something else would happen than on Ansible.
function refusePlugins(name: string, path: string, { files }: RoleSearch): void {
  const own = files
    .list(path)
    .filter((each) => each === 'library' || each === 'module_utils' || each.endsWith('_plugins'));
  const found = own.find((folder) => files.list(join(path, folder)).some((file) => file.endsWith('.py')));
  if (found === undefined) return;
  throw new FleetmendError('PLAYBOOK_INVALID', `role '${name}' has Python code of its own in '${found}/'`, {
    hint: 'modules and plugins in Python cannot run here',
  });
}

function isTrue(node: YamlNode | undefined): boolean {
  return node?.kind === 'scalar' && toBoolean(node.value) === true;
}

function noVars(source: Position): VarsBlock {
  return { values: {}, positions: {}, source };
}

function emptyKeywords(source: Position): Omit<Block, 'role' | 'block'> {
  return { kind: 'block', tags: [], when: [], notify: [], rescue: [], always: [], source };
}
