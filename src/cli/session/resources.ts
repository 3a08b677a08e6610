/** What the hosts of a run are worked on with: places by the limit of open files, kept facts, transports. */
import type { FactCache } from '../../facts/fact-cache.ts';
import type { Host } from '../../inventory/types.ts';
import { DEFAULT_CONNECT_LIMITS, type Transports } from '../../transport/index.ts';
import { factsBetweenRuns } from '../facts-between-runs.ts';
import type { Interrupts } from '../interrupts.ts';
import { budgetOpenFiles, type OpenFileBudget, openFileCount, openFileLimit } from '../open-file-budget.ts';
import { passphraseSource } from '../passphrase.ts';
import { createTransports } from '../transports.ts';
import type { SessionOptions } from './options.ts';
import type { SessionOutput } from './output.ts';
import type { SessionPlan } from './plan.ts';
import type { Questions } from './questions.ts';

export interface Resources {
  readonly budget: OpenFileBudget;
  /** Undefined: facts are kept for the run only. */
  readonly facts: FactCache | undefined;
  readonly transports: Transports;
}

export interface ResourceNeeds {
  readonly session: SessionOptions;
  readonly plan: SessionPlan;
  /** All that the run may come to. */
  readonly hosts: readonly Host[];
  readonly output: SessionOutput;
  readonly questions: Questions;
  readonly interrupts: Interrupts;
  readonly nowMs: () => number;
}

/** Opens them. @throws UsageError, FleetmendError STATE_UNWRITABLE */
export async function openResources(needs: ResourceNeeds): Promise<Resources> {
  const { plan, hosts } = needs;
  const wishes = { ...plan.wishes, hostCount: hosts.length };
  const budget = budgetOpenFiles(wishes, openFileLimit() ?? Number.POSITIVE_INFINITY, openFileCount());
  const facts = await openFacts(needs);
  const transports = createTransports({
    passphraseOf: passphrasesOf(needs),
    limits: { ...DEFAULT_CONNECT_LIMITS, atOnce: budget.connecting, perSecond: plan.settings.connectRate },
  });
  return { budget, facts, transports };
}

function openFacts({ session, plan, hosts, output, nowMs }: ResourceNeeds): Promise<FactCache | undefined> {
  const { flags, io, vault } = session;
  const flush = flags.flushCache === true ? hosts.map((host) => host.name) : [];
  return factsBetweenRuns(plan.settings, io, flush, {
    onWarning: (message, host) => output.emit({ type: 'warning', atMs: nowMs(), message, host }),
    openVault: (text) => vault.keyring.openValue(text),
  });
}

function passphrasesOf({ session, plan, questions, interrupts }: ResourceNeeds) {
  const command = plan.settings.passphraseCommand;
  const ask = questions.password;
  if (ask === undefined && command === undefined) return undefined;
  const { secrets } = session.vault;
  return passphraseSource({
    command,
    ask,
    env: session.io.env,
    signal: interrupts.signal,
    onSecret: (secret) => secrets.add(secret),
  });
}
