/** Works out what an ssh_config says about one host: for each keyword the first value, as ssh does. */
import type { KeywordValues } from './keywords.ts';
import type { Section } from './load.ts';
import type { Condition, Criterion, Setting } from './parse.ts';
import { matchesAny } from './pattern.ts';
import { expandTokens, FILE_TOKENS, HOST_NAME_TOKENS, type LocalUser } from './tokens.ts';

/** Values as they were found, nothing expanded. */
export interface FoundSettings {
  readonly values: Readonly<Partial<KeywordValues>>;
  /** All of them, in the order in which they are tried. */
  readonly identityFiles: readonly string[];
  /** What applies to the host and is not done here. */
  readonly others: readonly Setting[];
  /** Where each value came from. */
  readonly places: ReadonlyMap<string, string>;
}

/** Which host, and what is already decided. */
export interface HostQuery {
  /** The name as it was asked for. */
  readonly host: string;
  /** Settings that beat the files (a command line's), first to count first. */
  readonly first: readonly Setting[];
}

/** A `Match exec` command whose outcome must be known before the host can be evaluated. */
export interface PendingCommand {
  readonly pending: string;
}

/** A configuration made ready for many hosts. */
export class SshConfig {
  readonly #local: LocalUser;
  readonly #sections: readonly Section[];
  /** Sections by a name that one of their `Host` lines spells out; so a host among thousands finds its own at once. */
  readonly #byName = new Map<string, number[]>();
  /** The sections that any host may be in. */
  readonly #general: number[] = [];

  constructor(sections: readonly Section[], local: LocalUser) {
    this.#local = local;
    this.#sections = sections;
    for (const [index, section] of sections.entries()) {
      const names = spelledOut(section);
      if (names === undefined) this.#general.push(index);
      else for (const name of names) this.#fileUnder(name, index);
    }
  }

  /**
   * What holds for a host.
   *
   * @param outcomes - of the commands of `Match exec`; one that is missing is asked for in the result
   */
  evaluate(query: HostQuery, outcomes: ReadonlyMap<string, boolean>): FoundSettings | PendingCommand {
    const evaluation = new Evaluation(query, this.#local, outcomes);
    const own = this.#byName.get(query.host);
    const order = own === undefined ? this.#general : [...own, ...this.#general].sort((a, b) => a - b);
    const sections = order.map((index) => this.#sections[index]).filter((section) => section !== undefined);
    for (const isFinal of [false, true]) {
      if (isFinal && !evaluation.wantsFinal) break;
      const pending = evaluation.read(sections, isFinal);
      if (pending !== undefined) return { pending };
    }
    return evaluation.found();
  }

  #fileUnder(name: string, index: number): void {
    const known = this.#byName.get(name);
    if (known === undefined) this.#byName.set(name, [index]);
    else known.push(index);
  }
}

// The names of the first condition that is a list of plain names.
function spelledOut({ conditions }: Section): Set<string> | undefined {
  for (const condition of conditions) {
    if (condition.kind !== 'host') continue;
    const names = condition.patterns.map(({ isNegated, literal }) => (isNegated ? undefined : literal));
    if (!names.includes(undefined)) return new Set(names.filter((name) => name !== undefined));
  }
  return undefined;
}

/** Thrown inside of an evaluation that cannot go on. */
class Pending {
  readonly command: string;

  constructor(command: string) {
    this.command = command;
  }
}

class Evaluation {
  wantsFinal = false;
  readonly #query: HostQuery;
  readonly #local: LocalUser;
  readonly #outcomes: ReadonlyMap<string, boolean>;
  readonly #values: Partial<Record<string, unknown>> = {};
  readonly #places = new Map<string, string>();
  readonly #identityFiles: string[] = [];
  readonly #others: Setting[] = [];

