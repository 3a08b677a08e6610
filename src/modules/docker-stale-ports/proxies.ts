/** The `docker-proxy` processes of a host, and which of them belong to the engine that is asked. */

import { ModuleError } from '../../errors.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import type { HostPort } from '../docker/ports.ts';
import { runScript } from '../docker/run-script.ts';
import { LINE_FUNCTION, type ScriptLine } from '../docker/script.ts';

/** A process that holds a host port for a container. */
export interface PortProxy extends HostPort {
  readonly pid: number;
  readonly ageSeconds: number;
  readonly containerIp: string;
  readonly containerPort: number;
}

export interface ProxyReading {
  readonly proxies: readonly PortProxy[];
  /** Processes that may be another engine's, so they are left out. */
  readonly doubtful: readonly PortProxy[];
}

/**
 * Finds the proxies.
 *
 * @param root - the engine's data root; it tells the engine's own proxies from those of an engine in a container
 * @throws {@link ModuleError} the processes could not be read; TransportError when interrupted
 */
export async function readProxies(context: ModuleContext, root: string): Promise<ProxyReading> {
  const end = await runScript(context, proxyScript(root), { timeoutMs: PROXIES_TIMEOUT_MS });
  if (end.cut !== undefined) throw end.cut;
  if (end.truncated || !end.lines.some(({ word }) => word === 'end')) {
    throw new ModuleError(`could not read the processes of ${context.host}: ${end.stderr.trim() || 'no end was seen'}`);
  }
  return parseProxies(end.lines);
}

/** What the lines of {@link proxyScript} say. */
export function parseProxies(lines: readonly ScriptLine[]): ProxyReading {
  const owners = new Map(
    lines.filter(({ word }) => word === 'daemon').map(({ subject, text }) => [subject, text as Ownership]),
  );
  const proxies: PortProxy[] = [];
  const doubtful: PortProxy[] = [];
  for (const { word, subject, status, text } of lines) {
    if (word !== 'proxy') continue;
    const [parent = '', ...args] = text.split(' ');
    const proxy = parseProxy(Number(subject), status, args);
    if (proxy === undefined) continue;
    const owner = owners.get(parent) ?? 'unknown';
    // With one daemon on the host there is nobody else whose it could be.
    if (owner === 'ours' || (owner === 'unknown' && owners.size === 1)) proxies.push(proxy);
    else if (owner === 'unknown') doubtful.push(proxy);
  }
  return { proxies, doubtful };
}

type Ownership = 'ours' | 'other' | 'unknown';

const PROXIES_TIMEOUT_MS = 30_000;

/**
 * Lines `proxy PID AGE "PARENT ARGUMENTS"`, then `daemon PID - ours|other|unknown` for each parent, then `end`. A parent
 * is the engine that is asked when it has that engine's volume store open; with the inode compared, an engine in a container,
 * whose data root has the same path, is another one.
 */
export function proxyScript(root: string): string {
  return `LC_ALL=C; export LC_ALL
${LINE_FUNCTION}
root=${shellQuote(root)}
owner() {
  fds=$(ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's|.* \\([0-9]*\\) -> .*/volumes/metadata\\.db$|\\1|p')
  [ -n "$fds" ] || { echo unknown; return; }
  for fd in $fds; do
    if [ "/proc/$1/fd/$fd" -ef "$root/volumes/metadata.db" ]; then echo ours; return; fi
  done
  echo other
}
ticks=$(getconf CLK_TCK 2>/dev/null) || ticks=100
read -r up rest </proc/uptime
parents=' '
for file in $(grep -ls '^docker-proxy' /proc/[0-9]*/comm 2>/dev/null); do
  pid=\${file#/proc/}; pid=\${pid%/comm}
  args=$(tr '\\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null)
  stat=$(cat "/proc/$pid/stat" 2>/dev/null)
  # A process that has ended, waited for or not, has neither.
  if [ -z "$args" ] || [ -z "$stat" ]; then continue; fi
  set -- \${stat##*)}
  line proxy "$pid" "$((\${up%.*} - \${20} / ticks))" "$2 $args"
  case $parents in *" $2 "*) ;; *) parents="$parents$2 " ;; esac
done
for parent in $parents; do line daemon "$parent" 0 "$(owner "$parent")"; done
line end - 0 ''
`;
}

// -proto tcp -host-ip 0.0.0.0 -host-port 443 -container-ip 172.42.0.2 -container-port 443 [-use-listen-fd]
function parseProxy(pid: number, ageSeconds: number, args: readonly string[]): PortProxy | undefined {
  const value = (flag: string) => args[args.indexOf(flag) + 1] ?? '';
  const proxy = {
    pid,
    ageSeconds,
    protocol: value('-proto'),
    hostIp: value('-host-ip'),
    hostPort: Number(value('-host-port')),
    containerIp: value('-container-ip'),
    containerPort: Number(value('-container-port')),
  };
  return proxy.hostPort > 0 && proxy.containerIp !== '' ? proxy : undefined;
}
