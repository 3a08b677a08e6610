import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findModule } from '../../src/modules/registry.ts';

/** Arguments and the state of a host, and what the plan of the module then is. */
interface PlanCase {
  readonly args: Readonly<Record<string, unknown>>;
  readonly state: unknown;
  /** Lines of the changes, in order. */
  readonly changes?: readonly string[];
  readonly unknowable?: boolean;
  readonly result?: unknown;
  /** The message of the refusal, instead of changes. */
  readonly fails?: string;
}

const CASES = new URL('../cases/modules/', import.meta.url);

// docker_prune has a runner of its own.
const modules = readdirSync(CASES).filter((name) => name !== 'docker_prune');

describe.each(modules)('plan of %s', (name) => {
  const folder = new URL(`${name}/`, CASES);
  test.each(readdirSync(folder))('%s', (file) => {
    const { args, state, ...expected }: PlanCase = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const module = findModule(name);
    const plan = () => module?.plan(args, state);
    if (expected.fails !== undefined) {
      expect(plan).toThrow(expect.objectContaining({ name: 'ModuleError', message: expected.fails }));
      return;
    }
    const made = plan();
    expect(made?.changes.map((change) => change.line)).toEqual(expected.changes);
    expect(made?.unknowable ?? false).toBe(expected.unknowable ?? false);
    if (expected.result !== undefined) expect(made?.result).toEqual(expected.result);
  });
});
