/**
 * `docker_prune`: removes dead containers and nothing else. It never forces, never stops a container and never touches a
 * volume or an image.
 */

import { FleetmendError, ModuleError } from '../errors.ts';
import { defineModule, type Module, type ModuleContext, type Outcome, type Plan } from './contract.ts';
import { findHolders } from './docker-prune/holder.ts';
import { normalizeOptions, type PruneArgs } from './docker-prune/options.ts';
import { type Aftermath, countOf, outcomeOf, plannedResult } from './docker-prune/outcome.ts';
import { type Reading, readContainers } from './docker-prune/read.ts';
import { type Removal, removeContainers } from './docker-prune/remove.ts';
import { describeRemoval, isCandidateState, selectContainers } from './docker-prune/select.ts';
import { spec } from './docker-prune/spec.ts';

/** The module, under `fleetmend.docker_prune` and `docker_prune`. */
export const dockerPrune: Module = defineModule<PruneArgs, Reading>({
  spec,

  probe(args: PruneArgs, context: ModuleContext): Promise<Reading> {
    const options = normalizeOptions(args);
    return readContainers(context, options, (state) => isCandidateState(state, options));
  },

  plan(args: PruneArgs, state: Reading): Plan {
    const options = normalizeOptions(args);
    const selection = selectContainers(state.containers, options, state.nowMs);
    const result = plannedResult(selection, state);
    const count = selection.remove.length;
    if (options.maxItems !== undefined && count > options.maxItems) {
      throw new ModuleError(
        `${countOf(selection.remove)} would be removed, more than \`max_items: ${options.maxItems}\`; nothing was removed`,
        result,
        { hint: 'raise max_items if that is meant, or select fewer by names, images, labels or older_than' },
      );
    }
    const [unread] = state.unread;
    if (count === 0 && unread !== undefined) {
      // An empty plan would be reported as fine.
      const outcome = outcomeOf({
        before: state,
        selection,
        removal: { attempts: new Map() },
        after: state,
        holders: new Map(),
      });
      throw new ModuleError(String(outcome.result.msg), outcome.result);
    }
    return { changes: selection.remove.map((container) => ({ line: describeRemoval(container) })), result };
  },

  async apply(args: PruneArgs, state: Reading, _plan: Plan, context: ModuleContext): Promise<Outcome> {
    const options = normalizeOptions(args);
    // Pure and given the same state as plan, so it selects the same containers.
    const selection = selectContainers(state.containers, options, state.nowMs);
    const removal = await removeContainers(context, options, state.engine, selection.remove);
    if (removal.cut !== undefined) return outcomeOf({ before: state, selection, removal, holders: new Map() });
    const holders = await findHolders(context, busyReasons(removal));
    return outcomeOf({ before: state, selection, removal, holders, ...(await lookAgain(args, context)) });
  },
});

// Containers whose removal failed are inspected: `ps` calls them removing.
async function lookAgain(args: PruneArgs, context: ModuleContext): Promise<Pick<Aftermath, 'after' | 'afterError'>> {
  try {
    return { after: await readContainers(context, normalizeOptions(args), (state) => state === 'removing') };
  } catch (error) {
    if (error instanceof FleetmendError && error.code !== 'INTERNAL') return { afterError: error.message };
    throw error;
  }
}

function busyReasons(removal: Removal): ReadonlyMap<string, string> {
  const busy = [...removal.attempts].filter(([, { cause }]) => cause === 'busy');
  return new Map(busy.map(([id, { message }]) => [id, message]));
}
