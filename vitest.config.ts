import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

export default defineConfig({
  test: {
    // Most tests wait for processes and deadlines, so more files than there are cores are tested at once; those of the lab have
    // users, ports and engines of their own.
    maxWorkers: 4,
    // The program is started from its sources hundreds of times: this saves most of what each start costs. Tests that give a
    // process an environment of its own hand it on.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') },
    sequence: { sequencer: LongestFirst },
    // `unit` needs nothing but Node; `lab` needs root and Debian's servers, which test/lab/setup.ts installs when missing.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/differential/**'],
          // For a busy machine: what hangs is found all the same.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts', 'test/differential/**/*.test.ts'],
          maxConcurrency: 3,
          globalSetup: ['test/lab/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
