/** Figures as Markdown: for the terminal and for docs/performance.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { AlgorithmCost } from './algorithms.ts';
import type { Contender } from './contenders.ts';
import type { ScaleStep } from './scale.ts';
import type { StartUp } from './startup.ts';
import type { TemplateCosts } from './template.ts';
import { type Figures, GOALS, type Goal, type WorkResult } from './works.ts';

/** All that one run of the benchmark found. */
export interface Report {
  readonly command: string;
  readonly isQuick: boolean;
  readonly works: readonly WorkResult[];
  readonly contenders: readonly Contender[];
  readonly absent: readonly string[];
  readonly startUp?: StartUp;
  readonly algorithms?: readonly AlgorithmCost[];
  readonly template?: TemplateCosts;
  readonly scale?: readonly ScaleStep[];
}

const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/** The whole report; ratios come first. */
export function reportText(report: Report): string {
  const parts = [machineText(report)];
  if (report.isQuick) parts.push('**Quick: fewer hosts and tasks than the titles say. These figures mean nothing.**');
  parts.push(...report.works.map((result) => workText(result, report.contenders)));
  if (report.startUp !== undefined) parts.push(startUpText(report.startUp));
  if (report.algorithms !== undefined) parts.push(algorithmsText(report.algorithms));
  if (report.template !== undefined) parts.push(templateText(report.template));
  if (report.scale !== undefined) parts.push(scaleText(report.scale));
  if (report.absent.length > 0) parts.push(`Not here, so not measured: ${report.absent.join(', ')}.`);
  return parts.join('\n\n');
}

/** Replaces what stands between the markers of a document. */
export async function writeBetweenMarkers(file: string, text: string): Promise<void> {
  const document = await readFile(file, 'utf8');
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file}: expected the markers '${BEGIN}' and '${END}', in this order`);
  await writeFile(file, `${document.slice(0, begin + BEGIN.length)}\n${text}\n${document.slice(end)}`);
}

function machineText({ command }: Report): string {
  const [cpu] = cpus();
  const { node, openssl } = process.versions;
  const machine = `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), Linux, Node ${node}, OpenSSL ${openssl}`;
  return `\`${command}\` on ${machine}; servers and clients share the machine.`;
}

function workText({ work, figures, failures }: WorkResult, all: readonly Contender[]): string {
  const ours = figures.get('fleetmend-linear');
  const rows = all.flatMap(({ id, label }) => {
    const failure = failures.get(id);
    if (failure !== undefined) return [[label, failure, '', '', '', '']];
    const cost = figures.get(id);
    if (cost === undefined) return [];
    const beside = (key: 'wallMs' | 'cpuMs') => (ours === undefined ? '–' : (cost[key] / ours[key]).toFixed(2));
    const times = [cost.wallMs, cost.cpuMs].map((ms) => `${(ms / 1000).toFixed(2)} s`);
    return [[label, beside('wallMs'), beside('cpuMs'), ...times, `${Math.round(cost.peakMiB)} MiB`]];
  });
  const head = ['program', 'time ÷ ours', 'CPU ÷ ours', 'time', 'CPU', 'peak memory'];
  const title = `### ${work.hostCount} hosts × ${work.taskCount} ${work.taskCount === 1 ? 'command' : 'commands'}`;
  const goals = GOALS.filter((goal) => goal.work === work.id).map((goal) => goalRow(goal, figures));
  const goalTable = table(['goal', 'wanted', 'reached', ''], goals);
  return `${title}\n\n${table(head, rows)}\n\n${goalTable}`;
}

function goalRow(goal: Goal, figures: Figures): string[] {
  const value = goal.value(figures);
  const wanted = goal.atLeast === undefined ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
  return [goal.text, `${wanted} ${goal.unit}`, ...verdict(value, goal.atLeast, goal.atMost, goal.unit)];
}

