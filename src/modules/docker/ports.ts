/** Host ports: as `inspect` writes them, and whether two of them are the same. */

import { recordOf, textOf } from './json.ts';

/** A port of the host that leads to one of a container. */
export interface PortBinding {
  readonly protocol: string;
  readonly containerPort: number;
  /** `0.0.0.0` or `::` for all addresses. */
  readonly hostIp: string;
  /** First and last port that it may be; the same for all but ranges. 0: any free one. */
  readonly hostPort: number;
  readonly lastHostPort: number;
}

/** One port of the host. */
export interface HostPort {
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

/**
 * The bindings in `.HostConfig.PortBindings` (where no address means all) or `.NetworkSettings.Ports`:
 * `{"80/tcp": [{"HostIp": "", "HostPort": "8080"}], "53/udp": null}`.
 */
export function parseBindings(json: unknown): PortBinding[] {
  return Object.entries(recordOf(json)).flatMap(([port, hosts]) => {
    const [containerPort = '', protocol = 'tcp'] = port.split('/');
    return (Array.isArray(hosts) ? hosts : []).map((each) => {
      const host = recordOf(each);
      const [first = '', last = first] = (textOf(host.HostPort) ?? '').split('-');
      return {
        protocol,
        containerPort: Number(containerPort),
        hostIp: textOf(host.HostIp) ?? '',
        hostPort: Number(first),
        lastHostPort: Number(last),
      };
    });
  });
}

/** Whether the binding takes the port, on this address or on all. Bindings that take any free port take none in particular. */
export function bindingTakes(binding: PortBinding, port: HostPort): boolean {
  return (
    binding.protocol === port.protocol &&
    binding.hostPort !== 0 &&
    binding.hostPort <= port.hostPort &&
    port.hostPort <= binding.lastHostPort &&
    addressesMeet(binding.hostIp, port.hostIp)
  );
}

/** `0.0.0.0:443/tcp`, `[::]:443/tcp`. */
export function describePort({ protocol, hostIp, hostPort }: HostPort): string {
  return `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${hostPort}/${protocol}`;
}

// The engine publishes what names no address on all of both families, so no address meets every other.
function addressesMeet(left: string, right: string): boolean {
  if (left === right || left === '' || right === '') return true;
  if (isIpv6(left) !== isIpv6(right)) return false;
  return isAll(left) || isAll(right);
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

function isAll(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
