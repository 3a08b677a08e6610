/** The keys that agents hold: each agent is asked once a run, and offers one key at a time. */
import type { Duplex } from 'node:stream';
import type { BaseAgent, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';
import { errorMessage } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';

/** One key of an agent. */
export interface AgentKey {
  readonly publicBlob: Buffer;
  /** The comment that it was added with; often the path of its file. */
  readonly comment: string;
  /** An agent that has this key alone, for ssh2. */
  readonly agent: BaseAgent<ParsedKey>;
}

/** What an agent answered. */
export interface AgentAnswer {
  readonly keys: readonly AgentKey[];
  /** Why it could not be asked. */
  readonly problem?: string;
}

/** The parts of ssh2 that are needed, which is loaded late. */
export interface AgentLibrary {
  readonly createAgent: (socketPath: string) => BaseAgent<ParsedKey>;
  readonly BaseAgent: abstract new () => BaseAgent<ParsedKey>;
}

/** An agent that shows no key within this is left out. */
const AGENT_TIMEOUT_MS = 5000;

export class AgentKeys {
  readonly #answers = new Map<string, Promise<AgentAnswer>>();
  /** Open connections to agents; one that hangs would keep the process from ending. */
  readonly #streams = new Set<Duplex>();

  /** The keys of the agent at a socket. Never rejects. */
  list(socketPath: string, library: AgentLibrary): Promise<AgentAnswer> {
    let answer = this.#answers.get(socketPath);
    if (answer === undefined) {
      answer = askAgent(this.#track(library.createAgent(socketPath)), socketPath, library);
      this.#answers.set(socketPath, answer);
    }
    return answer;
  }

  /** Forgets all answers and ends what still waits for one. */
  clear(): void {
    this.#answers.clear();
    for (const stream of this.#streams) stream.destroy();
  }

  #track(agent: BaseAgent<ParsedKey>): BaseAgent<ParsedKey> {
    const open = agent.getStream?.bind(agent);
    agent.getStream = (done) =>
      open?.((error, stream) => {
        if (stream !== undefined) {
          this.#streams.add(stream);
          stream.once('close', () => this.#streams.delete(stream));
        }
        done(error, stream);
      });
    return agent;
  }
}

function askAgent(agent: BaseAgent<ParsedKey>, socketPath: string, library: AgentLibrary): Promise<AgentAnswer> {
  const { promise, resolve } = Promise.withResolvers<AgentAnswer>();
  const late = `it did not answer within ${formatDuration(AGENT_TIMEOUT_MS)}`;
  const timer = setTimeout(() => resolve({ keys: [], problem: `agent at ${socketPath}: ${late}` }), AGENT_TIMEOUT_MS);
  agent.getIdentities((error, found) => {
    clearTimeout(timer);
    if (error !== undefined && error !== null) {
      resolve({ keys: [], problem: `agent at ${socketPath}: ${errorMessage(error)}` });
      return;
    }
    const keys = (found ?? []).filter((key): key is ParsedKey => 'getPublicSSH' in key);
    resolve({ keys: keys.map((key) => toAgentKey(key, agent, library)) });
  });
  return promise;
}

function toAgentKey(key: ParsedKey, agent: BaseAgent<ParsedKey>, library: AgentLibrary): AgentKey {
  class OneKeyAgent extends library.BaseAgent {
    override getIdentities(answer: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      answer(null, [key]);
    }

    override sign(
      publicKey: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      done?: SignCallback,
    ): void {
      if (typeof options === 'function') agent.sign(publicKey, data, options);
      else agent.sign(publicKey, data, options, done);
    }
  }
  return { publicBlob: key.getPublicSSH(), comment: key.comment, agent: new OneKeyAgent() };
}