function startUpText({ nodeMs, versionMs, firstPacketMs, firstPacketColdMs }: StartUp): string {
  const ratio = versionMs / nodeMs;
  const rows = [
    ['`fleetmend --version` beside `node -e 0`', '≤ 2 ×', ...verdict(ratio, undefined, 2, '×')],
    ['`fleetmend run` to its first SSH packet', '≤ 250 ms', ...verdict(firstPacketMs, undefined, 250, 'ms')],
    ['the same, compiled code not cached yet', '', `${firstPacketColdMs.toFixed(0)} ms`, ''],
  ];
  const times = `\`node -e 0\` takes ${nodeMs.toFixed(0)} ms, \`fleetmend --version\` ${versionMs.toFixed(0)} ms.`;
  return `### Start-up\n\n${table(['start', 'wanted', 'reached', ''], rows)}\n\n${times}`;
}

function algorithmsText(costs: readonly AlgorithmCost[]): string {
  const rows = costs.map(({ kind, name, connectionMs, outputMs }) => [
    kind,
    name,
    `${connectionMs.toFixed(2)} ms`,
    outputMs === undefined ? '' : `${Math.round(outputMs)} ms`,
  ]);
  const head = ['', 'algorithm', 'CPU a connection with one task', 'CPU for 20 MB of output'];
  return `### Algorithms\n\n${table(head, rows)}`;
}

function templateText({ conditions, hostvars }: TemplateCosts): string {
  const costs = conditions.map(({ nanoseconds }) => nanoseconds);
  const averageUs = costs.reduce((sum, each) => sum + each, 0) / costs.length / 1000;
  const [fewest, most] = [hostvars.at(0), hostvars.at(-1)];
  const growth = fewest && most && most.cpuPerHostMs / fewest.cpuPerHostMs;
  const goals = [
    [`average \`when\` of ${costs.length}, compiled`, '≤ 2 µs', ...verdict(averageUs, undefined, 2, 'µs')],
    ['CPU a host with `hostvars`, most hosts beside fewest', '≤ 1.25 ×', ...verdict(growth, undefined, 1.25, '×')],
  ];
  const rows = hostvars.map(({ hostCount, wallMs, cpuMs, cpuPerHostMs }) => [
    hostCount.toLocaleString('en'),
    `${(wallMs / 1000).toFixed(2)} s`,
    `${(cpuMs / 1000).toFixed(2)} s`,
    `${cpuPerHostMs.toFixed(3)} ms`,
  ]);
  const expressions = conditions
    .toSorted((a, b) => a.nanoseconds - b.nanoseconds)
    .map(({ text, nanoseconds }) => [`\`${text.replaceAll('|', '\\|')}\``, `${(nanoseconds / 1000).toFixed(2)} µs`]);
  return [
    '### Expressions',
    table(['goal', 'wanted', 'reached', ''], goals),
    'Five tasks that read `hostvars`, no command on a host; CPU a host is beyond what one host costs:',
    table(['hosts', 'time', 'CPU', 'CPU a host'], rows),
    table(['`when`', 'each time'], expressions),
  ].join('\n\n');
}

function scaleText(steps: readonly ScaleStep[]): string {
  const rows = steps.map(({ hostCount, strategy, cost }) => [
    hostCount.toLocaleString('en'),
    strategy,
    `${(cost.cpuMs / hostCount).toFixed(2)} ms`,
    `${(cost.cpuMs / 1000).toFixed(1)} s`,
    `${Math.round(cost.peakMiB)} MiB`,
  ]);
  const note = 'Wanted: CPU a host the same from 100 to 10,000, and at most 400 MiB for 10,000.';
  const head = ['hosts', 'strategy', 'CPU a host', 'CPU', 'peak memory'];
  return `### Simulated hosts × 1 command\n\n${table(head, rows)}\n\n${note}`;
}

function verdict(value: number | undefined, atLeast: number | undefined, atMost: number | undefined, unit: string) {
  if (value === undefined) return ['not measured', ''];
  const isReached = value >= (atLeast ?? value) && value <= (atMost ?? value);
  return [
    `${unit === '×' || unit === 'µs' ? value.toFixed(2) : Math.round(value)} ${unit}`,
    isReached ? 'yes' : '**no**',
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
