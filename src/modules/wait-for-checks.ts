/** One look of `wait_for`: at a path or at a port. */
import { ModuleError } from '../errors.ts';
import { shellQuote } from '../util/shell-quote.ts';
import type { ModuleContext } from './contract.ts';
import { hostWord } from './host-word.ts';
import type { PythonPattern } from './python-pattern.ts';
import { runScript } from './run-script.ts';

/** Whether what is waited for is so, and what a regular expression found. */
export interface Finding {
  readonly holds: boolean;
  readonly groups?: readonly unknown[];
  readonly groupDict?: Readonly<Record<string, unknown>>;
}

interface PathQuestion {
  readonly path: string;
  readonly state?: string;
}

interface PortQuestion {
  readonly host?: string;
  readonly port: number;
  readonly state?: string;
  readonly connect_timeout?: number;
}

/** How much of the end of a file, or of what a port sends, is searched: 1 MiB. */
const SEARCHED_BYTES = 1_048_576;

/** Looks at a path; with a regular expression, at the text at the end of the file. */
export async function checkPath(
  question: PathQuestion,
  regex: PythonPattern | undefined,
  context: ModuleContext,
): Promise<Finding> {
  const wantsGone = isGone(question.state);
  const read = regex === undefined ? '' : `tail -c ${SEARCHED_BYTES} -- "$p" 2>/dev/null\n`;
  const script = `p=${hostWord(question.path)}\nif [ ! -e "$p" ]; then echo absent; exit; fi\necho present\n${read}exit 0\n`;
  const exec = await context.run(`LC_ALL=C; export LC_ALL\n${script}`, { maxOutputBytes: 2 * SEARCHED_BYTES });
  const isThere = exec.stdout.startsWith('present');
  if (regex === undefined) return { holds: isThere !== wantsGone };
  const finding = isThere ? search(exec.stdout.slice(exec.stdout.indexOf('\n') + 1), regex) : { holds: false };
  return wantsGone ? { holds: !finding.holds } : finding;
}

/**
 * Looks at a TCP port: open, closed or drained; with a regular expression, at what it sends.
 *
 * @throws {@link ModuleError} when the host has nothing to look with
 */
export async function checkPort(
  question: PortQuestion,
  regex: PythonPattern | undefined,
  context: ModuleContext,
): Promise<Finding> {
  const { state, host = '127.0.0.1' } = question;
  if (state === 'drained') {
    const sockets = await readSockets(question.port, context);
    if (sockets === undefined)
      throw cannotLook(question, "the host has no table of connections (/proc/net/tcp), which 'drained' needs");
    return { holds: !sockets.some((socket) => ACTIVE.has(socket.state) && isAddressOf(host, socket.address, false)) };
  }
  if (regex !== undefined && !isGone(state)) return search(await readFromPort(question, context), regex);
  const isOpen =
    (isLocal(host) ? await isListening(question, host, context) : undefined) ??
    (await canConnect(question, host, context));
  return { holds: isOpen !== isGone(state) };
}

function isGone(state: string | undefined): boolean {
  return state === 'stopped' || state === 'absent';
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '0.0.0.0' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function search(text: string, regex: PythonPattern): Finding {
  const match = regex.search(text);
  if (match === null) return { holds: false };
  return { holds: true, groups: match.slice(1).map((group) => group ?? null), groupDict: { ...match.groups } };
}

interface Socket {
  /** As the kernel writes it: hexadecimal, words in the machine's byte order. */
  readonly address: string;
  readonly state: string;
}

const LISTENING = '0A';

// Established, connecting, closing and waiting: states in which a connection still is.
const ACTIVE: ReadonlySet<string> = new Set(['01', '02', '03', '04', '05', '06']);

async function readSockets(port: number, context: ModuleContext): Promise<readonly Socket[] | undefined> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  // Only lines of this port cross the wire: a busy host has many.
  const script = `[ -r /proc/net/tcp ] || { echo none; exit 0; }
for table in /proc/net/tcp /proc/net/tcp6; do
  [ -r "$table" ] && grep '^ *[0-9]*: [0-9A-F]*:${hex} ' "$table" | head -n 2000
done
exit 0
`;
  const { stdout } = await runScript(context, 'read the table of connections', script);
  if (stdout.startsWith('none')) return undefined;
  return stdout.split('\n').flatMap((line) => {
    const [, local = '', , state = ''] = line.trim().split(/\s+/);
    return local === '' ? [] : [{ address: local.split(':')[0] ?? '', state }];
  });
}

