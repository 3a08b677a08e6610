/** A `docker` command for the demo's hosts: a shell script over a folder of files. It is no engine, and says so. */

/** One container of the stand-in. */
export interface StandInContainer {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** As `docker inspect` names it. */
  readonly state: 'dead' | 'exited' | 'running';
  /** RFC 3339. */
  readonly finishedAt: string;
}

/** The file of a container in the stand-in's folder: a line each of name, image, state and time. */
export function containerFile(container: StandInContainer): string {
  return `${container.name}\n${container.image}\n${container.state}\n${container.finishedAt}\n`;
}

/**
 * The script. Containers are files in `$HOME/containers`, named by their id; a file `$HOME/hang` makes every call but
 * `--version` hang, as a daemon does that no longer answers.
 */
export const STAND_IN_DOCKER = `#!/bin/sh
# A stand-in for docker, for the fleetmend demo. There is no engine behind it.
dir=$HOME/containers
if [ "$1" = --version ]; then
  echo 'Docker version 0.0.0-stand-in (fleetmend demo, no engine), build demo'
  exit 0
fi
if [ -e "$HOME/hang" ]; then exec sleep 600; fi

# show ID FORMAT: the format with the container's fields in it
show() {
  { read -r name; read -r image; read -r state; read -r finished; } <"$dir/$1"
  case $state in dead) status=Dead ;; running) status='Up 3 days' ;; *) status='Exited (0) 3 days ago' ;; esac
  printf '%s\\n' "$2" | sed \\
    -e "s|{{json .Id}}|\\"$1\\"|g; s|{{json .Name}}|\\"/$name\\"|g; s|{{json .Config.Image}}|\\"$image\\"|g" \\
    -e "s|{{json .Image}}|\\"$image\\"|g; s|{{json .Created}}|\\"$finished\\"|g; s|{{json .State.Status}}|\\"$state\\"|g" \\
    -e "s|{{json .State.FinishedAt}}|\\"$finished\\"|g; s|{{json .Config.Labels}}|{}|g" \\
    -e "s|{{.ID}}|$1|g; s|{{.Names}}|$name|g; s|{{.Image}}|$image|g; s|{{.State}}|$state|g; s|{{.Status}}|$status|g"
}

verb=$1
shift
format='{{.ID}}'
ids=
while [ $# -gt 0 ]; do
  case $1 in
    --format) format=$2; shift ;;
    --type) shift ;;
    -*) ;;
    *) ids="$ids $1" ;;
  esac
  shift
done
rc=0
case $verb in
  ps)
    for file in "$dir"/*; do [ -f "$file" ] && show "\${file##*/}" "$format"; done ;;
  inspect)
    for id in $ids; do
      if [ -f "$dir/$id" ]; then show "$id" "$format"; else echo "Error: No such object: $id" >&2; rc=1; fi
    done ;;
  rm)
    for id in $ids; do
      if [ ! -f "$dir/$id" ]; then echo "Error: No such container: $id" >&2; rc=1
      elif [ "$(sed -n 3p "$dir/$id")" = running ]; then
        echo "Error response from daemon: You cannot remove a running container $id. Stop the container before attempting removal or force remove" >&2
        rc=1
      else rm "$dir/$id" && echo "$id"; fi
    done ;;
  *) echo "the stand-in for docker knows ps, inspect and rm, not '$verb'" >&2; rc=1 ;;
esac
exit $rc
`;
