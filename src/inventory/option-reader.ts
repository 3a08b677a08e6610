/** Reading of the keys of a plugin's file, with all that is wrong with them at once. */
import { isMap } from 'yaml';
import { didYouMean } from '../util/did-you-mean.ts';
import { parseDurationMs } from '../util/duration.ts';
import { parsePercent, type SizeLimits } from './size-guard.ts';
import type { MapEntry, YamlDocument } from './yaml-document.ts';

/** What a plugin's file may say. */
export interface PluginKeys {
  /** Name of the plugin, for messages. */
  readonly plugin: string;
  /** All keys, `plugin` first. */
  readonly keys: readonly string[];
  /** What to do about keys that people write and that do not exist, such as those for credentials. */
  readonly hints?: ReadonlyMap<string, string>;
}

/** Reads the keys of a plugin's file; what is wrong with them is collected, see {@link OptionReader.finish}. */
export class OptionReader {
  readonly #document: YamlDocument;
  readonly #entries = new Map<string, MapEntry>();
  readonly #known: PluginKeys;

  constructor(document: YamlDocument, known: PluginKeys) {
    this.#document = document;
    this.#known = known;
    if (!isMap(document.root)) return;
    for (const entry of document.entries(document.root)) {
      if (known.keys.includes(entry.key)) this.#entries.set(entry.key, entry);
      else this.#unknown(entry);
    }
  }

  text(key: string): string | undefined {
    return this.parsed(key, 'a text', (value) => (typeof value === 'string' && value !== '' ? value : undefined));
  }

  flag(key: string): boolean | undefined {
    return this.parsed(key, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    return this.parsed(key, `one of ${choices.join(', ')}`, (value) => choices.find((choice) => choice === value));
  }

  /** A list of texts; a single text is a list of one. */
  list(key: string): readonly string[] | undefined {
    return this.parsed(key, 'a list of names', parseNames);
  }

  /** A duration that is not none, in milliseconds. */
  durationMs(key: string): number | undefined {
    return this.parsed(key, "a duration such as '45s'", (value) =>
      typeof value === 'string' || typeof value === 'number' ? parseDurationMs(value) || undefined : undefined,
    );
  }

  sizeBytes(key: string): number | undefined {
    return this.parsed(key, "a size such as '64 MiB'", parseSizeBytes);
  }

  /** `min_hosts` and `max_drop`. */
  limits(): SizeLimits {
    return {
      minHosts: this.parsed('min_hosts', 'a number of hosts', (value) =>
        typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined,
      ),
      maxDropPercent: this.parsed('max_drop', "a percentage such as '20%'", parsePercent),
    };
  }

  /** `label_groups`: all labels, none, or these keys. */
  labelGroups(): boolean | readonly string[] | undefined {
    return this.parsed('label_groups', 'true, false or a list of label keys', (value) =>
      typeof value === 'boolean' ? value : parseNames(value),
    );
  }

  /** @param expected - what it must be, for the message */
  parsed<T>(key: string, expected: string, parse: (value: unknown) => T | undefined): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const value = parse(this.#document.value(entry.value));
    if (value === undefined)
      this.problem(key, `expected '${key}' to be ${expected}, found ${this.#document.describe(entry.value)}`);
    return value;
  }

  problem(key: string, message: string): void {
    const entry = this.#entries.get(key);
    const source = entry?.value == null ? entry?.source : this.#document.positionOf(entry.value);
    this.#document.findings.add(source ?? this.#document.positionOf(null), message);
  }

  finish(): void {
    this.#document.findings.throwIfAny();
  }

  #unknown({ key, source }: MapEntry): void {
    const { plugin, keys, hints } = this.#known;
    const hint = hints?.get(key) ?? didYouMean(key, keys) ?? `the options are ${keys.slice(1).join(', ')}`;
    this.#document.findings.add(source, `plugin ${plugin} has no option '${key}'`, hint);
  }
}

function parseNames(value: unknown): readonly string[] | undefined {
  const items = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(items) || items.length === 0) return undefined;
  return items.every((item) => typeof item === 'string' && item !== '') ? items : undefined;
}

function parseSizeBytes(value: unknown): number | undefined {
  const [, amount, unit = ''] = /^(\d+)\s*(KiB|MiB|GiB)?$/.exec(String(value)) ?? [];
  const factor = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[unit];
  return amount === undefined || factor === undefined || Number(amount) === 0 ? undefined : Number(amount) * factor;
}
