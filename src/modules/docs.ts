/** The reference of modules, from their specs. */
import type { ArgSchema, ModuleSpec } from './contract.ts';

/** Markdown of `docs/modules.md`: a table of all modules, then each with its arguments, results and examples. */
export function renderModuleDocs(specs: readonly ModuleSpec[]): string {
  const sorted = specs.toSorted((a, b) => a.name.localeCompare(b.name));
  const rows = sorted.map(
    (spec) => `| [${spec.name}](#${spec.name}) | ${cell(spec.summary)} | ${CHECK_MODE[spec.checkMode]} |`,
  );
  const head = [
    '# Modules',
    '',
    INTRODUCTION,
    '',
    '| module | what it does | check mode |',
    '| --- | --- | --- |',
    ...rows,
  ];
  return `${[...head, ...sorted.flatMap((spec) => ['', renderModule(spec).trimEnd()])].join('\n')}\n`;
}

/** Markdown of one module, as `fleetmend doc MODULE` shows it. */
export function renderModule(spec: ModuleSpec): string {
  const required = new Set(spec.args.required ?? []);
  const args = Object.entries(spec.args.properties);
  const lines = [`## ${spec.name}`, '', `\`${spec.namespace}.${spec.name}\`: ${spec.summary}.`, ''];
  if (spec.freeForm !== undefined) lines.push(`Free text after the name is \`${spec.freeForm}\`.`, '');
  if (spec.runsOn === 'controller') lines.push('It runs on the controller and needs no connection.', '');
  if (spec.runsOn === 'local') lines.push('It runs on the controller, or where `delegate_to` says.', '');
  if (spec.runOnce === true) lines.push('It is done once for all hosts.', '');
  if (args.length > 0) {
    lines.push('| argument | type | default | meaning |', '| --- | --- | --- | --- |');
    lines.push(...args.map(([name, schema]) => argumentRow(name, schema, required.has(name))), '');
  }
  if (spec.args.additionalProperties === true) lines.push('Any other name and value is an argument too.', '');
  const returns = Object.entries(spec.returns);
  if (returns.length > 0) {
    lines.push(
      '| result | meaning |',
      '| --- | --- |',
      ...returns.map(([name, text]) => `| \`${name}\` | ${cell(text)} |`),
      '',
    );
  }
  lines.push('```yaml', ...spec.examples, '```', '');
  return lines.join('\n');
}

const INTRODUCTION = `Arguments and results have Ansible's names and meaning. A module answers to its short name and to its full one
(\`copy\`, \`ansible.builtin.copy\`). In the last column, *shows all*: check mode shows exactly what a real run would change;
*skipped*: what would happen cannot be known without doing it; *changes nothing*: it runs as always.

A host needs a POSIX \`sh\` and coreutils or busybox; it never needs Python.

<!-- Generated from the specs in src/modules; UPDATE_DOCS=1 npx vitest run test/modules/docs.test.ts writes it anew. -->`;

const CHECK_MODE: Readonly<Record<ModuleSpec['checkMode'], string>> = {
  full: 'shows all',
  skip: 'skipped',
  none: 'changes nothing',
};

function argumentRow(name: string, schema: ArgSchema, isRequired: boolean): string {
  const aliases = (schema.aliases ?? []).filter((alias) => alias !== '_raw_params');
  const also = aliases.length === 0 ? '' : ` (also ${aliases.map((alias) => `\`${alias}\``).join(', ')})`;
  const choices =
    schema.enum === undefined ? '' : ` One of ${schema.enum.map((value) => `\`${String(value)}\``).join(', ')}.`;
  const fallback = isRequired
    ? '**required**'
    : schema.default === undefined
      ? ''
      : `\`${JSON.stringify(schema.default)}\``;
  return `| \`${name}\`${also} | ${typeOf(schema)} | ${fallback} | ${cell(schema.description)}${choices} |`;
}

function typeOf(schema: ArgSchema): string {
  if (schema.type === undefined) return 'any';
  return typeof schema.type === 'string' ? schema.type : schema.type.join(' or ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
