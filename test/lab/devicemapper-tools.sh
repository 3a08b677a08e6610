#!/bin/sh
# Stand-ins for LVM, lsblk, wipefs and an engine with the driver devicemapper; which one it is, its name says.
# State: lvm/VG.vg (its device), lvm/VG/LV (linear, thin), lvm/DEVICE.pv, data/ (the data root), up (the engine runs; daemon.json
# that it was started with), on-device and signature (what is on the device), size (of each image), live-restore, fail/TOOL (see below).
tool=${0##*/}
cd "${0%/bin/*}" || exit 9
case $tool in thin_check) exit 0 ;; esac
echo "$tool $*" >>calls

# Times, a word of the call, and what it says.
if [ -f "fail/$tool" ]; then
  { read -r times; read -r word; message=$(cat); } <"fail/$tool"
  case "$*" in
    *"$word"*)
      if [ "$times" -gt 1 ]; then printf '%s\n%s\n%s\n' $((times - 1)) "$word" "$message" >"fail/$tool"; else rm "fail/$tool"; fi
      echo "$message" >&2
      exit 5
      ;;
  esac
fi

last() { eval "echo \"\${$#}\""; }
refuse() { echo "  $1" >&2; exit 5; }
# The value of a dm. option of a daemon.json.
option() { tr -d ' \n' 2>/dev/null <"$1" | sed -n "s|.*\"$2=\([^\"]*\)\".*|\1|p"; }
driver_of() { if grep -qs '"storage-driver": *"devicemapper"' "$1"; then echo devicemapper; else echo overlay2; fi; }
is_empty() { [ ! -e on-device ] && [ ! -e "lvm/${1##*/}.pv" ]; }

pvcreate() {
  echo >"lvm/$1.pv"
  echo "  Physical volume \"/dev/$1\" successfully created."
}
vgcreate() {
  [ -e "lvm/${2##*/}.pv" ] || refuse "Device $2 not found."
  mkdir "lvm/$1"
  echo "$2" >"lvm/$1.vg"
  echo "$1" >"lvm/${2##*/}.pv"
  echo "  Volume group \"$1\" successfully created"
}

