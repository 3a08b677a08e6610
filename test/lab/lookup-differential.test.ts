/** Lookups against their oracle: one playbook with a task for each, run by ansible-playbook. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TemplateError } from '../../src/errors.ts';
import { compileExpression, createEnvironment, type Environment, scopeOf } from '../../src/template/index.ts';
import { toJsonText } from '../../src/template/python-json.ts';
import { LOOKUP_FILES, LOOKUP_VARIABLES, LOOKUPS } from './lookup-cases.ts';

const HOSTS = ['h1', 'h2', 'h3'];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetmend-lookups-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('lookups give what they give in Ansible', () => {
  const theirs = runByAnsible(fill('theirs'));
  const ours = runByUs(fill('ours'));
  const differing = LOOKUPS.map((text, i) => ({ text, ours: ours[i], theirs: theirs[i] })).filter(
    (row) => row.ours !== row.theirs && !(isError(row.ours) && isError(row.theirs)),
  );
  expect(differing).toEqual([]);
});

function isError(result: string | undefined): boolean {
  return result?.startsWith('ERROR') === true;
}

// Both work in folders of the same length and place, so that paths can be compared.
function fill(name: string): string {
  const root = join(folder, name.padEnd(6, '_'));
  for (const [path, text] of Object.entries(LOOKUP_FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function runByUs(root: string): string[] {
  const environment: Environment = createEnvironment({
    cwd: root,
    env: { PATH: process.env.PATH },
    hostsOf: (pattern) => hostsOf(pattern),
  });
  const scope = scopeOf({ ...LOOKUP_VARIABLES, inventory_hostname: 'h1' });
  return LOOKUPS.map((text) => {
    try {
      const value = compileExpression(text, undefined, environment).evaluate(scope);
      return toJsonText(value).replaceAll(root, 'ROOT');
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return `ERROR ${error.message}`;
    }
  });
}

function hostsOf(pattern: string): string[] {
  const groups: Record<string, string[]> = { all: HOSTS, g1: ['h1', 'h2'], g2: ['h3'] };
  const parts = pattern.split(/[,:]/);
  const left = new Set(
    parts.filter((part) => !part.startsWith('!')).flatMap((part) => groups[part] ?? HOSTS.filter((h) => h === part)),
  );
  for (const part of parts) if (part.startsWith('!')) left.delete(part.slice(1));
  return [...left];
}

function runByAnsible(root: string): string[] {
  const tasks = LOOKUPS.map((text, i) => ({
    name: `t${i}`,
    debug: { msg: `{{ [(${text}) | to_json] }}` },
    ignore_errors: true,
  }));
  const play = { hosts: 'h1', gather_facts: false, connection: 'local', vars: LOOKUP_VARIABLES, tasks };
  writeFileSync(join(root, 'play.yml'), JSON.stringify([play]));
  writeFileSync(join(root, 'inventory'), '[g1]\nh1\nh2\n[g2]\nh3\n');
  const run = spawnSync('/usr/bin/ansible-playbook', ['-i', join(root, 'inventory'), join(root, 'play.yml')], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ANSIBLE_STDOUT_CALLBACK: 'json', ANSIBLE_NOCOLOR: '1', ANSIBLE_LOCALHOST_WARNING: '0' },
  });
  const report = JSON.parse(run.stdout.slice(run.stdout.indexOf('{'))) as AnsibleReport;
  const results = new Map(report.plays[0]?.tasks.map(({ task, hosts }) => [task.name, hosts.h1]));
  return LOOKUPS.map((_, i) => {
    const result = results.get(`t${i}`);
    if (result === undefined || result.failed === true) return `ERROR ${String(result?.msg)}`;
    return String((result.msg as string[])[0]).replaceAll(root, 'ROOT');
  });
}

interface AnsibleReport {
  readonly plays: readonly {
    readonly tasks: readonly {
      readonly task: { readonly name: string };
      readonly hosts: { readonly h1?: { readonly failed?: boolean; readonly msg?: unknown } };
    }[];
  }[];
}
