import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Container, ContainerState } from '../../../src/modules/docker/container.ts';
import { normalizeOptions } from '../../../src/modules/docker-prune/options.ts';
import type { Reading } from '../../../src/modules/docker-prune/read.ts';
import { isCandidateState } from '../../../src/modules/docker-prune/select.ts';
import { dockerPrune } from '../../../src/modules/docker-prune.ts';
import { idOf } from './stand-in.ts';

/** A behaviour of the plan: arguments and containers in, change lines (`<id>` for the ID's twelve digits) and reasons out. */
interface PlanCase {
  readonly args: Readonly<Record<string, unknown>>;
  readonly now: string;
  /** `listed`: the state that `ps` says, when it is another than that of `inspect`. */
  readonly containers: readonly (Partial<Container> & { readonly name: string; readonly listed?: ContainerState })[];
  readonly remove: readonly string[];
  readonly kept?: Readonly<Record<string, string>>;
  readonly error?: string;
}

const FOLDER = new URL('../../cases/modules/docker_prune/', import.meta.url);

test.each(readdirSync(FOLDER).map((file) => [file.replace('.json', '').replaceAll('_', ' '), file]))(
  '%s',
  (_title, file) => {
    const { args, now, containers, remove, kept, error }: PlanCase = JSON.parse(
      readFileSync(new URL(file, FOLDER), 'utf8'),
    );
    const plan = () => dockerPrune.plan(args, readingOf(containers, args, now));
    if (error !== undefined) {
      expect(plan).toThrow(error);
      return;
    }
    const { changes, result } = plan();
    expect(changes.map(({ line }) => line.replace(/[0-9a-f]{12}/, '<id>'))).toEqual(remove);
    const entries = (result?.kept ?? []) as readonly { name: string; reason: string }[];
    const reasons = entries.map(({ name, reason }) => [name, reason]);
    expect(Object.fromEntries(reasons)).toEqual(kept ?? {});
    expect(result?.would_remove).toHaveLength(remove.length);
  },
);

function readingOf(containers: PlanCase['containers'], args: PlanCase['args'], now: string): Reading {
  const options = normalizeOptions(args);
  const candidates = containers
    .map(({ listed, ...container }) => ({ listed, ...DEFAULTS, id: idOf(container.name), ...container }))
    .filter(({ listed, state }) => isCandidateState(listed ?? state, options));
  return {
    engine: { kind: 'docker', path: '/usr/bin/docker', version: '20.10.24' },
    nowMs: Date.parse(now),
    listed: [],
    containers: candidates,
    unread: [],
    counts: {},
  };
}

const DEFAULTS = {
  image: 'app:1',
  imageId: 'sha256:00',
  state: 'dead' as const,
  createdAt: '2026-10-01T00:00:00Z',
  labels: {},
};
