/** What an expression costs once it is compiled: nanoseconds for a `when`, a template, a look into many hosts. */
import { compileExpression, compileTemplate, LazyDict, type Scope, scopeOf } from '../../src/template/index.ts';

class Hosts extends LazyDict {
  readonly #count: number;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  override has(key: string): boolean {
    return /^h\d+$/.test(key) && Number(key.slice(1)) < this.#count;
  }

  get(key: string): unknown {
    return this.has(key) ? { address: `10.0.0.${key.slice(1)}` } : undefined;
  }

  *keys(): Iterable<string> {
    for (let i = 0; i < this.#count; i++) yield `h${i}`;
  }
}

const DATA = {
  result: { rc: 0, stdout: 'ok', failed: false, changed: true },
  ansible_facts: { distribution: 'Debian', version: '12.4' },
  items: [1, 2, 3],
  name: 'web1',
  n: 7,
};
const WHENS = [
  'result is failed',
  'result.rc == 0',
  "ansible_facts.distribution == 'Debian'",
  "result.rc != 0 or 'error' in result.stdout",
  'nope is defined',
  'n > 5 and n < 10',
  "name in ['web1', 'web2', 'web3']",
  'not result.changed',
  'result.stdout | length > 0',
  "ansible_facts.version is version('12.0', '>=')",
];
const ROUNDS = 200_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function nanoseconds(run: () => unknown, rounds: number): number {
  for (let i = 0; i < rounds / 10; i++) run();
  const start = process.hrtime.bigint();
  for (let i = 0; i < rounds; i++) run();
  return Number(process.hrtime.bigint() - start) / rounds;
}

const scope = scopeOf(DATA);
const costs = WHENS.map((text) => {
  // As the engine does it: the text is looked up anew for each host.
  const cost = nanoseconds(() => compileExpression(text).evaluate(scope), ROUNDS);
  print(`${cost.toFixed(0).padStart(6)} ns  when: ${text}`);
  return cost;
});
print(`${(costs.reduce((a, b) => a + b, 0) / costs.length).toFixed(0).padStart(6)} ns  average \`when\``);
const text = "{{ name }}:{{ n }} {{ items | join(',') }}";
print(
  `${nanoseconds(() => compileTemplate(text).evaluate(scope), ROUNDS)
    .toFixed(0)
    .padStart(6)} ns  ${text}`,
);
for (const count of [2_000, 4_000]) {
  const hosts: Scope = scopeOf({ hostvars: new Hosts(count) });
  const cost = nanoseconds(() => compileExpression("hostvars['h17'].address").evaluate(hosts), ROUNDS);
  print(`${cost.toFixed(0).padStart(6)} ns  hostvars['h17'].address of ${count} hosts`);
}