case $tool in
  mv) exec /bin/mv "$@" ;;
  pvcreate) pvcreate "$(last "$@" | sed 's|.*/||')" ;;
  pvs)
    device=$(last "$@")
    [ -e "lvm/${device##*/}.pv" ] || refuse "Failed to find physical volume \"$device\"."
    echo "  $device $(cat "lvm/${device##*/}.pv")"
    ;;
  pvremove)
    device=$(last "$@")
    [ -z "$(cat "lvm/${device##*/}.pv")" ] || refuse "PV $device is used by VG $(cat "lvm/${device##*/}.pv") so please use vgreduce first."
    rm "lvm/${device##*/}.pv"
    ;;
  vgcreate) vgcreate "$1" "$2" ;;
  vgs)
    group=$(last "$@")
    [ -e "lvm/$group.vg" ] || refuse "Volume group \"$group\" not found"
    echo "  $group 1 $(ls "lvm/$group" | grep -vc owner)"
    ;;
  vgremove)
    group=$(last "$@")
    [ -e "lvm/$group.vg" ] || refuse "Volume group \"$group\" not found"
    device=$(cat "lvm/$group.vg")
    rm -r "lvm/$group" "lvm/$group.vg"
    echo >"lvm/${device##*/}.pv"
    ;;
  lvcreate)
    name= group=
    while [ $# -gt 0 ]; do
      case $1 in
        -n) name=$2; shift ;;
        --wipesignatures|-l|-L) shift ;;
        *) group=$1 ;;
      esac
      shift
    done
    [ -e "lvm/$group.vg" ] || refuse "Volume group \"$group\" not found"
    [ ! -e "lvm/$group/$name" ] || refuse "Logical Volume \"$name\" already exists in volume group \"$group\""
    echo linear >"lvm/$group/$name"
    echo "  Logical volume \"$name\" created."
    ;;
  lvconvert)
    pool=$(echo "$*" | sed 's/.*--thinpool \([^ ]*\).*/\1/')
    [ -e "lvm/$pool" ] && [ -e "lvm/${pool}meta" ] || refuse "Failed to find logical volume \"$pool\""
    rm "lvm/${pool}meta"
    echo thin >"lvm/$pool"
    ;;
  lvchange)
    pool=$(last "$@")
    [ -e "lvm/$pool" ] || refuse "Failed to find logical volume \"$pool\""
    case $1 in
      --metadataprofile) [ -e "profile/$2.profile" ] || refuse "Failed to find profile $2" ;;
    esac
    ;;
  lvs)
    pool=$(last "$@")
    case $pool in
      */*) ;;
      *)
        [ -e "lvm/$pool.vg" ] || refuse "Volume group \"$pool\" not found"
        for file in "lvm/$pool"/*; do
          case $file in *.owner|*'*') ;; *) echo "  ${file##*/}|$(sed -n 's/^in //p' "$file")" ;; esac
        done
        exit 0
        ;;
    esac
    [ -e "lvm/$pool" ] || refuse "Failed to find logical volume \"$pool\""
    echo "  ${pool%/*}|${pool#*/}|$(sed 's/thin/twi-aot---/; s/linear/-wi-a-----/' "lvm/$pool")|199229440S|2097152S"
    ;;
  lvremove)
    pool=$(last "$@")
    [ -e "lvm/$pool" ] || refuse "Failed to find logical volume \"$pool\""
    rm -f "lvm/$pool" "lvm/$pool.owner"
    echo "  Logical volume \"${pool#*/}\" successfully removed"
    ;;
  lsblk)
    device=$(last "$@")
    case $device in /dev/xvd*) ;; *) echo "lsblk: $device: not a block device" >&2; exit 32 ;; esac
    name=${device##*/}
    if [ -e on-device ]; then cat on-device
    elif [ -e "lvm/$name.pv" ]; then echo "NAME=\"$name\" TYPE=\"disk\" SIZE=\"100G\" FSTYPE=\"LVM2_member\" MOUNTPOINT=\"\""
    else echo "NAME=\"$name\" TYPE=\"disk\" SIZE=\"100G\" FSTYPE=\"\" MOUNTPOINT=\"\""
    fi
    ;;
  wipefs) [ ! -e signature ] || cat signature ;;
  dockerd) echo "Docker version $(cat version), build 039a7df9ba" ;;
  engine)
    case $1 in
      stop) rm -f up ;;
      start)
        [ ! -e up ] || exit 0
        driver=$(driver_of daemon.json)
        mkdir -p data/containers "data/$driver" "data/image/$driver"
        if [ "$driver" = devicemapper ]; then
          named=$(option daemon.json dm.thinpooldev)
          device=$(option daemon.json dm.directlvm_device)
          if [ -n "$device" ] && [ ! -e data/devicemapper/setup-config.json ]; then
            if ! is_empty "$device" || [ -e lvm/docker.vg ]; then
              echo "Error starting daemon: error initializing graphdriver: $device is already part of a volume group" >&2
              exit 1
            fi
            pvcreate "${device##*/}" && vgcreate docker "$device"
            if [ -e half ]; then echo 'Error starting daemon: error initializing graphdriver: exit status 5' >&2; rm half; exit 1; fi
            echo thin >lvm/docker/thinpool
            echo '{}' >data/devicemapper/setup-config.json
          fi
          if [ -n "$named$device" ]; then
            if [ "$(cat lvm/docker/thinpool 2>/dev/null)" != thin ]; then
              echo 'Error starting daemon: error initializing graphdriver: devicemapper: Non existing device docker-thinpool' >&2
              exit 1
            fi
            if [ "$(cat lvm/docker/thinpool.owner 2>/dev/null)" != "$(cat data/devicemapper/owner 2>/dev/null)" ]; then
              echo 'Error starting daemon: error initializing graphdriver: devmapper: Unable to take ownership of thin-pool (docker-thinpool) that already has used data blocks' >&2
              exit 1
            fi
            [ -e data/devicemapper/owner ] || date +%s%N | tee data/devicemapper/owner >lvm/docker/thinpool.owner
          else
            [ -e data/devicemapper/devicemapper/data ] || { mkdir -p data/devicemapper/devicemapper; echo new >data/devicemapper/devicemapper/data; }
          fi
        fi
        cat daemon.json 2>/dev/null >up || printf '{}' >up
        ;;
    esac
    ;;
  docker)
    case "$1" in --version) echo "Docker version $(cat version), build 039a7df9ba"; exit 0 ;; esac
    if [ ! -e up ]; then echo "Cannot connect to the Docker daemon at $DOCKER_HOST. Is the docker daemon running?" >&2; exit 1; fi
    driver=$(driver_of up)
    verb=$1
    shift
    case $verb in
      info)
        case "$*" in *LiveRestoreEnabled*) cat live-restore 2>/dev/null || echo false; exit 0 ;; esac
        status=
        if [ "$driver" = devicemapper ]; then
          if [ -n "$(option up dm.thinpooldev)$(option up dm.directlvm_device)" ]; then
            status='["Pool Name","docker-thinpool"],["Pool Blocksize","524.3kB"],["Data Space Used","19.92MB"],["Data Space Total","102GB"],["Metadata Space Used","147.5kB"],["Metadata Space Total","1.07GB"],["Udev Sync Supported","true"]'
          else
            status='["Pool Name","docker-202:1-8413957-pool"],["Data file","/dev/loop0"],["Data Space Used","11.8MB"],["Data Space Total","107.4GB"],["Data loop file","/var/lib/docker/devicemapper/devicemapper/data"]'
          fi
        fi
        printf '{"ServerVersion":"%s","Driver":"%s","DriverStatus":[%s],"DockerRootDir":"%s/data","LiveRestoreEnabled":%s}\n' \
          "$(cat version)" "$driver" "$status" "$PWD" "$(cat live-restore 2>/dev/null || echo false)"
        ;;
      ps)
        for file in data/containers/*; do
          [ -e "$file" ] || continue
          IFS='|' read -r own image manager <"$file/own"
          [ "$own" = "$driver" ] || continue
          name=${file##*/}
          id=$(printf %s "$name" | sha256sum | cut -c 1-64)
          case "$*" in
            *Names*) echo "$name|$image|Up 2 hours|$manager" ;;
            *container*) printf 'container\t%s\t0\tUp 2 hours\n' "$id" ;;
            *) echo "$id" ;;
          esac
        done
        ;;
      inspect)
        case "$*" in
          *json\ .Id*)
            for file in data/containers/*; do
              name=${file##*/}
              id=$(printf %s "$name" | sha256sum | cut -c 1-64)
              case "$*" in *"$id"*) ;; *) continue ;; esac
              case "$*" in *RestartPolicy*) rest='"always",false,{}' ;; *) rest='"running","0001-01-01T00:00:00Z",{}' ;; esac
              [ "${rest#*running}" = "$rest" ] && rest="\"2018-11-01T00:00:00Z\",$rest"
              printf '["%s","/%s","app:1","sha256:00","2018-11-01T00:00:00Z",%s]\n' "$id" "$name" "$rest"
            done
            ;;
          *State.Running*) [ -e "data/containers/$(last "$@")" ] && echo true ;;
          *) printf '[%s]\n' "$*" ;;
        esac
        ;;
      images)
        # Backups of pets are not asked for again.
        case "$*" in *filter*) exit 0 ;; esac
        for file in "data/image/$driver"/*; do
          case $file in *.json|*'*') ;; *) echo "${file##*/}" | tr '!' / ;; esac
        done
        ;;
      image)
        case "$*" in *Size*) shift 3; for image in "$@"; do cat size 2>/dev/null || echo 1000000; done ;; esac
        ;;
      commit) : >"data/image/$driver/$(last "$@" | tr / '!')" ;;
      save)
        [ "$1" = -o ] || exit 9
        archive=$2
        shift 2
        printf '%s\n' "$@" >repositories
        tar -cf "$archive" repositories
        ;;
      load)
        tar -xOf "$2" repositories >loaded || exit 1
        while read -r image; do : >"data/image/$driver/$(echo "$image" | tr / '!')"; done <loaded
        ;;
    esac
    ;;
esac
