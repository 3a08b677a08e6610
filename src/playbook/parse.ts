/** Text of a playbook or vars file -> validated, positioned plays or variables. */

import { dirname } from 'node:path';
import { DiagnosticsError, FleetmendError, type Position } from '../errors.ts';
import { SourceText } from '../util/source-text.ts';
import { Fields } from './fields.ts';
import { Findings } from './findings.ts';
import { Library } from './library.ts';
import { lookAhead } from './look-ahead.ts';
import { type PlaySurroundings, readPlay } from './plays.ts';
import { noFiles, type SourceFiles } from './source-files.ts';
import { type StaticVars, staticText } from './static-scope.ts';
import type { Condition, ModuleCatalog, Play, Playbook, VarsBlock } from './types.ts';
import { varsBlockOf } from './vars-block.ts';
import { isVault, readYamlDocument } from './yaml-document.ts';
import { describeNode, type YamlMap, type YamlNode } from './yaml-node.ts';

const INVENTORY_HINT = 'it looks like an inventory; give it with -i';

/** Loads the plays of an `import_playbook` entry; throws DiagnosticsError or a FleetmendError with what is wrong there. */
export type ImportPlaybook = (path: string, source: Position) => readonly Play[];

/** What a playbook may read beside its own text. */
export interface ParseOptions {
  /** Loads what `import_playbook` names; without it the keyword is refused. */
  readonly importPlaybook?: ImportPlaybook;
  /** Files of tasks and roles; without them none can be named. */
  readonly files?: SourceFiles;
  /** Where roles are looked for after `roles/` beside the playbook. */
  readonly rolesPath?: readonly string[];
  /** Variables of the command line, for names of imports; highest precedence first. */
  readonly extraVars?: StaticVars;
  /** The text was decrypted: findings show no line of it. @defaultValue false */
  readonly isSecret?: boolean;
}

/**
 * Parses and validates a playbook.
 *
 * @param path - how the file is named in positions
 * @throws {@link DiagnosticsError} with all findings of the file: YAML_SYNTAX, PLAYBOOK_INVALID, UNKNOWN_KEYWORD,
 *   UNKNOWN_MODULE, UNKNOWN_ARGUMENT, INVALID_ARGUMENT, TEMPLATE_SYNTAX
 */
export function parsePlaybook(
  text: string,
  path: string,
  catalog: ModuleCatalog,
  options: ParseOptions = {},
): Playbook {
  const findings = new Findings(new SourceText(path, text, options.isSecret));
  const { files = noFiles, rolesPath = [], extraVars = [] } = options;
  const library = new Library({ files, catalog, playbookDir: dirname(path), rolesPath });
  const plays = readPlays({ findings, catalog, library, vars: extraVars }, options);
  // What the run would come to later is told with the rest, so that one attempt shows all.
  if (!findings.isEmpty && files !== noFiles) findings.addAll(lookAhead({ plays }).findings);
  findings.throwIfAny();
  return { path, plays };
}

/**
 * Parses a file of variables (`vars_files`). Names and templates are not judged here: nothing may ever read them.
 *
 * @throws {@link DiagnosticsError} YAML_SYNTAX, or PLAYBOOK_INVALID when it is not a map; an empty file has no variables
 */
export function parseVarsFile(text: string, path: string, options: Pick<ParseOptions, 'isSecret'> = {}): VarsBlock {
  const findings = new Findings(new SourceText(path, text, options.isSecret));
  const root = readYamlDocument(findings);
  if (root && root.kind !== 'map') {
    findings.add('PLAYBOOK_INVALID', root.offset, `expected a map of variables, found ${describeNode(root)}`);
  }
  findings.throwIfAny();
  if (root?.kind === 'map') return varsBlockOf(root, findings);
  return { values: {}, positions: {}, source: findings.source.position(0) };
}

