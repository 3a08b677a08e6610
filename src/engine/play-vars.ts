/** The variables of a play: `vars`, and `vars_files` with names that are evaluated for each host. */

import { isAbsolute, resolve } from 'node:path';
import { FleetmendError, type Position, placeText } from '../errors.ts';
import type { VarsLayer } from '../inventory/types.ts';
import type { Play } from '../playbook/types.ts';
import { isTemplate, toPlain, toText } from '../template/index.ts';
import { LayeredScope, needsFactsOf } from '../vars/scope.ts';
import { evaluateRaw } from './conditions.ts';
import type { HostRun } from './host-run.ts';
import { varsLayer } from './inherit.ts';
import type { RunContext } from './run-context.ts';
import { hostFacts, onMissingFact, type PlayContext } from './task-context.ts';

/** What a play itself is evaluated with, before there is a host: the command line's variables and its own. */
export function playScope(run: RunContext, play: Play): LayeredScope {
  return new LayeredScope({
    mergeHashes: run.options.mergeHashes,
    magic: run.magic.forPlay(),
    layers: [...run.options.extraVars, ...ownLayers(run, play)],
    environment: run.environment,
  });
}

/**
 * The layers of a play for a host. Files are read once each; their names are evaluated for each host.
 *
 * @throws FleetmendError FILE_NOT_FOUND when a file whose name needs no host is not there
 */
export function playVars(run: RunContext, play: Play, playbookDir: string): PlayContext['playVars'] {
  const own = ownLayers(run, play);
  if (play.varsFiles.length === 0) return () => own;
  // A name without variables is the same for every host: that it is missing ends the run before any host is touched.
  for (const { value, source } of play.varsFiles) {
    if (![value].flat().some((name) => isTemplate(toText(name)))) firstReadable(run, playbookDir, value, source);
  }
  const known = new Map<HostRun, readonly VarsLayer[]>();
  return (hostRun, canGather) => {
    const cached = known.get(hostRun);
    if (cached !== undefined) return cached;
    // While the names are evaluated only facts, the play's own variables and the inventory are there.
    const scope = new LayeredScope({
      mergeHashes: run.options.mergeHashes,
      magic: run.magic.for(hostRun.host),
      environment: run.environment,
      onMissing: onMissingFact(hostRun),
      layers: [
        ...run.options.extraVars,
        ...own,
        ...hostFacts(hostRun, canGather),
        ...run.options.inventory.layersOf(hostRun.host).toReversed(),
      ],
    });
    let isComplete = true;
    const files = play.varsFiles.flatMap((raw) => {
      try {
        return [firstReadable(run, playbookDir, toPlain(evaluateRaw(raw, scope)), raw.source)];
      } catch (error) {
        if (canGather || needsFactsOf(error) === undefined) throw error;
        isComplete = false;
        return [];
      }
    });
    const layers = [...files.toReversed(), ...own];
    if (isComplete) known.set(hostRun, layers);
    return layers;
  };
}

// An entry of `vars_files` is a file, or a list of which the first that exists is taken.
function firstReadable(run: RunContext, dir: string, entry: unknown, source: Position): VarsLayer {
  const names = (Array.isArray(entry) ? entry : [entry]).map((each) => toText(each));
  let missing: unknown;
  for (const name of names) {
    try {
      return run.readVarsFile(isAbsolute(name) ? name : resolve(dir, name));
    } catch (error) {
      if (!(error instanceof FleetmendError) || error.code !== 'FILE_NOT_FOUND') throw error;
      missing ??= error;
    }
  }
  const tried = names.map((name) => `'${name}'`).join(', ');
  throw new FleetmendError(
    'FILE_NOT_FOUND',
    `${placeText(source)}: expected a file of variables, found none of ${tried}`,
    {
      hint: `paths are relative to ${dir}`,
      cause: missing,
    },
  );
}

function ownLayers(run: RunContext, play: Play): VarsLayer[] {
  return [...(run.answers.get(play) ?? []), ...(play.vars === undefined ? [] : [varsLayer('play', play.vars)])];
}
