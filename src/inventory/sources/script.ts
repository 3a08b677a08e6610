/** Programs that list hosts: `PROGRAM --list` prints groups as JSON, `PROGRAM --host NAME` the variables of one host. */
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import { type ProgramRequest, type ProgramResult, runProgram } from '../../util/run-program.ts';
import { jsonEntries, jsonVars, parseJson } from '../json.ts';
import type { InventoryBuilder, MutableGroup } from '../model.ts';
import { programFailure } from '../program-failure.ts';

export interface ScriptOptions {
  /** The path for messages. */
  readonly shown: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** How many `--host` calls run at once, for programs that have no `_meta`. */
const HOST_CALLS = 8;
const GROUP_KEYS: ReadonlySet<string> = new Set(['hosts', 'children', 'vars']);

/**
 * Runs the program in its own directory and adds what it prints.
 *
 * @throws {@link InventoryError} INVENTORY_SOURCE_FAILED when it fails, does not end, or prints no inventory
 * @see https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html (inventory script conventions)
 */
export async function readScript(path: string, builder: InventoryBuilder, options: ScriptOptions): Promise<void> {
  const list = await call(path, ['--list'], options);
  const groups = listEntries(list);
  const reader = new ListReader(list, builder, options.shown);
  for (const [name, data] of groups) if (name !== '_meta') reader.readGroup(name, data);
  const meta = new Map(groups).get('_meta');
  const metaHostvars = jsonVars(meta)?.hostvars;
  if (metaHostvars === undefined) {
    const limit = pLimit(HOST_CALLS);
    const answers = [...reader.hosts].map((name) =>
      limit(async () => ({ name, answer: await call(path, ['--host', name], options) })),
    );
    for (const { name, answer } of await Promise.all(answers)) {
      if (answer.result.stdout.trim() !== '') reader.addVars(name, parsed(answer), answer);
    }
    return;
  }
  const byHost = jsonEntries(metaHostvars);
  if (byHost === undefined) throw garbage(list, 'printed no map of hosts under _meta.hostvars');
  const strangers = byHost.filter(([name]) => !reader.hosts.has(name));
  for (const [name, vars] of byHost) if (reader.hosts.has(name)) reader.addVars(name, vars, list);
  if (strangers.length > 0) {
    builder.warn(
      `${options.shown}: ${strangers.length} hosts in _meta.hostvars are in no group and are left out, such as '${strangers[0]?.[0]}'`,
    );
  }
}

interface Call {
  readonly request: ProgramRequest;
  readonly result: ProgramResult;
}

class ListReader {
  /** All hosts that a group names. */
  readonly hosts = new Set<string>();
  readonly #call: Call;
  readonly #builder: InventoryBuilder;
  readonly #origin: string;

  constructor(call: Call, builder: InventoryBuilder, origin: string) {
    this.#call = call;
    this.#builder = builder;
    this.#origin = origin;
  }

  readGroup(name: string, data: unknown): void {
    const group = this.#builder.group(name);
    if (Array.isArray(data)) {
      this.#addHosts(group, data);
      return;
    }
    const parts = jsonEntries(data);
    if (parts === undefined) throw garbage(this.#call, `printed neither a list nor a map for group '${name}'`);
    if (parts.length > 0 && !parts.some(([key]) => GROUP_KEYS.has(key))) {
      // The oldest form: a host by itself with its variables.
      this.#addHosts(group, [name]);
      this.addVars(name, data, this.#call);
      return;
    }
    const { hosts, children, vars } = Object.fromEntries(parts);
    if (hosts !== undefined) this.#addHosts(group, hosts);
    if (children !== undefined) {
      for (const child of this.#names(children, `the children of group '${name}'`)) {
        this.#builder.addChild(group, this.#builder.group(child));
      }
    }
    if (vars === undefined) return;
    const values = jsonVars(vars);
    if (values === undefined) throw garbage(this.#call, `printed no map of variables for group '${name}'`);
    this.#builder.addGroupVars(group, { origin: this.#origin, vars: values, isTemplate: true });
  }

  addVars(name: string, data: unknown, call: Call): void {
    const vars = jsonVars(data);
    if (vars === undefined) throw garbage(call, `printed no map of variables for host '${name}'`);
    if (Object.keys(vars).length === 0) return;
    this.#builder.addHostVars(this.#builder.host(name), { origin: this.#origin, vars, isTemplate: true });
  }

  #addHosts(group: MutableGroup, hosts: unknown): void {
    for (const name of this.#names(hosts, `the hosts of group '${group.name}'`)) {
      this.hosts.add(name);
      this.#builder.addMember(group, this.#builder.host(name));
    }
  }

  #names(list: unknown, what: string): string[] {
    if (!Array.isArray(list)) throw garbage(this.#call, `printed no list for ${what}`);
    return list.map((name: unknown) => {
      if (typeof name === 'string' && name !== '') return name;
      throw garbage(this.#call, `printed ${JSON.stringify(name)} among ${what}, where names are expected`);
    });
  }
}

async function call(path: string, args: readonly string[], options: ScriptOptions): Promise<Call> {
  const request: ProgramRequest = {
    file: path,
    args,
    cwd: dirname(path),
    env: options.env,
    timeoutMs: options.timeoutMs,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    signal: options.signal,
  };
  const result = await runProgram(request);
  const shown = { ...request, file: options.shown };
  if (result.ended !== 'exited' || result.status !== 0) {
    const hint = result.startError === 'ENOENT' ? "is the program of its first line ('#!') there?" : undefined;
    throw programFailure(shown, result, { hint });
  }
  return { request: shown, result };
}

function listEntries(list: Call): [string, unknown][] {
  if (list.result.stdout.trim() === '') throw programFailure(list.request, list.result, { problem: 'printed nothing' });
  const entries = jsonEntries(parsed(list));
  if (entries === undefined) throw garbage(list, 'printed no JSON object');
  return entries;
}

function parsed(answer: Call): unknown {
  try {
    return parseJson(answer.result.stdout);
  } catch (error) {
    throw garbage(answer, `printed no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function garbage({ request, result }: Call, problem: string): Error {
  return programFailure(request, { ...result, stdout: result.stdout.slice(0, 300) }, { problem, showStdout: true });
}