function readPlays(surroundings: PlaySurroundings, options: ParseOptions): Play[] {
  const { findings } = surroundings;
  if (isVault(findings) || isIniInventory(findings)) return [];
  const root = readYamlDocument(findings);
  if (root === undefined) return [];
  if (root === null) {
    findings.add('PLAYBOOK_INVALID', 0, 'expected a list of plays, found an empty file');
    return [];
  }
  if (root.kind !== 'list') {
    findings.add(
      'PLAYBOOK_INVALID',
      root.offset,
      `expected a list of plays, found ${describeNode(root)}`,
      rootHint(root),
    );
    return [];
  }
  if (root.items.length === 0) {
    findings.add('PLAYBOOK_INVALID', root.offset, 'expected a list of plays, found an empty list');
  }
  return root.items.flatMap((item) => {
    if (item.kind !== 'map') {
      findings.add(
        'PLAYBOOK_INVALID',
        item.offset,
        `expected a play (a map with 'hosts'), found ${describeNode(item)}`,
      );
      return [];
    }
    if (isImport(item)) return readImport(item, findings, options);
    return readPlay(item, surroundings) ?? [];
  });
}

function isImport(map: YamlMap): boolean {
  return importKey(map) !== undefined;
}

function importKey(map: YamlMap): string | undefined {
  return ['import_playbook', 'ansible.builtin.import_playbook'].find((name) => map.entries.has(name));
}

// The plays of another file stand in the place of the entry, with its tags and variables added to each.
function readImport(map: YamlMap, findings: Findings, options: ParseOptions): readonly Play[] {
  const { importPlaybook, extraVars = [] } = options;
  const keyword = importKey(map) ?? '';
  const entry = map.entries.get(keyword);
  if (entry === undefined) return [];
  for (const { key } of map.entries.values()) {
    const name = String(key.value);
    if ([keyword, 'name', 'tags', 'vars', 'when'].includes(name)) continue;
    const message = `expected only 'name', 'tags', 'vars' and 'when' beside import_playbook, found '${name}'`;
    findings.add('UNKNOWN_KEYWORD', key.offset, message);
  }
  if (entry.value.kind !== 'scalar' || typeof entry.value.value !== 'string' || entry.value.value === '') {
    const message = `expected \`import_playbook\` to be a file name, found ${describeNode(entry.value)}`;
    findings.add('PLAYBOOK_INVALID', entry.value.offset, message);
    return [];
  }
  const source = findings.source.position(entry.value.offset);
  const fields = new Fields(map, findings);
  const { tags, vars } = fields.shared();
  const when = fields.conditions('when') ?? [];
  try {
    const path = staticText(entry.value.value, [...extraVars, vars?.values ?? {}], source);
    if (importPlaybook === undefined)
      throw new FleetmendError('PLAYBOOK_INVALID', `playbook '${path}' cannot be imported from a text without a file`);
    return importPlaybook(path, source).map((play) => withImport(play, tags, vars, when));
  } catch (error) {
    if (error instanceof DiagnosticsError) findings.addAll(error.diagnostics);
    else if (error instanceof FleetmendError) findings.addAt(error.code, source, error.message, error.hint);
    else throw error;
    return [];
  }
}

// As in Ansible: variables of the import beat those of the play, and its condition is asked for each task.
function withImport(
  play: Play,
  tags: readonly string[],
  vars: VarsBlock | undefined,
  when: readonly Condition[],
): Play {
  const merged =
    vars === undefined || play.vars === undefined
      ? (vars ?? play.vars)
      : {
          values: { ...play.vars.values, ...vars.values },
          positions: { ...play.vars.positions, ...vars.positions },
          source: play.vars.source,
        };
  return { ...play, tags: [...tags, ...play.tags], vars: merged, when: [...when, ...play.when] };
}

// An INI inventory may be YAML by accident; its section heads give it away.
function isIniInventory(findings: Findings): boolean {
  const { text } = findings.source;
  const head = /^[ \t]*\[[\w.:-]+\][ \t]*\r?$/m.exec(text);
  const first = /^[ \t]*(?![#;]|---|\r?$)(\S.*)$/m.exec(text);
  if (
    head === null ||
    first === null ||
    /^[-{"']|^\[.*,/.test(first[1] ?? '') ||
    /^[\w.-]+:(?:\s|$)/.test(first[1] ?? '')
  )
    return false;
  findings.add('PLAYBOOK_INVALID', first.index, 'expected a list of plays, found an INI inventory', INVENTORY_HINT);
  return true;
}

function rootHint(root: YamlNode): string {
  if (root.kind !== 'map') return "a playbook begins with '- hosts: …'";
  if (root.entries.has('hosts') && root.entries.has('tasks')) return "put '- ' before its first keyword";
  const isInventory = ['all', 'plugin', 'children', 'ungrouped'].some((word) => root.entries.has(word));
  return isInventory ? INVENTORY_HINT : "a playbook begins with '- hosts: …'";
}
