/** What is known of a host beside the inventory: discovered facts, and variables declared during the run. */

import type { VarsLayer } from '../inventory/types.ts';
import { dataLayer } from './scope.ts';

/**
 * Names with the `ansible_` prefix that are no facts: connection settings and what the engine gives. Reading one of
 * these when it is not set must not gather facts.
 */
const NOT_FACTS =
  /^ansible_(host|port|user|password|connection|timeout|ssh_.*|private_key_.*|become.*|sudo.*|host_key_checking|remote_.*|shell_.*|executable|python_.*|pipelining|winrm.*|check_mode|diff_mode|forks|limit|verbosity|version|play_.*|playbook_.*|loop.*|index_var|search_path|role_.*|parent_.*|dependent_.*|inventory_sources|run_tags|skip_tags|failed_task|failed_result|config_file|facts_parallel|group_priority|delegated_vars)$/;

/** Whether a variable can only come from gathered facts. */
export function isFactName(name: string): boolean {
  return name === 'ansible_facts' || (name.startsWith('ansible_') && !NOT_FACTS.test(name));
}

/** Keeps the facts of one host between runs. */
export interface FactStore {
  /** What an earlier run knew, by the names of variables; undefined: nothing that is fresh enough. Called at most once. */
  load(): StoredFacts | undefined;
  /** Takes note of what is to be kept; it may be written later. */
  save(facts: StoredFacts): void;
  clear(): void;
}

export interface StoredFacts {
  /** By the names that variables have: `ansible_kernel`, `release`. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Whether all facts of the host were gathered. */
  readonly isComplete: boolean;
}

const NO_FACTS: StoredFacts = { facts: {}, isComplete: false };

/** Mutable state of one host for a whole run; the layers it gives are live views. */
export class HostVars {
  // Under their short names, as `ansible_facts` shows them.
  #facts: Record<string, unknown> = {};
  // The same facts under the names of variables: discovered ones with the `ansible_` prefix.
  #injected: Record<string, unknown> = {};
  readonly #declared: Record<string, unknown> = {};
  #factsGathered = false;
  #included: readonly VarsLayer[] = [];
  readonly #store: FactStore | undefined;
  #loaded: StoredFacts | undefined;

  constructor(store?: FactStore) {
    this.#store = store;
  }

  /** Whether all facts are known, so that one that is not there does not exist. */
  get factsGathered(): boolean {
    return this.#factsGathered;
  }

  /** Whether an earlier run gathered all facts, and they are fresh enough. */
  get hasStoredFacts(): boolean {
    return this.#stored().isComplete;
  }

  /** The live layer of `set_fact` and `register`. */
  readonly declaredLayer: VarsLayer = dataLayer('set_fact', this.#declared);

  /**
   * The live layer of what this run found, and of variables that an earlier one cached. Holds no `ansible_facts` until all
   * facts were gathered.
   */
  readonly factsLayer: VarsLayer = liveLayer('facts', () => {
    this.#stored();
    return this.#injected;
  });

  /** The live layer of facts that an earlier run discovered, for where none are gathered now; below {@link factsLayer}. */
  readonly storedFactsLayer: VarsLayer = liveLayer('stored facts', () => this.#stored().facts);

  /** The live layer of `ansible_facts` alone: what is known where no more facts are gathered. Below all others. */
  readonly knownFactsLayer: VarsLayer = liveLayer('known facts', () => this.#known);
  readonly #known: Readonly<Record<string, unknown>> = Object.defineProperty({}, 'ansible_facts', {
    enumerable: true,
    get: () => this.#allFacts(),
  });

  /**
   * Adds discovered facts; names may carry the `ansible_` prefix or not.
   *
   * @param isComplete - whether no other facts remain to be gathered
   */
  addFacts(facts: Readonly<Record<string, unknown>>, isComplete: boolean): void {
    this.#stored();
    for (const [key, value] of Object.entries(facts)) {
      const name = key.startsWith('ansible_') ? key : `ansible_${key}`;
      this.#facts[shortName(name)] = value;
      this.#injected[name] = value;
    }
    this.#factsGathered ||= isComplete;
    this.#showAll();
    this.#save();
  }

  /** Adds variables that are kept like facts (`set_fact` with `cacheable`), under their own names. */
  cacheFacts(vars: Readonly<Record<string, unknown>>): void {
    this.#stored();
    this.#addCached(vars);
    this.#save();
  }

  /** The layers of `include_vars`, the latest first. */
  get includedLayers(): readonly VarsLayer[] {
    return this.#included;
  }

  /** Adds variables that a file holds, for the rest of the run. */
  include(layer: VarsLayer): void {
    // A file that is read again (a loop, a handler) counts where it comes last.
    this.#included = [layer, ...this.#included.filter((each) => each.vars !== layer.vars)];
  }

  /** Forgets all facts, those of earlier runs too. */
  clearFacts(): void {
    this.#facts = {};
    this.#injected = {};
    this.#factsGathered = false;
    this.#loaded = NO_FACTS;
    this.#store?.clear();
  }

  /** Declares variables of the host for the rest of the run. */
  declare(vars: Readonly<Record<string, unknown>>): void {
    Object.assign(this.#declared, vars);
  }

  #addCached(vars: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(vars)) {
      this.#facts[shortName(name)] = value;
      this.#injected[name] = value;
    }
    this.#showAll();
  }

  #showAll(): void {
    if (this.#factsGathered) this.#injected.ansible_facts = this.#allFacts();
  }

  #allFacts(): Readonly<Record<string, unknown>> {
    const stored = Object.entries(this.#stored().facts);
    if (stored.length === 0) return this.#facts;
    return { ...Object.fromEntries(stored.map(([name, value]) => [shortName(name), value])), ...this.#facts };
  }

  // The discovered facts of an earlier run; variables that a playbook cached then are ours from the start.
  #stored(): StoredFacts {
    if (this.#loaded === undefined) {
      const { facts, isComplete } = this.#store?.load() ?? NO_FACTS;
      const entries = Object.entries(facts);
      this.#loaded = { facts: Object.fromEntries(entries.filter(([name]) => isFactName(name))), isComplete };
      this.#addCached(Object.fromEntries(entries.filter(([name]) => !isFactName(name))));
    }
    return this.#loaded;
  }

  #save(): void {
    if (this.#store === undefined) return;
    const { ansible_facts: _, ...injected } = this.#injected;
    const stored = this.#stored();
    const isComplete = this.#factsGathered || stored.isComplete;
    this.#store.save({ facts: { ...stored.facts, ...injected }, isComplete });
  }
}

// In Ansible local facts alone keep their prefix.
function shortName(name: string): string {
  return name.startsWith('ansible_') && name !== 'ansible_local' ? name.slice('ansible_'.length) : name;
}

// A scope may be older than the facts that it is asked for.
function liveLayer(origin: string, vars: () => VarsLayer['vars']): VarsLayer {
  return {
    origin,
    isTemplate: false,
    get vars() {
      return vars();
    },
  };
}
