/** The works, and what was promised for them. */
import type { ContenderId } from './contenders.ts';
import type { Work } from './fleet.ts';
import type { Cost } from './measure.ts';

export const WORKS: readonly Work[] = [
  { id: '200x1', hostCount: 200, taskCount: 1 },
  { id: '50x20', hostCount: 50, taskCount: 20 },
  { id: '1000x1', hostCount: 1000, taskCount: 1 },
];

/** The same in small: shows that the benchmark works, says nothing about speed. */
export const QUICK_WORKS: readonly Work[] = [
  { id: '200x1', hostCount: 10, taskCount: 1 },
  { id: '50x20', hostCount: 4, taskCount: 5 },
  { id: '1000x1', hostCount: 20, taskCount: 1 },
];

export type Figures = ReadonlyMap<ContenderId, Cost>;

/** What one work cost each, and how those peers ended that could not do it. */
export interface WorkResult {
  readonly work: Work;
  readonly figures: Figures;
  readonly failures: ReadonlyMap<ContenderId, string>;
}

/** A promise about one work. */
export interface Goal {
  readonly work: string;
  readonly text: string;
  /** What was reached; undefined: somebody needed for it did not take part. */
  value(figures: Figures): number | undefined;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit: '×' | 'MiB';
}

const STRATEGIES = ['linear', 'free'] as const;

export const GOALS: readonly Goal[] = STRATEGIES.flatMap((strategy): Goal[] => {
  const ours = `fleetmend-${strategy}` as const;
  const ansible = `ansible-${strategy}` as const;
  const slower = (than: ContenderId) => (figures: Figures) => ratio(figures.get(than), figures.get(ours));
  const beside = (limit: ContenderId) => (figures: Figures) => ratio(figures.get(ours), figures.get(limit));
  return [
    { work: '200x1', text: `${strategy}: faster than clush`, value: slower('clush'), atLeast: 3, unit: '×' },
    { work: '200x1', text: `${strategy}: faster than ansible`, value: slower(ansible), atLeast: 8, unit: '×' },
    { work: '50x20', text: `${strategy}: faster than ansible`, value: slower(ansible), atLeast: 60, unit: '×' },
    {
      work: '50x20',
      text: `${strategy}: time of the bare warm shell`,
      value: beside('bare-shell'),
      atMost: 1.8,
      unit: '×',
    },
    { work: '1000x1', text: `${strategy}: time of the bare loop`, value: beside('bare-exec'), atMost: 1.25, unit: '×' },
    {
      work: '1000x1',
      text: `${strategy}: memory`,
      value: (figures) => figures.get(ours)?.peakMiB,
      atMost: 150,
      unit: 'MiB',
    },
  ];
});

function ratio(a: Cost | undefined, b: Cost | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a.wallMs / b.wallMs;
}
