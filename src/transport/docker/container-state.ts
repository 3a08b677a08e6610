/** Whether a container can be worked in, and the words for when it cannot. */

import { TransportError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import { oneLine } from '../../util/one-line.ts';
import { shellQuote } from '../../util/shell-quote.ts';
import type { ProcessOpener } from '../shell/channel.ts';
import type { ContainerTarget, Target } from '../types.ts';
import { runShort, type ShortRun } from './run-process.ts';

/** The words that start the program, up to its command. */
export function dockerWords({ exe, args = [] }: ContainerTarget): readonly string[] {
  return [exe, ...args];
}

/**
 * Looks whether the container runs.
 *
 * @throws {@link TransportError} CONNECT_FAILED with what to do when it does not, CONNECT_TIMEOUT when nobody answers
 */
export async function checkContainer(
  opener: ProcessOpener,
  target: Target,
  docker: ContainerTarget,
  signal: AbortSignal,
): Promise<void> {
  const words = [...dockerWords(docker), ...INSPECT, docker.container];
  const ran = await runShort(opener, words, { timeoutMs: target.connectTimeoutMs, signal });
  const place = placeOf(docker);
  if (ran === undefined) {
    throw new TransportError(
      'CONNECT_TIMEOUT',
      `'${docker.exe}' ${place} said nothing of the container of ${target.name} within ${formatDuration(target.connectTimeoutMs)}`,
      { hint: `the daemon hangs: look at it ${place} (systemctl status docker)`, phase: 'connect', mayPass: true },
    );
  }
  const status = ran.stdout.trim();
  if (ran.exit.code !== 0) throw inspectFailed(target, docker, ran);
  if (status === 'running') return;
  throw new TransportError(
    'CONNECT_FAILED',
    `The container '${docker.container}' of ${target.name} is ${status}, not running`,
    {
      hint: `${status === 'paused' ? 'unpause' : 'start'} it ${place}: ${docker.exe} ${status === 'paused' ? 'unpause' : 'start'} ${shellQuote(docker.container)}`,
      phase: 'connect',
    },
  );
}

/** Whether the container still runs; false, too, when nobody can say. */
export async function isStillRunning(opener: ProcessOpener, docker: ContainerTarget): Promise<boolean> {
  const words = [...dockerWords(docker), ...INSPECT, docker.container];
  const ran = await runShort(opener, words, { timeoutMs: LOOK_LIMIT_MS }).catch(() => undefined);
  return ran?.exit.code === 0 && ran.stdout.trim() === 'running';
}

const INSPECT = ['container', 'inspect', '--format', '{{.State.Status}}'] as const;
const LOOK_LIMIT_MS = 5000;

function placeOf({ via }: ContainerTarget): string {
  return via === undefined ? 'on this machine' : `on ${via.name}`;
}

function inspectFailed(target: Target, docker: ContainerTarget, { exit, stderr }: ShortRun): TransportError {
  const place = placeOf(docker);
  const said = oneLine(stderr);
  const failed = (message: string, hint?: string) =>
    new TransportError('CONNECT_FAILED', message, { hint, phase: 'connect' });
  if (/no such container|no container with name/i.test(said)) {
    return failed(
      `There is no container '${docker.container}' ${place}, which ${target.name} is`,
      `\`${docker.exe} ps -a\` ${place} lists them; \`ansible_host\` names another one`,
    );
  }
  if (exit.code === 127 || /command not found|: not found$/i.test(said)) {
    return failed(
      `'${docker.exe}' was not found ${place}, to reach ${target.name}`,
      'install it there, or set ansible_docker_via',
    );
  }
  const words = said === '' ? `ended with exit status ${exit.code ?? 'unknown'} and no words` : `says: ${said}`;
  const hint = /permission denied/i.test(said)
    ? 'the user must be allowed to use the daemon (group docker, or rootless)'
    : /cannot connect|is the docker daemon running|connection refused|no such file/i.test(said)
      ? `start the daemon ${place}, or set ansible_docker_host`
      : undefined;
  return failed(`'${docker.exe}' ${place} could not look at the container of ${target.name}; it ${words}`, hint);
}
