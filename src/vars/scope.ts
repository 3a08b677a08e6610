/** The scope of one task on one host: layers of variables, resolved only when an expression reads them. */

import { TemplateError } from '../errors.ts';
import type { VarsLayer } from '../inventory/types.ts';
import { evaluateDeep } from '../template/index.ts';
import type { Environment, Scope } from '../template/types.ts';

/** Names that the engine gives and no layer can replace: `inventory_hostname`, `hostvars`, `groups` … */
export interface MagicVars {
  has(name: string): boolean;
  get(name: string): unknown;
  names(): Iterable<string>;
}

export interface LayeredScopeOptions {
  readonly magic: MagicVars;
  /** Highest precedence first. */
  readonly layers: readonly VarsLayer[];
  /** Called when no layer has the name; may throw to ask the engine for something first ({@link FactsNeeded}). */
  readonly onMissing?: (name: string) => void;
  /** Whether a map is merged with those of the same name in lower layers (`hash_behaviour: merge`). */
  readonly mergeHashes?: boolean;
  /** How many of the highest layers replace in any case: loop variables and the like. */
  readonly replacingCount?: number;
  /** What expressions may use of the controller (lookups of files, environment variables). */
  readonly environment?: Environment;
}

/** Thrown through an expression that reads a fact which was not gathered yet; the engine gathers and evaluates again. */
export class FactsNeeded extends Error {
  readonly host: string;

  constructor(host: string) {
    super(`facts of '${host}' are needed`);
    this.name = 'FactsNeeded';
    this.host = host;
  }
}

/** The host of which facts were read before they were gathered, when that is the error or its cause. */
export function needsFactsOf(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof FactsNeeded) return e.host;
  return undefined;
}

/**
 * Looks names up in layers, highest first, and evaluates templates in their values against itself, so that a variable
 * may name any other. Values are kept for the life of the scope (one task, or one pass of its loop, on one host).
 */
export class LayeredScope implements Scope {
  readonly #magic: MagicVars;
  readonly #layers: readonly VarsLayer[];
  readonly #onMissing: ((name: string) => void) | undefined;
  readonly environment: Environment | undefined;
  readonly #mergeHashes: boolean;
  readonly #replacingCount: number;
  readonly #known = new Map<string, unknown>();
  readonly #resolving = new Set<string>();

  constructor(options: LayeredScopeOptions) {
    this.#magic = options.magic;
    this.#layers = options.layers;
    this.#onMissing = options.onMissing;
    this.environment = options.environment;
    this.#mergeHashes = options.mergeHashes === true;
    this.#replacingCount = options.replacingCount ?? 0;
  }

  /** @throws TemplateError TEMPLATE_ERROR when variables name each other in a circle */
  get(name: string): unknown {
    if (this.#known.has(name)) return this.#known.get(name);
    if (this.#magic.has(name)) return this.#magic.get(name);
    const layer = this.#layers.find((candidate) => Object.hasOwn(candidate.vars, name));
    if (layer === undefined) {
      this.#onMissing?.(name);
      return undefined;
    }
    const value = this.#mergeHashes ? this.#merge(name, layer) : this.#resolve(name, layer);
    this.#known.set(name, value);
    return value;
  }

  has(name: string): boolean {
    if (this.#magic.has(name) || this.#layers.some((layer) => Object.hasOwn(layer.vars, name))) return true;
    this.#onMissing?.(name);
    return false;
  }

  names(): Iterable<string> {
    const names = new Set(this.#magic.names());
    for (const layer of this.#layers) for (const name of Object.keys(layer.vars)) names.add(name);
    return names;
  }

  /** The same scope with one more layer on top (loop variables, a result under its `register` name). */
  with(vars: Readonly<Record<string, unknown>>): LayeredScope {
    return new LayeredScope({
      magic: this.#magic,
      layers: [dataLayer('task', vars), ...this.#layers],
      onMissing: this.#onMissing,
      environment: this.environment,
      mergeHashes: this.#mergeHashes,
      replacingCount: this.#replacingCount + 1,
    });
  }

  // As Ansible merges them: as far down as maps are written; a template that gives a map is none.
  #merge(name: string, highest: VarsLayer): unknown {
    const top = this.#layers.indexOf(highest);
    let value = this.#resolve(name, highest);
    if (top < this.#replacingCount || !isMap(highest.vars[name])) return value;
    // `vars` of a task, of the blocks around it and of an include around these hide one another: the innermost counts.
    const nearer = new Set([highest.origin]);
    for (const layer of this.#layers.slice(top + 1)) {
      if (!Object.hasOwn(layer.vars, name)) continue;
      if (layer.origin === 'block' && ['task', 'block', 'include'].some((each) => nearer.has(each))) continue;
      nearer.add(layer.origin);
      if (!isMap(layer.vars[name])) break;
      value = mergedMaps(this.#resolve(name, layer), value);
    }
    return value;
  }

  #resolve(name: string, layer: VarsLayer): unknown {
    const raw = layer.vars[name];
    if (!layer.isTemplate) return raw;
    if (this.#resolving.has(name)) {
      const circle = [...this.#resolving, name].map((each) => `'${each}'`).join(' -> ');
      throw new TemplateError('TEMPLATE_ERROR', `variables name each other in a circle: ${circle}`, {
        source: layer.positionOf?.(name),
      });
    }
    this.#resolving.add(name);
    try {
      return evaluateDeep(raw, this, layer.positionOf?.(name), this.environment);
    } finally {
      this.#resolving.delete(name);
    }
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

// Maps within them too; of anything else the higher one counts.
function mergedMaps(lower: unknown, higher: unknown): unknown {
  if (!isMap(lower) || !isMap(higher)) return higher;
  const merged: [string, unknown][] = Object.entries(higher).map(([name, value]) => [
    name,
    Object.hasOwn(lower, name) ? mergedMaps(lower[name], value) : value,
  ]);
  return Object.fromEntries([...Object.entries(lower), ...merged]);
}

/** A layer of finished values: facts, registered results, loop variables. Its text is never templated. */
export function dataLayer(origin: string, vars: Readonly<Record<string, unknown>>): VarsLayer {
  return { origin, vars, isTemplate: false };
}

/** A layer as written in a user's file. */
export function templateLayer(
  origin: string,
  vars: Readonly<Record<string, unknown>>,
  positionOf?: VarsLayer['positionOf'],
): VarsLayer {
  return { origin, vars, isTemplate: true, positionOf };
}
