/** Which gateways containers reach, tried from within their own networks. */

import { shellQuote } from '../../util/shell-quote.ts';
import type { ModuleContext } from '../contract.ts';
import type { ContainerDetails } from '../docker/details.ts';
import type { Network } from '../docker/networks.ts';
import { runScript } from '../docker/run-script.ts';
import { callMs, prelude, SLACK_MS } from '../docker/script.ts';
import { endpointIn } from './surgery.ts';

/**
 * Sends each running container's gateway in the network one packet, from the container's network namespace.
 *
 * @returns the gateways that answered, by the container's ID; none where the host has no `nsenter` or `ping`, or may not
 *   use them
 * @throws TransportError when interrupted
 */
export async function reachGateways(
  context: ModuleContext,
  network: Network,
  containers: readonly ContainerDetails[],
): Promise<ReadonlyMap<string, string>> {
  const tries = containers.flatMap((container) => {
    const gateway = gatewayOf(container, network);
    return container.pid === 0 || gateway === undefined ? [] : [{ id: container.id, pid: container.pid, gateway }];
  });
  if (tries.length === 0) return new Map();
  const script = `${prelude({})}
ping=
for name in ping 'busybox ping'; do
  if command -v "\${name%% *}" >/dev/null 2>&1; then ping=$name; break; fi
done
if [ -z "$ping" ] || ! command -v nsenter >/dev/null 2>&1; then exit 0; fi
try() {
  if call ${TRY_SECONDS} nsenter -t "$2" -n $ping -c 1 -W 2 "$3" >/dev/null 2>&1; then line reached "$1" 0 "$3"; fi
}
${tries.map(({ id, pid, gateway }) => `try ${id} ${pid} ${shellQuote(gateway)} &`).join('\n')}
wait
`;
  const end = await runScript(context, script, { timeoutMs: callMs(TRY_SECONDS * 1000) + SLACK_MS });
  if (end.cut !== undefined && end.cut.code !== 'COMMAND_TIMEOUT') throw end.cut;
  const reached = end.lines.filter(({ word }) => word === 'reached');
  return new Map(reached.map(({ subject, text }) => [subject, text]));
}

const TRY_SECONDS = 5;

function gatewayOf(container: ContainerDetails, network: Network): string | undefined {
  const endpoint = endpointIn(container, network);
  return endpoint?.gateway ?? network.addresses.find(({ subnet }) => !subnet.includes(':'))?.gateway;
}