async function isListening(question: PortQuestion, host: string, context: ModuleContext): Promise<boolean | undefined> {
  const sockets = await readSockets(question.port, context);
  return sockets?.some((socket) => socket.state === LISTENING && isAddressOf(host, socket.address, true));
}

// Whether a socket's own address is the one that is asked for; a socket that listens on all addresses is.
function isAddressOf(host: string, address: string, anyCounts: boolean): boolean {
  if (host === '0.0.0.0') return true;
  if (/^0+$/.test(address)) return anyCounts;
  if (host === 'localhost') return ['127.0.0.1', '::1'].some((each) => isAddressOf(each, address, anyCounts));
  if (host === '::1')
    return address === '00000000000000000000000001000000' || address === '00000000000000000000000000000001';
  const bytes = host.split('.').map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase());
  const tail = address.slice(-8);
  const isMapped = address.length === 8 || /^0{16}(?:0000FFFF|FFFF0000)/.test(address);
  return isMapped && (tail === bytes.join('') || tail === bytes.toReversed().join(''));
}

const NOTHING_TO_LOOK_WITH = 97;

async function canConnect(question: PortQuestion, host: string, context: ModuleContext): Promise<boolean> {
  const seconds = Math.max(1, Math.ceil(question.connect_timeout ?? 5));
  const exec = await context.run(`${CONNECT_FUNCTIONS}seconds=${seconds} host=${shellQuote(host)} port=${question.port}
if command -v nc >/dev/null 2>&1; then
  said=$(nc -z -w "$seconds" "$host" "$port" </dev/null 2>&1 >/dev/null)
  status=$?
  case $said in
    *'invalid option'*|*'unrecognized option'*|*[Uu]sage:*) ;;
    *) exit $status ;;
  esac
fi
if command -v bash >/dev/null 2>&1; then
  bounded "$seconds" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>/dev/null
  exit
fi
if command -v nc >/dev/null 2>&1; then
  # This one cannot only look: it ends when the other side does, or is ended after it got through.
  bounded $((seconds + 1)) nc -w "$seconds" "$host" "$port" </dev/null >/dev/null 2>&1
  case $? in 0|124|143) exit 0 ;; *) exit 1 ;; esac
fi
exit ${NOTHING_TO_LOOK_WITH}
`);
  if (exec.exitCode === NOTHING_TO_LOOK_WITH)
    throw cannotLook(question, 'the host has neither nc nor bash to connect with');
  return exec.exitCode === 0;
}

async function readFromPort(question: PortQuestion, context: ModuleContext): Promise<string> {
  const seconds = Math.max(1, Math.ceil(question.connect_timeout ?? 5));
  const host = shellQuote(question.host ?? '127.0.0.1');
  const exec = await context.run(
    `${CONNECT_FUNCTIONS}seconds=${seconds} host=${host} port=${question.port}
if command -v bash >/dev/null 2>&1; then
  bounded "$seconds" bash -c 'exec 3<>"/dev/tcp/$0/$1" && head -c ${SEARCHED_BYTES} <&3' "$host" "$port" 2>/dev/null
elif command -v nc >/dev/null 2>&1; then
  sleep "$seconds" | bounded "$seconds" nc -w "$seconds" "$host" "$port" 2>/dev/null
else
  exit ${NOTHING_TO_LOOK_WITH}
fi
exit 0
`,
    { maxOutputBytes: 2 * SEARCHED_BYTES },
  );
  if (exec.exitCode === NOTHING_TO_LOOK_WITH)
    throw cannotLook(question, 'the host has neither nc nor bash to connect with');
  return exec.stdout;
}

// An old busybox has its own form of `timeout`; without any, the program's own limits have to do.
const CONNECT_FUNCTIONS = `if timeout 5 true 2>/dev/null; then bounded() { timeout "$@"; }
elif timeout -t 5 true 2>/dev/null; then bounded() { timeout -t "$@"; }
else bounded() { shift; "$@"; }
fi
`;

function cannotLook(question: PortQuestion, reason: string): ModuleError {
  return new ModuleError(`cannot look at ${question.host ?? '127.0.0.1'}:${question.port}: ${reason}`);
}
