/** How far ssh has come while it connects, read from what it says at its first level of debugging. */
import type { ConnectPhase } from '../ssh/connect-errors.ts';

/** Most of ssh's own words that are kept, the last ones; in characters. */
const WORDS_MAX_CHARS = 8192;

/** Reads ssh's stderr line by line. */
export class Progress {
  phase: ConnectPhase = 'connect';
  /** Who logs in, once ssh has said so. */
  user: string | undefined;
  /** What was offered to the server, in its order: "key FILE", "password". */
  readonly tried: string[] = [];
  /** What the server would go on with, from its last answer. */
  accepted: readonly string[] | undefined;
  readonly #onPhase: (phase: ConnectPhase) => void;
  #rest = '';
  #words = '';

  /** @param onPhase - called at each new phase */
  constructor(onPhase: (phase: ConnectPhase) => void) {
    this.#onPhase = onPhase;
  }

  /** What ssh said besides, one line a message. */
  get words(): readonly string[] {
    return `${this.#words}${this.#rest}`.split('\n').filter((line) => line.trim() !== '');
  }

  push(text: string): void {
    const lines = `${this.#rest}${text}`.replaceAll('\r', '').split('\n');
    this.#rest = (lines.pop() ?? '').slice(-WORDS_MAX_CHARS);
    for (const line of lines) this.#onLine(line);
  }

  #onLine(line: string): void {
    const debug = /^debug\d: (.*)$/.exec(line)?.[1];
    if (debug === undefined) {
      // `info` of newer versions, and what stands at the head of files and lines of ssh_config.
      this.#words = `${this.#words}${line}\n`.slice(-WORDS_MAX_CHARS);
      return;
    }
    if (/^(Connection established|Executing proxy command|Setting implicit ProxyCommand)/.test(debug)) {
      this.#enter('banner');
    } else if (debug.startsWith('Remote protocol version')) this.#enter('key_exchange');
    else if (debug.startsWith('SSH2_MSG_SERVICE_ACCEPT received')) this.#enter('auth');
    else if (debug.startsWith('Authenticating to ')) this.user = / as '(.*)'$/.exec(debug)?.[1];
    else if (debug.startsWith('Offering public key: ')) this.#offer(debug.slice('Offering public key: '.length));
    else if (debug.startsWith('Next authentication method: '))
      this.#next(debug.slice('Next authentication method: '.length));
    else if (debug.startsWith('Authentications that can continue: ')) {
      this.accepted = debug.slice('Authentications that can continue: '.length).split(',');
    }
  }

  #enter(phase: ConnectPhase): void {
    if (PHASES.indexOf(phase) <= PHASES.indexOf(this.phase)) return;
    this.phase = phase;
    this.#onPhase(phase);
  }

  // "/home/me/.ssh/id_ed25519 ED25519 SHA256:… explicit"
  #offer(key: string): void {
    this.tried.push(`key ${key.replace(/ [\w-]+ SHA256:\S+/, '')}`);
  }

  #next(method: string): void {
    if (method !== 'publickey') this.tried.push(method);
  }
}

const PHASES: readonly ConnectPhase[] = ['connect', 'banner', 'key_exchange', 'auth'];
