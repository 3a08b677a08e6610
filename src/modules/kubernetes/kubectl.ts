/**
 * Calls of kubectl where the task runs. Each has a deadline for the request and another one for the whole program, keeps its
 * cache in a folder of its own that is removed, and asks nobody for anything.
 */
import { ModuleError } from '../../errors.ts';
import { failureOf, type KubectlFailure, NO_KUBECTL_STATUS } from '../../util/kubectl-failure.ts';
import { shellJoin, shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';

/** Which cluster to ask, and how. */
export interface KubectlOptions {
  /** Name or path of the program. */
  readonly kubectl: string;
  /** Context of the kubeconfig; undefined: the current one. */
  readonly context?: string;
  /** Path of the kubeconfig; undefined: as kubectl finds it. */
  readonly kubeconfig?: string;
  /** Deadline of one request to the API server. */
  readonly requestTimeoutMs: number;
}

export interface KubectlCall {
  /** Text for kubectl's stdin. */
  readonly stdin?: string;
  /** How long the whole call may take; default: three requests (kubectl asks what the server can before it acts). */
  readonly limitMs?: number;
  /** The text that runs the call, from the call's own text; default: that text. */
  readonly script?: (call: string) => string;
}

export interface KubectlEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined: it went well. */
  readonly failure?: KubectlFailure;
}

/** Seconds between TERM and KILL for a call that did not end in time. */
const KILL_AFTER_SECONDS = 5;
/** What starting programs may take on a busy machine, beyond all deadlines. */
const SLACK_MS = 15_000;
/** A page of 500 pods is 5 MiB at 10 KiB each. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const DATE_HEADER = 'Date: [A-Z][a-z][a-z], [0-9A-Za-z :]* GMT';

export class Kubectl {
  readonly #context: ModuleContext;
  readonly #options: KubectlOptions;

  constructor(context: ModuleContext, options: KubectlOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** The cluster in words for messages. */
  get clusterName(): string {
    const { context } = this.#options;
    return context === undefined ? 'the cluster of the current context' : `the cluster of context '${context}'`;
  }

  /**
   * Runs kubectl to its end.
   *
   * @throws {@link TransportError} when the task is interrupted or the machine that it runs on is lost
   */
  async call(args: readonly string[], call: KubectlCall = {}): Promise<KubectlEnd> {
    const { requestTimeoutMs } = this.#options;
    const limitSeconds = Math.ceil((call.limitMs ?? 3 * requestTimeoutMs + 1000) / 1000);
    const { exitCode, stdout, stderr, stdoutTruncated } = await this.#context.run(
      this.#script(args, limitSeconds, call.script),
      {
        timeoutMs: (limitSeconds + KILL_AFTER_SECONDS) * 1000 + SLACK_MS,
        maxOutputBytes: MAX_OUTPUT_BYTES,
        ...(call.stdin === undefined ? {} : { stdin: Buffer.from(call.stdin) }),
      },
    );
    if (stdoutTruncated) {
      const message = `kubectl printed more than ${MAX_OUTPUT_BYTES / 1024 ** 2} MiB`;
      return { stdout, stderr, failure: { cause: 'error', message } };
    }
    return exitCode === 0 ? { stdout, stderr } : { stdout, stderr, failure: failureOf(exitCode, stderr, limitSeconds) };
  }

  /**
   * The JSON that the API server has at a path; one request, without the questions that kubectl asks before other commands.
   *
   * @returns undefined when there is no such object
   * @throws {@link ModuleError} with the cause for every other failure
   */
  async get(path: string, doing: string): Promise<unknown> {
    const { stdout, failure } = await this.call(['get', '--raw', path], { limitMs: this.#oneRequestMs() });
    if (failure?.cause === 'not_found') return undefined;
    if (failure !== undefined) throw this.error(doing, failure);
    try {
      return JSON.parse(stdout) as unknown;
    } catch {
      throw new ModuleError(`could not ${doing}: kubectl printed what is no JSON: '${stdout.slice(0, 200)}'`);
    }
  }

  /** Deletes what is at a path, with a body of DeleteOptions. */
  delete(path: string, body: object): Promise<KubectlEnd> {
    const stdin = `${JSON.stringify(body)}\n`;
    return this.call(['delete', '--raw', path, '-f', '-'], { stdin, limitMs: this.#oneRequestMs() });
  }

  /**
   * The server's clock, by the Date of an answer.
   *
   * @returns milliseconds since the epoch, exact to a second; undefined when no answer had a date
   */
  async serverTimeMs(): Promise<number | undefined> {
    // Only the date leaves the pipe: the log has the other headers, too.
    const script = (kubectl: string) => `${kubectl} 2>&1 >/dev/null | grep -o '${DATE_HEADER}' | tail -n 1`;
    const { stdout } = await this.call(['get', '--raw', '/version', '-v=8'], { limitMs: this.#oneRequestMs(), script });
    const timeMs = Date.parse(stdout.trim().replace(/^Date: /, ''));
    return Number.isNaN(timeMs) ? undefined : timeMs;
  }

  /** The module's failure for a call that failed. */
  error(doing: string, failure: KubectlFailure, result: Readonly<Record<string, unknown>> = {}): ModuleError {
    const { cause, message, hint } = failure;
    return new ModuleError(`could not ${doing} in ${this.clusterName}: ${message}`, { ...result, cause }, { hint });
  }

  #oneRequestMs(): number {
    return this.#options.requestTimeoutMs + 5000;
  }

  #script(args: readonly string[], limitSeconds: number, around: KubectlCall['script']): string {
    const { kubectl, context, kubeconfig, requestTimeoutMs } = this.#options;
    const words = [
      `--request-timeout=${Math.ceil(requestTimeoutMs / 1000)}s`,
      ...(context === undefined ? [] : [`--context=${context}`]),
      ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
      ...args,
    ];
    const call = `call ${limitSeconds} "$bin" --cache-dir="$cache" ${shellJoin(words)}`;
    return `LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/snap/bin; export PATH
bin=$(command -v ${shellQuote(kubectl)} 2>/dev/null)
if [ -z "$bin" ]; then printf '%s\\n' ${shellQuote(`there is no program '${kubectl}'`)} >&2; exit ${NO_KUBECTL_STATUS}; fi
limiter=
for flags in '--foreground -k ${KILL_AFTER_SECONDS}' '-k ${KILL_AFTER_SECONDS}' ''; do
  if timeout $flags 5 true 2>/dev/null; then limiter="timeout $flags"; break; fi
done
call() {
  if [ -z "$limiter" ]; then shift; "$@"; else $limiter "$@"; fi
}
cache=$(mktemp -d) || exit 1
trap 'rm -rf "$cache"' EXIT
trap 'exit 143' HUP INT TERM
${around === undefined ? call : around(call)}
`;
  }
}
