/** What every transport must do; run by all of them, the ones that need servers in the lab. */
import { describe } from 'vitest';
import { registerBecomeTests } from './become.ts';
import { registerDeadlineTests } from './deadlines.ts';
import { registerEnvironmentTests } from './environment.ts';
import { registerFileTests } from './files.ts';
import { registerIsolationTests } from './isolation.ts';
import { registerLaneTests } from './lane.ts';
import { registerLifecycleTests } from './lifecycle.ts';
import { registerOutcomeTests } from './outcome.ts';
import { registerParallelTests } from './parallel.ts';
import { type Place, type TransportFixture, type TransportTraits, usePlace } from './place.ts';
import { registerRawTests } from './raw.ts';
import { registerScriptTests } from './script.ts';
import { registerStdinTests } from './stdin.ts';

const THEMES = {
  outcome: registerOutcomeTests,
  script: registerScriptTests,
  stdin: registerStdinTests,
  environment: registerEnvironmentTests,
  isolation: registerIsolationTests,
  lane: registerLaneTests,
  'many at once': registerParallelTests,
  deadlines: registerDeadlineTests,
  raw: registerRawTests,
  files: registerFileTests,
  lifecycle: registerLifecycleTests,
  become: registerBecomeTests,
} satisfies Readonly<Record<string, (place: Place) => void>>;

export type Theme = keyof typeof THEMES;

/**
 * Registers the suite for one transport. `make` is called for each test.
 *
 * @param themes - what is tested of it, where another suite does the rest. @defaultValue all
 */
export function registerTransportTests(
  name: string,
  make: () => Promise<TransportFixture>,
  traits: TransportTraits,
  themes = Object.keys(THEMES) as readonly Theme[],
): void {
  describe(`transport conformance: ${name}`, () => {
    for (const theme of themes) {
      // Not for every place: see its traits. An empty block counts as a failure.
      if (theme === 'become' && traits.becomes.length === 0) continue;
      describe(theme, () => THEMES[theme](usePlace(make, traits)));
    }
  });
}
