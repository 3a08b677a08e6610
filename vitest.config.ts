import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // `unit` needs nothing but Node; `lab` needs root and Debian's servers, which test/lab/setup.ts installs when missing.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/differential/**'],
          testTimeout: 20_000,
          // Most tests wait for processes and deadlines: more of them than there are cores go on at once.
          maxWorkers: 4,
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
          // Most of them wait as well; each has users, ports and engines of its own.
          maxWorkers: 3,
        },
      },
    ],
  },
});
