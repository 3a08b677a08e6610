/** `--list-hosts`, `--list-tasks`, `--list-tags`: what a run would be about, without running it. */

import { buildPlayTree, tasksOf } from '../engine/tree.ts';
import { playbookDirsOf } from '../playbook/index.ts';
import type { Play, Playbook } from '../playbook/types.ts';
import { isTemplate } from '../template/index.ts';
import type { VaultKeyring } from '../util/vault-keyring.ts';
import type { RunCommandFlags } from './commands/run.ts';
import { loadConfig } from './config.ts';
import { watchInterrupts } from './interrupts.ts';
import type { Io } from './io.ts';
import { mergeSettings } from './merge-settings.ts';
import { readInventory } from './read-inventory.ts';
import { tagSelection } from './tags.ts';

/** Prints the lists. @returns the exit code */
export async function listPlays(
  playbooks: readonly Playbook[],
  flags: RunCommandFlags,
  io: Io,
  vault: VaultKeyring,
): Promise<number> {
  const settings = mergeSettings(flags, loadConfig(io).settings);
  const interrupts = watchInterrupts(io, undefined);
  try {
    const { select } =
      flags.listHosts === true
        ? await readInventory({
            flags,
            settings,
            io,
            signal: interrupts.signal,
            playbookDirs: playbookDirsOf(playbooks),
            vault,
          })
        : { select: undefined };
    for (const playbook of playbooks) {
      io.out(`\nplaybook: ${playbook.path}\n`);
      for (const [index, play] of playbook.plays.entries()) io.out(describePlay(play, index + 1, flags, select));
    }
    return 0;
  } finally {
    interrupts.stop();
  }
}

type Select = Awaited<ReturnType<typeof readInventory>>['select'];

function describePlay(play: Play, number: number, flags: RunCommandFlags, select: Select | undefined): string {
  const pattern = Array.isArray(play.hosts.value) ? play.hosts.value.join(',') : String(play.hosts.value);
  const lines = [`\n  play #${number} (${pattern}): ${play.name ?? pattern}\tTAGS: [${play.tags.join(', ')}]`];
  if (select !== undefined) {
    // A pattern that holds variables is only known when the play starts.
    const hosts = isTemplate(pattern) ? [] : select(pattern);
    lines.push(`    pattern: ${pattern}`, `    hosts (${hosts.length}):`, ...hosts.map((host) => `      ${host.name}`));
  }
  const tree = buildPlayTree(play, `p${number}`, tagSelection(flags));
  const tasks = tasksOf(tree);
  if (flags.listTasks === true) {
    lines.push('    tasks:', ...tasks.map((node) => `      ${node.ref.name}\tTAGS: [${node.ref.tags.join(', ')}]`));
  }
  if (flags.listTags === true) {
    const tags = [...new Set(tasks.flatMap((node) => node.ref.tags))].sort();
    lines.push(`    TASK TAGS: [${tags.join(', ')}]`);
  }
  return `${lines.join('\n')}\n`;
}
