/** What the algorithms of SSH cost the client: a connection with one task, and 20 MB of output. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../lab/process.ts';
import { startSshd } from '../lab/sshd.ts';
import { fleetmendWords } from './contenders.ts';
import type { Fleet } from './fleet.ts';
import { measure } from './measure.ts';

export interface AlgorithmCost {
  readonly kind: 'key exchange' | 'host key' | 'cipher';
  readonly name: string;
  /** CPU of the client for one more host with one task. */
  readonly connectionMs: number;
  /** CPU of the client for 20 MB that a host writes; only a cipher's is measured. */
  readonly outputMs?: number;
}

interface Variant extends Pick<AlgorithmCost, 'kind' | 'name'> {
  /** Lines of ssh_config. */
  readonly config: readonly string[];
}

const GCM = 'Ciphers aes128-gcm@openssh.com';
const CURVE = 'KexAlgorithms curve25519-sha256';
const ED25519 = 'HostKeyAlgorithms ssh-ed25519';
const CTR = ['Ciphers aes128-ctr', 'MACs hmac-sha2-256-etm@openssh.com'];

const VARIANTS: readonly Variant[] = [
  ...['curve25519-sha256', 'ecdh-sha2-nistp256', 'diffie-hellman-group14-sha256'].map(
    (name): Variant => ({ kind: 'key exchange', name, config: [`KexAlgorithms ${name}`, ED25519, GCM] }),
  ),
  ...['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512'].map(
    (name): Variant => ({ kind: 'host key', name, config: [CURVE, `HostKeyAlgorithms ${name}`, GCM] }),
  ),
  ...['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'].map(
    (name): Variant => ({ kind: 'cipher', name, config: [CURVE, ED25519, `Ciphers ${name}`] }),
  ),
  { kind: 'cipher', name: 'aes128-ctr, hmac-sha2-256-etm', config: [CURVE, ED25519, ...CTR] },
];

/**
 * Measures every algorithm beside the ones that are asked for first otherwise. Each figure is the least of all rounds: what
 * else the machine does only adds to it.
 */
export async function measureAlgorithms(root: string, fleet: Fleet, rounds: number, hostCount = 100) {
  const folder = join(fleet.folder, 'algorithms');
  await mkdir(folder);
  const keyFiles: string[] = [];
  for (const type of ['ecdsa', 'rsa']) {
    const file = join(folder, `host_key_${type}`);
    await mustRun('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
    keyFiles.push(`HostKey ${file}`);
  }
  const sshd = await startSshd(folder, fleet.user, {}, '0.0.0.0', keyFiles);
  try {
    const to = { folder: fleet.folder, port: sshd.port, user: fleet.user };
    const playbooks = { one: await fleet.playbook(1, 'free'), output: join(folder, 'output.yml') };
    const output = "yes 'a line of what a host says' | head -c 20000000";
    await writeFile(playbooks.output, `- hosts: all\n  gather_facts: false\n  tasks:\n    - shell: ${output}\n`);
    const cpuMs = async (variant: Variant, playbook: string, hosts: number) => {
      const config = join(folder, 'ssh_config');
      await writeFile(config, variant.config.map((line) => `${line}\n`).join(''));
      const words = ['run', playbook, '-i', await fleet.hostsFile(hosts), '--ssh-config', config];
      return (await measure({ words: fleetmendWords(root, words, to) }, root)).cpuMs;
    };
    const rows = VARIANTS.map((variant) => ({
      variant,
      one: [] as number[],
      many: [] as number[],
      output: [] as number[],
    }));
    for (let round = 0; round < rounds; round++) {
      for (const { variant, one, many, output } of rows) {
        one.push(await cpuMs(variant, playbooks.one, 1));
        many.push(await cpuMs(variant, playbooks.one, 1 + hostCount));
        if (variant.kind === 'cipher') output.push(await cpuMs(variant, playbooks.output, 1));
      }
    }
    return rows.map(({ variant: { kind, name }, one, many, output }): AlgorithmCost => {
      const startMs = Math.min(...one);
      const outputMs = output.length === 0 ? {} : { outputMs: Math.min(...output) - startMs };
      return { kind, name, connectionMs: (Math.min(...many) - startMs) / hostCount, ...outputMs };
    });
  } finally {
    await sshd.stop();
  }
}
