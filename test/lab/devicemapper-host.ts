/**
 * Hosts with an engine of devicemapper's days, which no kernel of today has: a real sshd each, and stand-ins on PATH for the
 * tools of LVM and for the engine. They keep what they made in a folder, record how they were called, answer as the real ones
 * were recorded, and fail once where a test says so.
 */

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlaybookRun } from './playbook-run.ts';
import { run } from './process.ts';
import { createLabUser, startSshd } from './sshd.ts';

const SCRIPT = fileURLToPath(new URL('devicemapper-tools.sh', import.meta.url));
const TOOLS = [
  ...[
    'pvcreate',
    'pvs',
    'pvremove',
    'vgcreate',
    'vgs',
    'vgremove',
    'lvcreate',
    'lvconvert',
    'lvchange',
    'lvs',
    'lvremove',
  ],
  ...['lsblk', 'wipefs', 'thin_check', 'docker', 'dockerd', 'engine', 'mv'],
];

export interface StandInEngine {
  /** Default: 18.09.9. */
  readonly version?: string;
  /** What the driver is before; default `loop`. `direct`: a pool docker/thinpool that was made by hand. */
  readonly pool?: 'overlay2' | 'loop' | 'direct' | 'by-engine';
  /** Containers by name: who manages them, or nothing. All of them run. */
  readonly containers?: Readonly<Record<string, string>>;
  readonly images?: readonly string[];
}

export interface DevicemapperHost {
  readonly name: string;
  /** Its state: what the stand-ins made, and `data`, the data root. */
  readonly folder: string;
  /** Makes the host anew. */
  reset(engine?: StandInEngine): Promise<void>;
  /** What the stand-ins were called with so far, those that only look left out. */
  changes(): Promise<string[]>;
  /** Lets a tool fail, once or more often, with what it says; a word after its name must be in the call: `lvcreate meta`. */
  fail(call: string, message: string, times?: number): Promise<void>;
  /** Writes a file of its state: see the head of devicemapper-tools.sh. */
  write(file: string, text: string): Promise<void>;
  read(file: string): Promise<string>;
  /** Runs one of its stand-ins. @returns all that it printed */
  shell(command: string): Promise<string>;
  /** All paths below the data root, and those of the volumes; without what the engine keeps of its own. */
  state(): Promise<readonly string[]>;
}

export interface DevicemapperLab {
  readonly folder: string;
  readonly inventory: string;
  readonly hosts: readonly DevicemapperHost[];
  host(number: number): DevicemapperHost;
  stop(): Promise<void>;
}

/** The names of the first hosts, as `--limit` takes them. */
export function nodes(count: number): string {
  return Array.from({ length: count }, (_, index) => `node${index + 1}`).join(',');
}

/** What the last task that failed on a host said. */
export function messageOf(made: PlaybookRun, { name }: Pick<DevicemapperHost, 'name'>): string {
  const tasks = made.report.plays.flatMap((play) => play.tasks);
  const failed = tasks.map(({ hosts }) => hosts[name]).filter((result) => result?.status === 'failed');
  return String(failed.at(-1)?.result.msg);
}

