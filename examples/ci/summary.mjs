// Prints a summary of a JSON report of fleetmend in Markdown: node summary.mjs report.json
import { readFileSync } from 'node:fs';

const MAX_ROWS = 50;
const { run, hosts, plays } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** Why each host is not fine: its last failure that nothing caught. */
const failures = new Map();
for (const { tasks } of plays) {
  for (const task of tasks) {
    for (const [host, { failure, ignored, rescued }] of Object.entries(task.hosts)) {
      if (failure && !ignored && !rescued) failures.set(host, { ...failure, task: task.name });
    }
  }
}
for (const host of run.notStarted ?? []) failures.set(host, { kind: 'not started', message: run.endedBy, task: '' });
for (const host of run.notFinished ?? []) {
  if (!failures.has(host)) failures.set(host, { kind: 'not finished', message: run.endedBy, task: '' });
}

const all = Object.values(hosts);
const changed = all.filter((counts) => counts.changed > 0).length;
const words = run.checkMode ? 'would change' : 'changed';
print(`### ${run.playbooks.join(', ')}: ${run.exitCode === 0 ? 'fine' : `exit code ${run.exitCode}`}\n`);
print(`${all.length} hosts, ${changed} ${words}, ${failures.size} not fine, ${(run.durationMs / 1000).toFixed(1)} s\n`);
if (failures.size > 0) {
  print('| host | | task | reason |\n|---|---|---|---|');
  for (const [host, { kind, task, message }] of [...failures].slice(0, MAX_ROWS)) {
    print(`| ${[host, kind, task, message].map(cell).join(' | ')} |`);
  }
  if (failures.size > MAX_ROWS) print(`\nand ${failures.size - MAX_ROWS} more, see report.json`);
}

function print(text) {
  process.stdout.write(`${text}\n`);
}

function cell(text) {
  return String(text ?? '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
}
