#!/bin/sh
# What upgrade-docker-engine.yml asks of a host's package manager: apt, dnf or yum.
#
#   docker-packages.sh look VERSION [NAME…] [--also NAME=VERSION…]    what is there and what is on offer; changes nothing
#   docker-packages.sh try NAME=VERSION…        what an installation would do, where the manager can tell; changes nothing
#   docker-packages.sh fetch NAME=VERSION…      downloads, installs nothing
#   docker-packages.sh install NAME=VERSION…    installs, holds again what was on hold, then runs $START, also after a failure
#
# DOWNGRADE=yes allows older versions; with REFRESH=yes `look` reads the lists of the repositories anew where what is wanted is not
# there yet. It prints lines:
#   manager apt|dnf|yum
#   package NAME FROM TO hold|free     the engine's package first; - where it is not installed, or TO is not on offer
#   offer NAME VERSION                 where TO is not on offer: what is, the newest first
#   step WORDS…, change NAME=TO, back NAME=FROM     where they differ
set -u
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
engines='docker-ce docker.io moby-engine docker-engine docker'

there() { command -v "$1" >/dev/null 2>&1; }

if there apt-get && there dpkg-query; then manager=apt
elif there dnf && there rpm; then manager=dnf
elif there yum && there rpm; then manager=yum
else manager=none
fi

# Prints the version, or nothing.
installed() {
  case $manager in
    apt) dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p' ;;
    *) rpm -q --qf '%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n' "$1" 2>/dev/null | grep -v 'not installed' ;;
  esac
}

offers() {
  case $manager in
    apt) apt-cache madison "$1" | awk -F'|' '$3 !~ / Sources *$/ {gsub(/ /, "", $2); if (!seen[$2]++) print $2}' ;;
    # Columns may be folded into lines of their own; the oldest comes first.
    *) $manager -q list --showduplicates "$1" 2>/dev/null | awk -v name="$1" '
        {for (i = 1; i <= NF; i++) {
          if (follows) {found[++count] = $i; follows = 0}
          else follows = index($i, name ".") == 1
        }}
        END {for (i = count; i > 0; i--) if (!seen[found[i]]++) print found[i]}' ;;
  esac
}

# The engine's package and those that go with it.
companions() {
  for name in $engines; do
    [ -n "$(installed "$name")" ] || continue
    echo "$name"
    case $name in
      docker-ce)
        # Split from docker-ce in 18.09.
        echo docker-ce-cli
        [ -z "$(installed docker-ce-rootless-extras)" ] || echo docker-ce-rootless-extras ;;
      docker.io) [ -z "$(installed docker-cli)" ] || echo docker-cli ;;
      moby-engine) [ -z "$(installed moby-cli)" ] || echo moby-cli ;;
    esac
    return
  done
}

# Whether a package's VERSION is the engine's version WANTED: 24.0.7 is 5:24.0.7-1~debian.12~bookworm, and not 24.0.7~rc.1.
is_version() {
  plain=$1
  case $2 in *:*) ;; *) plain=${1#*:} ;; esac
  case $plain in
    "$2") return 0 ;;
    "$2"[-~.]rc* | "$2"[-~.]beta* | "$2"[-~.]tp* | "$2"-0.*) return 1 ;;
    "$2"[-~+]* | "$2".ce*) return 0 ;;
    *) return 1 ;;
  esac
}

# One broken repository more does not matter as long as the version is on offer.
refresh() {
  [ "${REFRESH:-no}" = yes ] || return 0
  REFRESH=no
  case $manager in
    apt) apt-get -q update ;;
    *) $manager -q makecache ;;
  esac >&2 || echo "the package lists could not be read anew" >&2
}

# Which version of a package is meant: the one that is there, else the newest that is on offer; or nothing.
choose() {
  name=$1 wanted=$2 present=$3
  if is_version "$present" "$wanted"; then echo "$present"; return; fi
  offers "$name" | while read -r offer; do
    if is_version "$offer" "$wanted"; then echo "$offer"; break; fi
  done
}

report() {
  name=$1 from=$2 to=$3
  hold=free
  for each in $held; do if [ "${each%%:*}" = "$name" ]; then hold=hold; fi; done
  echo "package $name $from $to $hold"
  if [ "$to" = - ]; then offers "$name" | sed "s/^/offer $name /"; return; fi
  [ "$from" != "$to" ] || return 0
  words="$name $from -> $to"
  if [ "$hold" = hold ]; then words="$words, stays on hold"; fi
  echo "step $words"
  echo "change $name=$to"
  if [ "$from" = - ]; then return; fi
  echo "back $name=$from"
}

look() {
  echo "manager $manager"
  [ "$manager" != none ] || return 0
  wanted=$1
  shift
  names=''
  while [ $# -gt 0 ] && [ "$1" != --also ]; do
    names="$names $1"
    shift
  done
  [ $# -eq 0 ] || shift
  given=$names
  [ -n "$names" ] || names=$(companions)
  held=''
  if [ "$manager" = apt ]; then held=$(apt-mark showhold); fi
  pin=''
  for name in $names; do
    from=$(installed "$name")
    is_version "$from" "$wanted" || refresh
    if [ -z "$pin" ]; then
      to=$(choose "$name" "$wanted" "$from")
      pin=${to:--}
    elif [ "$from" = "$pin" ] || offers "$name" | grep -Fqx -e "$pin"; then to=$pin
    # What goes along by itself has versions of its own at times.
    elif [ -z "$given" ] && [ "$pin" != - ]; then continue
    else to=''
    fi
    report "$name" "${from:--}" "${to:--}"
  done
  for each in "$@"; do
    name=${each%%=*}
    from=$(installed "$name")
    is_version "$from" "${each#*=}" || refresh
    to=$(choose "$name" "${each#*=}" "$from")
    report "$name" "${from:--}" "${to:--}"
  done
}

# What apt before 1.1 does not know it does not heed.
apt_install() {
  downgrade=false
  if [ "${DOWNGRADE:-no}" = yes ]; then downgrade=true; fi
  apt-get -y -o APT::Get::allow-change-held-packages=true -o APT::Get::allow-downgrades=$downgrade \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
    --no-remove install "$@"
}

rpm_install() {
  option=$1
  shift
  word=install
  if [ "${DOWNGRADE:-no}" = yes ]; then word=downgrade; fi
  # NAME=VERSION is NAME-VERSION here.
  for each in "$@"; do
    shift
    set -- "$@" "${each%%=*}-${each#*=}"
  done
  $manager -y $option $word "$@"
}

change() {
  if [ "$manager" = apt ]; then apt_install "$@"; else rpm_install '' "$@"; fi
}

install() {
  held=''
  if [ "$manager" = apt ]; then held=$(apt-mark showhold); fi
  change "$@" </dev/null
  status=$?
  for each in "$@"; do
    for hold in $held; do
      if [ "${hold%%:*}" = "${each%%=*}" ]; then apt-mark hold "$hold"; fi
    done
  done
  # Also when nobody is there any more to do it: the engine is not left down.
  if [ -n "${START:-}" ]; then sh -c "$START" || echo "the engine could not be started: $START" >&2; fi
  return $status
}

word=${1:-}
[ $# -eq 0 ] || shift
case $word in
  look) look "$@" ;;
  try) if [ "$manager" = apt ]; then apt_install -s "$@"; fi ;;
  fetch) if [ "$manager" = apt ]; then apt_install --download-only "$@"; else rpm_install --downloadonly "$@"; fi ;;
  install) install "$@" ;;
  *) echo "docker-packages.sh: expected look, try, fetch or install, found '$word'" >&2; exit 64 ;;
esac
