#!/bin/sh
# docker-start-again.sh SECONDS ID…
#
# Brings back containers that ran before the engine was stopped, given the oldest first: waits at most SECONDS for those with a
# restart policy, starts the others, and prints a line for each that does not run. Those of Kubernetes and Swarm are theirs to
# start anew. Status 1: one does not run that should.
set -u
seconds=$1
shift
format='{{.State.Running}} {{.HostConfig.RestartPolicy.Name}} {{if or (index .Config.Labels "io.kubernetes.pod.name") (index .Config.Labels "com.docker.swarm.task.id")}}others{{else}}ours{{end}} {{.Name}}'

# Prints RUNNING POLICY OWNER NAME, or what docker says in its place.
look() { timeout -k 5 20 docker inspect --type container --format "$format" "$1" 2>&1; }

comes_back() {
  for id in "$@"; do
    case $(look "$id") in
      'false always ours '* | 'false unless-stopped ours '*) return 1 ;;
    esac
  done
}

while [ "$seconds" -gt 0 ] && ! comes_back "$@"; do
  sleep 1
  seconds=$((seconds - 1))
done
status=0
for id in "$@"; do
  case $(look "$id") in
    'false '*' ours '*) timeout -k 5 60 docker start "$id" ;;
  esac
done
for id in "$@"; do
  found=$(look "$id")
  case $found in
    'true '*) ;;
    *[Nn]'o such '*) echo "$id is gone: it ran with --rm" ;;
    *' others '*) echo "${found##* /} does not run: its orchestrator starts another" ;;
    'false '*)
      echo "${found##* /} does not run"
      status=1 ;;
    *)
      echo "$id: ${found:-docker does not answer}"
      status=1 ;;
  esac
done
exit $status
