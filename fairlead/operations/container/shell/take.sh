# What brings the state of a container, or the defaults of an image, to the host. Included.
#
# Everything of a container's state lies below one folder ROOT:
#   current/PATH            what the container works on
#   current/.defaults/PATH  what the image brought, to tell what somebody changed
#   new, arriving           what is being brought out, and what a new image brings
#   kept                    the copy of a change under way
#   previous, before        the state of the version before, and of the one before that
#   failed                  what a version that did not become healthy left behind
#   newer-TIME              what a rollback set aside
# A VOLUME is a word KIND:PATH[:KEEP...]; KIND is config or data.

# mounted_at CONTAINER PATH
# Prints the folder of the host where PATH lies, if it lies in a volume of the container.
mounted_at() {
  "$engine" container inspect --format '{{range .Mounts}}{{println .Destination .Source}}{{end}}' "$1" | sort | while read -r at from; do
    [ -n "$from" ] || continue
    case $2/ in "$at"/*) [ ! -d "$from${2#"$at"}" ] || printf '%s\n' "$from${2#"$at"}" ;; esac
  done | tail -n 1
}

# in_layers CONTAINER PATH
# Prints where PATH lies in the layers of a container of Podman; they stay mounted. 1: it is a link.
in_layers() {
  mounted=$("$engine" mount "$1") && [ -n "$mounted" ] || return 1
  if [ -e "$mounted$2" ] && [ "$(readlink -f "$mounted$2")" != "$(readlink -f "$mounted")$2" ]; then
    echo "$2 of $1 is a link, or lies behind one" >&2
    return 1
  fi
  printf '%s\n' "$mounted$2"
}

# take ENGINE CONTAINER PATH TO
# Copies PATH of a container to TO/PATH with owners and modes; a missing one becomes an empty folder.
# `cp` to a folder gives all to root, and Podman's does so in an archive too: there the files are
# taken from where they lie, in a volume or in the layers.
take() {
  engine=$1
  mkdir -p "$4${3%/*}"
  if [ "$engine" = podman ]; then take_by_mount "$2" "$3" "$4"; else take_by_copy "$2" "$3" "$4"; fi
}

# mounted_within CONTAINER PATH
# Prints PLACE FOLDER of each mount below PATH, the outer ones first.
mounted_within() {
  "$engine" container inspect --format '{{range .Mounts}}{{println .Destination .Source}}{{end}}' "$1" | sort |
    while read -r at from; do
      case $at in "$2"/*) printf '%s %s\n' "$at" "$from" ;; esac
    done
}

# take_by_mount CONTAINER PATH TO
# What is mounted below PATH is taken along, as a copy by the engine does it.
take_by_mount() {
  lies=$(mounted_at "$1" "$2")
  [ -n "$lies" ] || lies=$(in_layers "$1" "$2") || exit 1
  if [ -d "$lies" ]; then cp -a "$lies" "$3$2"; else mkdir -p "$3$2"; fi
  mounted_within "$1" "$2" | while read -r at from; do
    rm -rf "$3$at"
    mkdir -p "$3${at%/*}"
    cp -a "$from" "$3$at" || exit 1
  done || exit 1
  "$engine" umount "$1" >/dev/null 2>&1 || :
}

# take_by_copy CONTAINER PATH TO
take_by_copy() {
  rm -f "$3/.failed"
  if ! { "$engine" cp "$1:$2" - 2>"$3/.said" || : >"$3/.failed"; } |
    tar -xpf - --numeric-owner -C "$3${2%/*}" 2>"$3/.tar"; then
    [ -e "$3/.failed" ] || { cat "$3/.tar" >&2; exit 1; }
  fi
  if [ -e "$3/.failed" ]; then
    is_absent "$3/.said" || { cat "$3/.said" >&2; exit 1; }
    mkdir -p "$3$2"
  fi
  rm -f "$3/.failed" "$3/.said" "$3/.tar"
}

# is_absent FILE
# Does the engine say there that a path is not in the container? Each release has other words.
is_absent() {
  grep -qiE 'could not (be )?f(i|ou)nd|no such (file|container:path)|does not exist' "$1"
}

# open_image ENGINE IMAGE NAME
# A container of the image, never started. Podman fills the volumes of an image at the first start
# only, so what an image brings is looked at without them.
open_image() {
  "$1" rm -f -v "$3" >/dev/null 2>&1 || :
  if [ "$1" = podman ]; then
    "$1" create --image-volume ignore --name "$3" "$2" true >/dev/null
  else
    "$1" create --name "$3" "$2" true >/dev/null
  fi
}

# close_image ENGINE NAME
close_image() { "$1" rm -f -v "$2" >/dev/null; }

# make_parents ROOT PATH
# The folders in which a volume and its defaults lie.
make_parents() { mkdir -p "$1/current${2%/*}" "$1/current/.defaults${2%/*}"; }

# kind VOLUME; path VOLUME
kind() { printf %s "${1%%:*}"; }
path() {
  tail=${1#*:}
  printf %s "${tail%%:*}"
}
