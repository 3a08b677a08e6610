import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { splitWords } from '../../src/util/split-words.ts';
import { runCli, testFolder } from '../cli/run-cli.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const playbooks = readdirSync(join(ROOT, 'playbooks')).filter((name) => name.endsWith('.yml'));

test('the playbooks that ship have no mistakes', async () => {
  const { code, stdout, stderr } = await runCli(['check', ...playbooks.map((name) => join(ROOT, 'playbooks', name))]);
  expect({ code, stderr }, stdout + stderr).toEqual({ code: 0, stderr: '' });
});

describe('each run that a page shows', () => {
  const pages = [
    'playbooks/README.md',
    ...['cron', 'ci', 'kubernetes'].map((name) => `examples/${name}/README.md`),
    ...['ci/github-actions.yml', 'ci/gitlab-ci.yml', 'ci/Jenkinsfile'].map((name) => `examples/${name}`),
  ];
  const runs = pages.flatMap((page) => runsIn(read(page)).map((line) => [page, line] as const));

  test('there are some on every page', () => {
    expect(new Set(runs.map(([page]) => page))).toEqual(new Set(pages));
  });

  test('has options and a playbook that there are', async () => {
    const cwd = await testFolder();
    for (const name of playbooks) await symlink(join(ROOT, 'playbooks', name), join(cwd, name));
    await symlink(join(ROOT, 'playbooks'), join(cwd, 'playbooks'));
    await mkdir(join(cwd, 'inventory'));
    await writeFile(join(cwd, 'inventory', 'hosts.ini'), 'web1\n');
    const failures: string[] = [];
    const check = async ([page, line]: readonly [string, string]): Promise<void> => {
      const words = splitWords(line);
      if (typeof words === 'string') throw new Error(`${page}: ${line}: ${words}`);
      const args = [...words.slice(1).map(({ text }) => text), '--syntax-check'];
      const { code, stdout, stderr } = await runCli(args, { cwd });
      if (code !== 0) failures.push(`${page}: ${line}\n${stdout}${stderr}`);
    };
    for (let begin = 0; begin < runs.length; begin += 4) await Promise.all(runs.slice(begin, begin + 4).map(check));
    expect(failures).toEqual([]);
  }, 120_000);
});

// Lines may be continued by a backslash, or by the folding of YAML; pipes, variables and comments of the shell are no part of them.
function runsIn(text: string): string[] {
  const joined = text.replaceAll(/ \\\n\s*/g, ' ').replaceAll(/\n\s+(?=--|\$CHECK)/g, ' ');
  return joined.split('\n').flatMap((line) => {
    const found = /^\s*(?:sudo -u fleetmend )?(fleetmend run .*)$/.exec(line)?.[1];
    return found === undefined
      ? []
      : [
          found
            .replace(/ \| .*$/, '')
            .replace(/ \$CHECK.*$/, '')
            .replace(/ {2,}#.*$/, ''),
        ];
  });
}

test('the files of CI servers and of the cluster are YAML without mistakes', () => {
  const github = parse(read('examples/ci/github-actions.yml')) as { jobs: { fleet: { steps: { run?: string }[] } } };
  expect(github.jobs.fleet.steps.some(({ run }) => run?.startsWith('fleetmend run '))).toBe(true);
  const gitlab = parse(read('examples/ci/gitlab-ci.yml')) as Record<string, { extends?: string; script?: string[] }>;
  expect([gitlab.change?.extends, gitlab['would-change']?.extends]).toEqual(['.fleet', '.fleet']);
  expect(gitlab['.fleet']?.script?.[1]).toMatch(/^fleetmend run [^\n]+ \$CHECK$/);
  for (const file of ['kubernetes/rbac.yml', 'kubernetes/cronjob.yml', 'cron/alerts.yml', 'cron/fleetmend.yml']) {
    for (const document of parseAllDocuments(read(`examples/${file}`))) expect(document.errors, file).toEqual([]);
  }
});

test('the summary for CI has the totals and the hosts that are not fine', async () => {
  const folder = await testFolder();
  const report = join(folder, 'report.json');
  await writeFile(
    join(folder, 'play.yml'),
    '- hosts: all\n  connection: local\n  gather_facts: false\n  tasks:\n    - {name: look, fail: {msg: "a | <b>"}, when: inventory_hostname == "web2"}\n',
  );
  const { code } = await runCli(['run', 'play.yml', '-i', 'web1,web2', '--report', `json=${report}`], { cwd: folder });
  expect(code).toBe(2);
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'examples/ci/summary.mjs'), report]);
  expect(stdout).toContain('### play.yml: exit code 2\n');
  expect(stdout).toMatch(/^2 hosts, 0 changed, 1 not fine, /m);
  expect(stdout).toContain('| web2 | failed | look | a \\| &lt;b> |');
});
