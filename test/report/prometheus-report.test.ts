import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createPrometheusReport } from '../../src/report/index.ts';
import { ScriptedRun } from './scripted-run.ts';

async function metricsOf(script: (run: ScriptedRun) => void): Promise<string> {
  let text = '';
  const sink = createPrometheusReport({ write: (chunk) => (text += chunk) });
  const run = new ScriptedRun(sink);
  script(run);
  await sink.close();
  return text;
}

const linesOf = (text: string, metric: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`fleetmend_${metric}{`));

it('counts each host once, by how it ended, and names those that did not end well', async () => {
  const text = await metricsOf((run) => {
    run.start();
    const hosts = ['web1', 'web2', 'web3', 'we"b\\4'];
    const play = run.play('Clean', hosts);
    const task = run.task(play, 'Remove', 4);
    run.result(play, task, 'web1', { status: 'changed' });
    run.result(play, task, 'web2');
    run.result(play, task, 'web3', { message: 'busy' });
    run.result(play, task, 'we"b\\4', { status: 'unreachable' });
    run.endPlay(play);
    run.end({ notStarted: ['web9'], endedBy: 'deadline' });
  });
  expect(linesOf(text, 'hosts')).toEqual([
    'fleetmend_hosts{playbook="clean.yml",status="ok"} 1',
    'fleetmend_hosts{playbook="clean.yml",status="changed"} 1',
    'fleetmend_hosts{playbook="clean.yml",status="failed"} 1',
    'fleetmend_hosts{playbook="clean.yml",status="unreachable"} 1',
    'fleetmend_hosts{playbook="clean.yml",status="not_started"} 1',
    'fleetmend_hosts{playbook="clean.yml",status="not_finished"} 0',
  ]);
  expect(linesOf(text, 'host_not_fine').toSorted()).toEqual([
    'fleetmend_host_not_fine{playbook="clean.yml",host="we\\"b\\\\4",status="unreachable"} 1',
    'fleetmend_host_not_fine{playbook="clean.yml",host="web3",status="failed"} 1',
    'fleetmend_host_not_fine{playbook="clean.yml",host="web9",status="not_started"} 1',
  ]);
  expect(linesOf(text, 'tasks')).toContain('fleetmend_tasks{playbook="clean.yml",status="ok"} 2');
  expect(linesOf(text, 'run_duration_seconds')).toEqual(['fleetmend_run_duration_seconds{playbook="clean.yml"} 4.2']);
  for (const line of text.trim().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) fleetmend_\w+ .+|fleetmend_\w+\{(\w+="([^"\\]|\\.)*",?)+\} [\d.]+)$/);
  }
});

it('has the numbers that the playbook noted, whatever else it noted', async () => {
  const run = { pods: { count: 22, by_node: [{ node: 'n1', count: 3 }], alarm: true, text: '7' }, n: 1.5 };
  const text = await metricsOf((scripted) => {
    scripted.start();
    scripted.end({ customStats: { run, hosts: {} } });
  });
  expect(linesOf(text, 'custom_stat')).toEqual([
    'fleetmend_custom_stat{playbook="clean.yml",stat="pods.count"} 22',
    'fleetmend_custom_stat{playbook="clean.yml",stat="pods.alarm"} 1',
    'fleetmend_custom_stat{playbook="clean.yml",stat="n"} 1.5',
  ]);
});

it('is written whole, and a run that did not come to its end leaves the last file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetmend-prometheus-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'clean.prom');
  const good = createPrometheusReport({ path });
  const run = new ScriptedRun(good);
  run.start();
  run.end();
  await good.close();
  const before = readFileSync(path, 'utf8');
  const broken = createPrometheusReport({ path });
  new ScriptedRun(broken).start();
  await broken.close();
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(readdirSync(folder)).toEqual(['clean.prom']);
});
