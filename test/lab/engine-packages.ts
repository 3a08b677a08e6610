/**
 * Packages of the engine for a real apt: a repository in a folder, and for each host a root of its own that apt and dpkg work in.
 * The engine of a version is the machine's dockerd with another number in it, of the same length.
 */
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DockerLabHost } from './docker-lab.ts';
import { mustRun, type Ran, run } from './process.ts';

/** The versions on offer, by what is wrong with them. */
export interface OfferedVersions {
  /** What the machine's dockerd says itself: `20.10.24`. */
  readonly old: string;
  readonly next: string;
  /** Installs, and its daemon does not start. */
  readonly broken: string;
  /** Its installation fails before it has changed anything. */
  readonly refusing: string;
}

/** A host's share: what its inventory needs. */
export interface PackageRoot {
  /** Variables of upgrade-docker-engine.yml. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Runs a program of the package manager in the root. */
  run(program: string, ...args: string[]): Promise<Ran>;
  /** Version of a package; empty when it is not there. */
  installed(name: string): Promise<string>;
}

export interface EngineRepository {
  readonly versions: OfferedVersions;
  /** As apt writes a version: `5:20.10.24~3-0~debian-bookworm`. */
  packageVersion(version: string): string;
  /** A root for a host, in which a version is installed. */
  makeRoot(host: DockerLabHost, version: string): Promise<PackageRoot>;
}

/** Builds the packages in a folder; the folder must not exist yet. */
export async function makeEngineRepository(folder: string): Promise<EngineRepository> {
  const daemon = '/usr/sbin/dockerd';
  const old = /version (\d+\.\d+\.\d+)/.exec(await mustRun(daemon, ['--version']))?.[1] ?? '';
  const versions = { old, next: numberAfter(old, 1), broken: numberAfter(old, 2), refusing: numberAfter(old, 3) };
  const daemonOf = (version: string) => join(folder, 'versions', version, 'dockerd');
  await mkdir(join(folder, 'repository'), { recursive: true });
  await writeProgram(daemonOf(versions.next), replaceAll(await readFile(daemon), old, versions.next));
  await writeProgram(daemonOf(versions.broken), '#!/bin/sh\necho "no such storage driver" >&2\nexit 1\n');
  const entries: string[] = [];
  for (const [version, target, preinst] of [
    [versions.old, daemon, undefined],
    [versions.next, daemonOf(versions.next), undefined],
    [versions.broken, daemonOf(versions.broken), undefined],
    [versions.refusing, daemon, '#!/bin/sh\necho "this kernel is too old" >&2\nexit 1\n'],
  ] as const) {
    const links = { 'usr/sbin/dockerd': target };
    const full = packageVersion(version);
    entries.push(await build(folder, { name: 'docker-ce', version: full, depends: 'docker-ce-cli', links, preinst }));
    entries.push(await build(folder, { name: 'docker-ce-cli', version: full, links: {}, preinst }));
  }
  await writeFile(join(folder, 'repository/Packages'), entries.join('\n'));
  return {
    versions,
    packageVersion,
    async makeRoot(host, version) {
      const root = await makeRoot(folder, host);
      const pinned = ['docker-ce', 'docker-ce-cli'].map((name) => `${name}=${packageVersion(version)}`);
      for (const args of [['update'], ['install', '-y', ...pinned]]) {
        const { exitCode, stderr } = await root.run('apt-get', ...args);
        if (exitCode !== 0) throw new Error(`apt-get ${args.join(' ')}: ${stderr}`);
      }
      return root;
    },
  };
}

function packageVersion(version: string): string {
  return `5:${version}~3-0~debian-bookworm`;
}

// Of the same length, so that it can take the other's place in a program.
function numberAfter(version: string, steps: number): string {
  const cut = version.lastIndexOf('.') + 1;
  const later = `${version.slice(0, cut)}${Number(version.slice(cut)) + steps}`;
  if (later.length !== version.length) throw new Error(`no version of the same length comes after ${version}`);
  return later;
}

function replaceAll(program: Buffer, from: string, to: string): Buffer {
  for (let at = program.indexOf(from); at >= 0; at = program.indexOf(from, at + 1)) program.write(to, at, 'latin1');
  return program;
}

async function writeProgram(path: string, content: string | Buffer): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content, { mode: 0o755 });
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
  readonly links: Readonly<Record<string, string>>;
  readonly preinst?: string;
}

// Returns its entry in the list of packages.
async function build(folder: string, { name, version, depends, links, preinst }: Package): Promise<string> {
  const tree = join(folder, 'trees', `${name}-${version}`);
  await mkdir(join(tree, 'DEBIAN'), { recursive: true });
  for (const [path, target] of Object.entries(links)) {
    await mkdir(join(tree, path, '..'), { recursive: true });
    await symlink(target, join(tree, path));
  }
  const fields = { Package: name, Version: version, Architecture: 'all', Maintainer: 'lab <lab@example.com>' };
  const all = { ...fields, ...(depends === undefined ? {} : { Depends: depends }), Description: 'engine of the lab' };
  const control = Object.entries(all).map(([field, value]) => `${field}: ${value}\n`);
  await writeFile(join(tree, 'DEBIAN/control'), control);
  if (preinst !== undefined) await writeProgram(join(tree, 'DEBIAN/preinst'), preinst);
  const file = join(folder, 'repository', `${name}_${version.replaceAll(/[:~]/g, '_')}.deb`);
  await mustRun('dpkg-deb', ['-Znone', '--root-owner-group', '-b', tree, file]);
  const [sum] = (await mustRun('sha256sum', [file])).split(' ');
  return `${control.join('')}Filename: ./${basename(file)}\nSize: ${(await stat(file)).size}\nSHA256: ${sum}\n`;
}

async function makeRoot(folder: string, { name, engine }: DockerLabHost): Promise<PackageRoot> {
  const root = join(folder, 'roots', name);
  const dirs = ['info', 'updates'].map((dir) => `var/lib/dpkg/${dir}`);
  dirs.push('var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'var/log/apt', 'etc/apt/apt.conf.d');
  dirs.push('etc/apt/preferences.d', 'etc/apt/sources.list.d', 'etc/apt/trusted.gpg.d');
  for (const dir of dirs) await mkdir(join(root, dir), { recursive: true });
  for (const file of ['status', 'available']) await writeFile(join(root, 'var/lib/dpkg', file), '');
  await writeFile(join(root, 'etc/apt/sources.list'), `deb [trusted=yes] file:${folder}/repository ./\n`);
  const config = join(root, 'etc/apt/lab.conf');
  await writeFile(
    config,
    `Dir "${root}/";
Dir::State::status "${root}/var/lib/dpkg/status";
DPkg::Options { "--root=${root}"; "--force-script-chrootless"; };
APT::Sandbox::User "root";
`,
  );
  const environment = { APT_CONFIG: config, DPKG_ADMINDIR: join(root, 'var/lib/dpkg') };
  const runThere = (program: string, ...args: string[]) =>
    run(program, args, { env: { ...process.env, ...environment, DEBIAN_FRONTEND: 'noninteractive' } });
  return {
    variables: {
      upgrade_environment: environment,
      upgrade_stop_command: engine.commands.stop,
      upgrade_start_command: `PATH=${root}/usr/sbin:/usr/sbin:/usr/bin:/sbin:/bin ${engine.commands.start}`,
      upgrade_daemon_json: engine.configFile,
      upgrade_record_dir: join(root, 'records'),
    },
    run: runThere,
    async installed(name) {
      const { stdout } = await runThere('dpkg-query', '-W', name);
      return stdout.trimEnd().split('\t')[1] ?? '';
    },
  };
}
