/** The results that a playbook sees; pure. */

import type { Outcome } from '../contract.ts';
import { shortId } from '../docker/container.ts';
import type { Network } from '../docker/networks.ts';
import type { OpenJournal } from './journal.ts';
import { describeStep, type Surgery } from './surgery.ts';
import type { Verification } from './verify.ts';

/** The result data of a surgery that was begun. @param verification - when it came to that */
export function resultOf(journal: OpenJournal, verification?: Verification): Readonly<Record<string, unknown>> {
  const { surgery, done, path } = journal;
  const removal = surgery.steps.findIndex((step) => step.do === 'remove');
  return {
    ...surgeryData(surgery),
    journal: path,
    past_point_of_no_return: done.has(removal),
    steps: surgery.steps.map((step, index) => ({ step: describeStep(step, surgery), done: done.has(index) })),
    ...(verification === undefined ? {} : verificationData(surgery, verification)),
  };
}

/** The result data of a surgery that is only planned. */
export function plannedResult(surgery: Surgery, lines: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    ...surgeryData(surgery),
    msg: `would recreate network ${surgery.network.name} with ${countOf(surgery)}`,
    steps: lines.map((step) => ({ step, done: false })),
    past_point_of_no_return: false,
  };
}

/** All is done and as it was. */
export function finishedOutcome(journal: OpenJournal, verification: Verification): Outcome {
  const { surgery } = journal;
  return {
    result: {
      ...resultOf(journal, verification),
      msg: `network ${surgery.network.name} was recreated with ${countOf(surgery)}; all is as it was`,
    },
    warnings: [...bridgeWarnings(surgery.network, verification.network), ...pinWarnings(surgery)],
  };
}

/** All is done up to the first container that is to be started. */
export function pausedOutcome(journal: OpenJournal): Outcome {
  const { name } = journal.surgery.network;
  const msg = `network ${name} was recreated; its containers are stopped until \`action: resume\``;
  return { result: { ...resultOf(journal), msg, paused: true } };
}

/** All was put back. */
export function undoneOutcome(journal: OpenJournal): Outcome {
  const msg = `network ${journal.surgery.network.name} and its containers are as they were`;
  return { result: { ...resultOf(journal), msg, rolled_back: true } };
}

/** `2 containers`. */
export function countOf({ patients }: Surgery): string {
  return `${patients.length} ${patients.length === 1 ? 'container' : 'containers'}`;
}

function surgeryData({ network, patients }: Surgery): Readonly<Record<string, unknown>> {
  const { id, name, driver, addresses, options, labels, internal, attachable, ipv6 } = network;
  return {
    network: { id, name, driver, addresses, options, labels, internal, attachable, ipv6 },
    containers: patients.map((each) => ({
      id: each.id,
      name: each.name,
      image: each.image,
      state: each.state,
      must_run: each.mustRun,
      ...each.addresses,
    })),
    pinned: patients.filter(({ isPinned }) => isPinned).map(({ name }) => name),
  };
}

function verificationData(
  surgery: Surgery,
  { network, faults, reached }: Verification,
): Readonly<Record<string, unknown>> {
  return {
    network_id: network?.id ?? null,
    faults: faults.map(({ text }) => text),
    gateways_reached: reached,
    gateways_reached_before: surgery.patients.filter(({ reachedGateway }) => reachedGateway !== undefined).length,
  };
}

function bridgeWarnings(network: Network, now: Network | undefined): string[] {
  const before = bridgeOf(network);
  const after = now && bridgeOf(now);
  if (before === undefined || before === after) return [];
  return [
    `the bridge of network ${network.name} was ${before} and is ${after} now: firewall rules that name it must be changed`,
  ];
}

function pinWarnings({ patients, network }: Surgery): string[] {
  const pinned = patients.filter(({ isPinned }) => isPinned).map(({ name }) => name);
  if (pinned.length === 0) return [];
  return [
    `in network ${network.name} these ask from now on for the address that they happened to have: ${pinned.join(', ')}; one that asks for none may take it from them at a later start`,
  ];
}

// Where it has no name of its own, the engine names it by the network's ID.
function bridgeOf({ driver, options, id }: Network): string | undefined {
  if (driver !== 'bridge') return undefined;
  return options['com.docker.network.bridge.name'] ?? `br-${shortId(id)}`;
}
