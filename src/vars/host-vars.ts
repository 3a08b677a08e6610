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

/** Mutable state of one host for a whole run; the layers it gives are live views. */
export class HostVars {
  // Under their short names, as `ansible_facts` shows them.
  #facts: Record<string, unknown> = {};
  // The same facts with the `ansible_` prefix, as plays read them.
  #injected: Record<string, unknown> = {};
  readonly #declared: Record<string, unknown> = {};
  #factsGathered = false;
  #included: readonly VarsLayer[] = [];

  /** Whether all facts are known, so that one that is not there does not exist. */
  get factsGathered(): boolean {
    return this.#factsGathered;
  }

  /** The live layer of `set_fact` and `register`. */
  readonly declaredLayer: VarsLayer = dataLayer('set_fact', this.#declared);

  /** The live layer of facts. Holds no `ansible_facts` until all facts were gathered. */
  readonly factsLayer: VarsLayer = liveLayer('facts', () => this.#injected);

  /**
   * Adds discovered facts; names may carry the `ansible_` prefix or not.
   *
   * @param isComplete - whether no other facts remain to be gathered
   */
  addFacts(facts: Readonly<Record<string, unknown>>, isComplete: boolean): void {
    if (isComplete) {
      this.#factsGathered = true;
      this.#injected.ansible_facts = this.#facts;
    }
    for (const [key, value] of Object.entries(facts)) {
      const short = key.startsWith('ansible_') ? key.slice('ansible_'.length) : key;
      this.#facts[short] = value;
      this.#injected[`ansible_${short}`] = value;
    }
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

  clearFacts(): void {
    this.#facts = {};
    this.#injected = {};
    this.#factsGathered = false;
  }

  /** Declares variables of the host for the rest of the run. */
  declare(vars: Readonly<Record<string, unknown>>): void {
    Object.assign(this.#declared, vars);
  }
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