  constructor(query: HostQuery, local: LocalUser, outcomes: ReadonlyMap<string, boolean>) {
    this.#query = query;
    this.#local = local;
    this.#outcomes = outcomes;
    for (const setting of query.first) this.#take(setting);
  }

  /** Reads all sections once. @returns a command that must be run first */
  read(sections: readonly Section[], isFinal: boolean): string | undefined {
    // A condition is judged where its section begins, also for what it includes.
    const judged = new Map<Condition, boolean>();
    const holds = (condition: Condition): boolean => {
      const known = judged.get(condition);
      if (known !== undefined) return known;
      const verdict = this.#holds(condition, isFinal);
      judged.set(condition, verdict);
      return verdict;
    };
    try {
      for (const { conditions, settings } of sections) {
        if (conditions.every(holds)) for (const setting of settings) this.#take(setting);
      }
    } catch (error) {
      if (error instanceof Pending) return error.command;
      throw error;
    }
    return undefined;
  }

  found(): FoundSettings {
    return {
      values: this.#values,
      identityFiles: this.#identityFiles,
      others: this.#others,
      places: this.#places,
    };
  }

  #take(setting: Setting): void {
    const { keyword, value, place } = setting;
    if (setting.kind !== 'used') {
      if (!this.#others.some((each) => each.keyword === keyword)) this.#others.push(setting);
    } else if (keyword === 'identityfile') {
      if (!this.#identityFiles.includes(String(value))) this.#identityFiles.push(String(value));
      if (!this.#places.has(keyword)) this.#places.set(keyword, place);
    } else if (keyword === 'connecttimeout' && value === null) {
      // To ssh `none` is as good as nothing: a later line still counts.
    } else {
      // Whichever of the two stands first shuts out the other.
      const rival = keyword === 'proxyjump' ? 'proxycommand' : keyword === 'proxycommand' ? 'proxyjump' : keyword;
      if (this.#places.has(keyword) || this.#places.has(rival)) return;
      this.#values[keyword] = value;
      this.#places.set(keyword, place);
    }
  }

  #holds(condition: Condition, isFinal: boolean): boolean {
    if (condition.kind === 'host') return matchesAny(condition.patterns, this.#query.host);
    return condition.criteria.every((criterion) => this.#meets(criterion, isFinal) !== criterion.isNegated);
  }

  #meets(criterion: Criterion, isFinal: boolean): boolean {
    switch (criterion.kind) {
      case 'all':
        return true;
      case 'final':
        this.wantsFinal = true;
        return isFinal;
      case 'host':
        return matchesAny(criterion.patterns, this.#hostName().toLowerCase());
      case 'originalhost':
        return matchesAny(criterion.patterns, this.#query.host.toLowerCase());
      case 'user':
        return matchesAny(criterion.patterns, this.#user());
      case 'localuser':
        return matchesAny(criterion.patterns, this.#local.name);
      case 'exec': {
        const command = this.#expand(criterion.command);
        const outcome = this.#outcomes.get(command);
        if (outcome === undefined) throw new Pending(command);
        return outcome;
      }
    }
  }

  #hostName(): string {
    const { hostname } = this.#values as Partial<KeywordValues>;
    return hostname === undefined ? this.#query.host : this.#expandHostName(hostname);
  }

  #user(): string {
    return (this.#values as Partial<KeywordValues>).user ?? this.#local.name;
  }

  #expandHostName(text: string): string {
    return expandTokens(text, HOST_NAME_TOKENS, {
      originalHost: this.#query.host,
      hostName: this.#query.host,
      port: 22,
      user: '',
      local: this.#local,
    });
  }

  #expand(command: string): string {
    const { port = 22, hostkeyalias } = this.#values as Partial<KeywordValues>;
    return expandTokens(command, FILE_TOKENS, {
      originalHost: this.#query.host,
      hostName: this.#hostName(),
      port,
      user: this.#user(),
      hostKeyAlias: hostkeyalias,
      local: this.#local,
    });
  }
}