export async function startDevicemapperLab(count: number): Promise<DevicemapperLab> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-dm-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await chmod(folder, 0o711);
    const user = await createLabUser(folder, []);
    undo.push(() => user.remove());
    const lines: string[] = [];
    const keys: string[] = [];
    const hosts: DevicemapperHost[] = [];
    for (let number = 1; number <= count; number++) {
      const name = `node${number}`;
      const own = join(folder, name);
      await mkdir(join(own, 'bin'), { recursive: true });
      for (const tool of TOOLS) await symlink(SCRIPT, join(own, 'bin', tool));
      const environment = {
        PATH: `${join(own, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
        // Nobody listens there: the daemon is a file, and no other of the machine is taken for it.
        DOCKER_HOST: `unix://${own}/docker.sock`,
      };
      const sshd = await startSshd(join(own, 'sshd'), user, environment);
      undo.push(() => sshd.stop());
      lines.push(`${name} ansible_host=127.0.0.1 ansible_port=${sshd.port} state=${own}`);
      keys.push(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
      hosts.push(new StandInHost(name, own));
    }
    const knownHosts = join(folder, 'known_hosts');
    await writeFile(knownHosts, keys.join(''));
    const inventory = join(folder, 'hosts.ini');
    const vars = [
      'ansible_user=root',
      // Root by its own key: sudo would give the stand-ins another PATH.
      'ansible_become=false',
      `ansible_ssh_private_key_file=${user.keyFile}`,
      `ansible_ssh_common_args='-o UserKnownHostsFile=${knownHosts}'`,
    ];
    await writeFile(inventory, `[nodes]\n${lines.join('\n')}\n\n[nodes:vars]\n${vars.join('\n')}\n`);
    return {
      folder,
      inventory,
      hosts,
      host(number) {
        const host = hosts[number - 1];
        if (host === undefined) throw new Error(`the lab has ${count} hosts, no host ${number}`);
        return host;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

class StandInHost implements DevicemapperHost {
  readonly name: string;
  readonly folder: string;

  constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  async reset({ version = '18.09.9', pool = 'loop', containers = {}, images = ['app:1'] }: StandInEngine = {}) {
    for (const part of await readdir(this.folder)) {
      if (part !== 'bin' && part !== 'sshd') await rm(join(this.folder, part), { recursive: true });
    }
    for (const part of ['lvm', 'profile', 'fail', 'data/volumes/kept/_data']) {
      await mkdir(join(this.folder, part), { recursive: true });
    }
    await writeFile(join(this.folder, 'version'), version);
    await writeFile(join(this.folder, 'data/volumes/kept/_data/file'), 'precious');
    const driver = pool === 'overlay2' ? 'overlay2' : 'devicemapper';
    for (const part of ['containers', driver, `image/${driver}`]) {
      await mkdir(join(this.folder, 'data', part), { recursive: true });
    }
    for (const [name, manager] of Object.entries(containers)) {
      const folder = join(this.folder, 'data/containers', name);
      await mkdir(folder);
      await writeFile(join(folder, 'own'), `${driver}|app:1|${manager}\n`);
      await writeFile(
        join(folder, 'config.v2.json'),
        JSON.stringify({ ID: '00', Name: `/${name}`, Image: 'sha256:00' }),
      );
    }
    const folder = join(this.folder, 'data/image', driver);
    for (const image of images) await writeFile(join(folder, image.replace('/', '!')), '');
    const Repositories = Object.fromEntries(images.map((image) => [image.split(':')[0], { [image]: 'sha256:00' }]));
    await writeFile(join(folder, 'repositories.json'), JSON.stringify({ Repositories }));
    await this.#makePool(pool);
    await writeFile(join(this.folder, 'up'), await this.read('daemon.json').catch(() => '{}'));
  }

  async #makePool(pool: StandInEngine['pool']): Promise<void> {
    const driver = join(this.folder, 'data/devicemapper');
    if (pool === 'overlay2') return;
    if (pool === 'loop') {
      await mkdir(join(driver, 'devicemapper'));
      await writeFile(join(driver, 'devicemapper/data'), 'old');
      await writeFile(join(this.folder, 'daemon.json'), '{"storage-driver": "devicemapper", "debug": false}\n');
      return;
    }
    const options =
      pool === 'direct'
        ? ['dm.thinpooldev=/dev/mapper/docker-thinpool', 'dm.use_deferred_removal=true']
        : ['dm.directlvm_device=/dev/xvdf', 'dm.thinp_percent=95', 'dm.thinp_metapercent=1'];
    const settings = { 'storage-driver': 'devicemapper', 'storage-opts': options };
    await writeFile(join(this.folder, 'daemon.json'), JSON.stringify(settings, undefined, 2));
    if (pool === 'by-engine') await writeFile(join(driver, 'setup-config.json'), '{"Device":"/dev/xvdf"}');
    await writeFile(join(driver, 'owner'), '1');
    await mkdir(join(this.folder, 'lvm/docker'), { recursive: true });
    await writeFile(join(this.folder, 'lvm/docker.vg'), '/dev/xvdf\n');
    await writeFile(join(this.folder, 'lvm/xvdf.pv'), 'docker\n');
    await writeFile(join(this.folder, 'lvm/docker/thinpool'), 'thin\n');
    await writeFile(join(this.folder, 'lvm/docker/thinpool.owner'), '1');
  }

  async changes(): Promise<string[]> {
    const calls = await this.read('calls').catch(() => '');
    const looks = /^(mv|pvs|vgs|lvs|lsblk|wipefs|dockerd|docker (info|ps|images|version|inspect|--version|image))\b/;
    return calls.split('\n').filter((line) => line !== '' && !looks.test(line));
  }

  async fail(call: string, message: string, times = 1): Promise<void> {
    const [tool = '', word = ''] = call.split(' ');
    await writeFile(join(this.folder, 'fail', tool), `${times}\n${word}\n${message}\n`);
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.folder, file), text);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.folder, file), 'utf8');
  }

  async shell(command: string): Promise<string> {
    const env = { PATH: `${join(this.folder, 'bin')}:/usr/bin:/bin` };
    const { stdout, stderr } = await run('/bin/sh', ['-c', command], { env });
    return stdout + stderr;
  }

  async state(): Promise<readonly string[]> {
    const below = async (part: string) =>
      (await readdir(join(this.folder, part), { recursive: true })).map((path) => `${part}/${path}`);
    const paths = [...(await below('data')), ...(await below('lvm')), ...(await below('profile'))];
    const settings = ['daemon.json', 'up'].map(async (file) => `${file}: ${await this.read(file).catch(() => 'none')}`);
    return [...paths, ...(await Promise.all(settings))].toSorted();
  }
}
