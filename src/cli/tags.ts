/** `--tags` and `--skip-tags`, and what they do not find. */
import { buildPlayTree, type TagSelection, tasksOf } from '../engine/tree.ts';
import type { Ahead } from '../playbook/index.ts';
import type { Play, Playbook } from '../playbook/types.ts';
import { didYouMean } from '../util/did-you-mean.ts';
import type { Io } from './io.ts';

export interface TagFlags {
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
}

/** Words of the options that are no names of tags, and tags that need not be there. */
const SPECIAL: ReadonlySet<string> = new Set(['all', 'tagged', 'untagged', 'always', 'never']);
const MAX_NAMED = 20;

/** The words of the options, without commas. */
export function tagSelection({ tags, skipTags }: TagFlags): TagSelection {
  return { tags: splitTags(tags), skipTags: splitTags(skipTags) };
}

/** Warns of tags that nothing has, and of a choice that leaves no task. With Ansible such a run does nothing and says nothing. */
export function warnOfTags(playbooks: readonly Playbook[], aheads: readonly Ahead[], flags: TagFlags, io: Io): void {
  const selection = tagSelection(flags);
  const known = new Set(aheads.flatMap((ahead) => [...ahead.tags]));
  const more = aheads.some((ahead) => ahead.hasMore) ? ', as far as is known before included files are read' : '';
  for (const [flag, tags] of Object.entries({ '--tags': selection.tags, '--skip-tags': selection.skipTags })) {
    for (const tag of new Set(tags)) {
      if (SPECIAL.has(tag) || known.has(tag)) continue;
      warn(io, `no task has the tag '${tag}' of ${flag}${more}; ${hintOf(tag, known)}`);
    }
  }
  const isChosen = playbooks.some(({ plays }) => plays.some((play) => choosesTask(play, selection)));
  if (!isChosen) warn(io, `no task is chosen by ${describeSelection(selection)}`);
}

function choosesTask(play: Play, selection: TagSelection): boolean {
  return tasksOf(buildPlayTree(play, '', selection)).some(({ task }) => task.module !== 'meta');
}

function hintOf(tag: string, known: ReadonlySet<string>): string {
  const near = didYouMean(tag, known);
  if (near !== undefined) return near;
  const names = [...known].sort();
  if (names.length === 0) return 'there are no tags';
  const rest = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `there are ${names.slice(0, MAX_NAMED).join(', ')}${rest}`;
}

function describeSelection({ tags, skipTags }: TagSelection): string {
  const parts = { '--tags': tags, '--skip-tags': skipTags };
  return Object.entries(parts)
    .flatMap(([flag, words]) => (words.length === 0 ? [] : [`${flag} ${words.join(',')}`]))
    .join(' and ');
}

function warn(io: Io, message: string): void {
  io.err(`fleetmend: warning: ${message}\n`);
}

function splitTags(tags: readonly string[] | undefined): string[] {
  return (tags ?? [])
    .flatMap((each) => each.split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
