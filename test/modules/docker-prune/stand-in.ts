/** A `docker` command that is a shell script: it answers from files, and misbehaves where a test tells it to. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StandInContainer {
  readonly name: string;
  /** As `ps` says it: "Dead", "Exited (0) 2 hours ago". */
  readonly status: string;
  /** As `inspect` says it. */
  readonly state: string;
  readonly finishedAt?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface StandIn {
  /** What PATH must begin with. */
  readonly folder: string;
  /** Calls so far, a line each. */
  calls(): Promise<string[]>;
  /**
   * What a call does instead: shell text with `$id`; `forget` takes the container off the list.
   *
   * @param call - `ps`, or `rm` or `inspect` and a container's name
   */
  on(call: string, script: string): Promise<void>;
  remove(): Promise<void>;
}

/** The full ID of the container of a name. */
export function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

export async function createStandIn(
  containers: readonly StandInContainer[],
  version = 'Docker version 20.10.24, build 0000000',
): Promise<StandIn> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmend-docker-'));
  for (const part of ['inspect', 'on', 'list']) await mkdir(join(folder, part));
  for (const { name, status, state, finishedAt, labels } of containers) {
    const id = idOf(name);
    await writeFile(join(folder, 'list', id), status);
    const finished = finishedAt ?? '0001-01-01T00:00:00Z';
    const fields = [
      id,
      `/${name}`,
      'app:1',
      'sha256:00',
      '2026-11-01T00:00:00.123456789Z',
      state,
      finished,
      labels ?? null,
    ];
    await writeFile(join(folder, 'inspect', id), `${JSON.stringify(fields)}\n`);
  }
  const command = join(folder, 'docker');
  await writeFile(command, scriptText(folder, version));
  await chmod(command, 0o755);
  return {
    folder,
    calls: async () => (await readFile(join(folder, 'calls'), 'utf8')).trimEnd().split('\n'),
    on: (call, script) => {
      const [verb = '', name] = call.split(' ');
      return writeFile(join(folder, 'on', name === undefined ? verb : `${verb}-${idOf(name)}`), script);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function scriptText(folder: string, version: string): string {
  return `#!/bin/sh
cd ${folder} || exit 9
case $1 in --version) echo '${version}'; exit 0 ;; esac
verb=$1; shift
forget() { rm -f "list/$id"; }
fails() { echo "$1" >&2; failed=1; }
failed=0
case $verb in
  ps)
    echo ps >> calls
    if [ -f on/ps ]; then . on/ps; fi
    # ps -a --no-trunc --format FORMAT
    for file in list/*; do
      [ -f "$file" ] || continue
      printf '%s\\n' "$4" | sed "s/{{.ID}}/\${file#list/}/; s/{{.Status}}/$(cat "$file")/; s/{{.State}}/$(cat "$file")/"
    done ;;
  inspect)
    # inspect --type container --format FORMAT ID…; podman knows {{.ID}} only
    case $4 in *'{{json ${version.startsWith('podman') ? '.Id' : '.ID'}}}'*) fails "can't evaluate field"; exit 125 ;; esac
    shift 4
    echo "inspect $*" >> calls
    out=
    for id in "$@"; do
      if [ -f "on/inspect-$id" ]; then . "on/inspect-$id"
      elif [ -f "list/$id" ]; then out="$out$(cat "inspect/$id")
"
      else fails "Error: No such container: $id"
      fi
    done
    printf %s "$out" ;;
  rm)
    id=$1
    echo "rm $*" >> calls
    if [ -f "on/rm-$id" ]; then . "on/rm-$id"; else forget; echo "$id"; fi ;;
  *) echo "unknown command $verb" >&2; exit 64 ;;
esac
exit $failed
`;
}
