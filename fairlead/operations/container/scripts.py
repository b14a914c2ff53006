"""Constant sh programs for what no single command says. They get their words as positional parameters; none is ever pasted together.

A container's state on the host: ROOT/current/PATH is what it works on, ROOT/current/.defaults/PATH what the image brought (to tell what somebody
changed). ROOT/kept is the copy of a change under way, ROOT/previous that of the version before, ROOT/failed what a version that did not become
healthy left behind, ROOT/newer-TIME what a rollback set aside. A volume is named KIND:PATH[:KEEP...].
"""

# Copies PATH of a container to ROOT/PATH with owners and modes; a missing one becomes an empty directory. `cp` to a folder gives all to root, and
# Podman's does so in an archive too: there the files are taken from where they lie, in a volume or in the layers. Podman fills the volumes of an
# image at the first start only, so what an image brings is looked at without them.
TAKE = """
volume() {
  "$engine" container inspect --format '{{range .Mounts}}{{println .Destination .Source}}{{end}}' "$1" | sort | while read -r at from; do
    [ -n "$from" ] || continue
    case $2/ in "$at"/*) [ ! -d "$from${2#"$at"}" ] || printf '%s\\n' "$from${2#"$at"}" ;; esac
  done | tail -n 1
}
layers() {
  mounted=$("$engine" mount "$1") && [ -n "$mounted" ] || return 1
  if [ -e "$mounted$2" ] && [ "$(readlink -f "$mounted$2")" != "$(readlink -f "$mounted")$2" ]; then
    echo "$2 of $1 is a link, or lies behind one" >&2; return 1
  fi
  printf '%s\\n' "$mounted$2"
}
take() {
  mkdir -p "$3${2%/*}"
  if [ "$engine" = podman ]; then
    lies=$(volume "$1" "$2")
    [ -n "$lies" ] || lies=$(layers "$1" "$2") || exit 1
    if [ -d "$lies" ]; then cp -a "$lies" "$3$2"; else mkdir -p "$3$2"; fi
    "$engine" umount "$1" >/dev/null 2>&1 || :
    return
  fi
  rm -f "$3/.failed"
  if ! { "$engine" cp "$1:$2" - 2>"$3/.said" || : >"$3/.failed"; } | tar -xpf - --numeric-owner -C "$3${2%/*}" 2>"$3/.tar"; then
    [ -e "$3/.failed" ] || { cat "$3/.tar" >&2; exit 1; }
  fi
  if [ -e "$3/.failed" ]; then
    grep -qiE 'could not (be )?f(i|ou)nd|no such (file|container:path)|does not exist' "$3/.said" || { cat "$3/.said" >&2; exit 1; }
    mkdir -p "$3$2"
  fi
  rm -f "$3/.failed" "$3/.said" "$3/.tar"
}
open_image() {
  "$engine" rm -f -v "$2" >/dev/null 2>&1 || :
  if [ "$engine" = podman ]; then "$engine" create --image-volume ignore --name "$2" "$1" true >/dev/null
  else "$engine" create --name "$2" "$1" true >/dev/null; fi
}
close_image() { "$engine" rm -f -v "$1" >/dev/null; }
kind() { printf %s "${1%%:*}"; }
path() { p=${1#*:}; printf %s "${p%%:*}"; }
"""

# ENGINE IMAGE TEMPORARY ROOT VOLUME...: the volumes that are not there yet begin as the image has them.
SEED = (
    "set -eu; umask 077; engine=$1 image=$2 name=$3 root=$4; shift 4\n"
    + TAKE
    + """
mkdir -p "$root/current/.defaults"; rm -rf "$root/new"; mkdir "$root/new"
open_image "$image" "$name"
for v; do
  at=$(path "$v")
  [ ! -d "$root/current$at" ] || continue
  take "$name" "$at" "$root/new"
  mkdir -p "$root/current${at%/*}" "$root/current/.defaults${at%/*}"
  if [ "$(kind "$v")" = config ]; then rm -rf "$root/current/.defaults$at"; cp -a "$root/new$at" "$root/current/.defaults$at"; fi
  mv "$root/new$at" "$root/current$at"
done
close_image "$name"; rm -rf "$root/new"
"""
)

# ENGINE TEMPORARY ROOT VOLUME...: takes away what SEED or ADOPT made, and nothing else: the volumes named were not there before.
UNSEED = (
    "set -u; engine=$1 name=$2 root=$3; shift 3\n"
    + TAKE
    + """
"$engine" rm -f -v "$name" >/dev/null 2>&1
rm -rf "$root/new"
cd "$root" 2>/dev/null || exit 0
for v; do
  at=$(path "$v")
  rm -rf "current$at" "current/.defaults$at" || exit 1
  rmdir -p "current/.defaults${at%/*}" 2>/dev/null
  rmdir -p "current${at%/*}" 2>/dev/null
done
rmdir "$root" 2>/dev/null || :
"""
)

# ROOT PATH...: are all the volumes there?
SEEDED = 'root=$1; shift; for p; do [ -d "$root/current$p" ] || exit 1; done'

# ENGINE OLD-CONTAINER OLD-IMAGE TEMPORARY ROOT VOLUME...: what a stopped container holds inside becomes its state on the host.
ADOPT = (
    "set -eu; umask 077; engine=$1 old=$2 image=$3 name=$4 root=$5; shift 5\n"
    + TAKE
    + """
mkdir -p "$root/current/.defaults"; rm -rf "$root/new"; mkdir -p "$root/new/.defaults"
open_image "$image" "$name"
for v; do
  at=$(path "$v")
  take "$old" "$at" "$root/new"
  mkdir -p "$root/current${at%/*}" "$root/current/.defaults${at%/*}"
  if [ "$(kind "$v")" = config ]; then take "$name" "$at" "$root/new/.defaults"; mv "$root/new/.defaults$at" "$root/current/.defaults$at"; fi
  mv "$root/new$at" "$root/current$at"
done
close_image "$name"; rm -rf "$root/new"
"""
)

# ENGINE IMAGE TEMPORARY ROOT VOLUME...: what the new image brings, laid ready before anything is stopped.
FETCH = (
    "set -eu; umask 077; engine=$1 image=$2 name=$3 root=$4; shift 4\n"
    + TAKE
    + """
mkdir -p "$root"; rm -rf "$root/arriving"; mkdir "$root/arriving"
open_image "$image" "$name"
for v; do [ "$(kind "$v")" != config ] || take "$name" "$(path "$v")" "$root/arriving"; done
close_image "$name"
"""
)

# ROOT: takes away what FETCH laid ready. FILE: what REMEMBER wrote.
FORGET = 'rm -f "$1"; rmdir "${1%/*}" 2>/dev/null || :'
UNFETCH = 'rm -rf "$1/arriving"; rmdir "$1" 2>/dev/null || :'

# ROOT: the copy to return to. ROOT: the return.
COPY = """set -eu; root=$1
rm -rf "$root/kept.new"
cp -a --reflink=auto "$root/current" "$root/kept.new" 2>/dev/null || { rm -rf "$root/kept.new"; cp -a "$root/current" "$root/kept.new"; }
sync -f "$root/kept.new" 2>/dev/null || sync
mv "$root/kept.new" "$root/kept" """
RETURN = """set -eu; root=$1
rm -rf "$root/kept.new"
[ -d "$root/kept" ] || exit 0
if [ -d "$root/current" ]; then rm -rf "$root/failed"; mv "$root/current" "$root/failed"; fi
mv "$root/kept" "$root/current" """

# ROOT: a copy that nobody needs any more is laid by, never lost.
LAY_BY = """set -eu; root=$1
if [ -d "$root/kept" ]; then to=$root/kept-$(date -u +%Y%m%dT%H%M%SZ); mv "$root/kept" "$to"; echo "the copy lies in $to"; fi"""

# OLD NEW CURRENT KEEP ENTRY...: one pass of the merge, over entries of NEW.
_MERGE_NEW = """set -eu
there() { [ -e "$1" ] || [ -h "$1" ]; }
is_dir() { [ -d "$1" ] && [ ! -h "$1" ]; }
alike() {
  if [ -h "$1" ] || [ -h "$2" ]; then [ -h "$1" ] && [ -h "$2" ] && [ "$(readlink "$1")" = "$(readlink "$2")" ]
  elif [ -d "$1" ] || [ -d "$2" ]; then [ -d "$1" ] && [ -d "$2" ]
  else [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]; fi
}
put() {
  if is_dir "$1"; then
    [ ! -e "$2" ] && [ ! -h "$2" ] || rm -f "$2"
    mkdir "$2"; chown --reference="$1" "$2"; chmod --reference="$1" "$2"
  else cp -a "$1" "$2.fairlead-new"; mv -fT "$2.fairlead-new" "$2"; fi
}
kept() { case ":$keep:" in *":$1:"*) return 0 ;; esac; case $1 in */*) kept "${1%/*}" ;; *) return 1 ;; esac; }
old=$1 new=$2 current=$3 keep=$4; shift 4
"""
MERGE_NEW = (
    _MERGE_NEW
    + """for e; do
  e=${e#./}
  if kept "$e"; then continue; fi
  if ! there "$current/$e"; then
    if there "$old/$e" || ! there "$current/$(dirname "$e")"; then continue; fi
    put "$new/$e" "$current/$e"
  elif alike "$new/$e" "$current/$e"; then :
  elif there "$old/$e" && alike "$old/$e" "$current/$e" && ! is_dir "$current/$e"; then put "$new/$e" "$current/$e"
  elif ! there "$old/$e" || ! alike "$old/$e" "$new/$e"; then printf 'kept as it was changed here: %s\\n' "$e"
  fi
done"""
)
MERGE_OLD = (
    _MERGE_NEW
    + """for e; do
  e=${e#./}
  if kept "$e" || there "$new/$e" || ! there "$current/$e" || ! alike "$old/$e" "$current/$e"; then continue; fi
  if is_dir "$current/$e"; then rmdir "$current/$e" 2>/dev/null || :; else rm -f "$current/$e"; fi
done"""
)

# MERGE-NEW MERGE-OLD ROOT VOLUME...: config volumes take over what the new image brings, as a package manager does with conffiles.
MERGE = (
    "set -eu; pass_new=$1 pass_old=$2 root=$3; shift 3\n"
    + TAKE
    + """
for v; do
  [ "$(kind "$v")" = config ] || continue
  at=$(path "$v"); rest=${v#*:}; keep=${rest#"$at"}
  old=$root/current/.defaults$at new=$root/arriving$at current=$root/current$at
  mkdir -p "$old"
  (cd "$new" && find . ! -name . -exec sh -c "$pass_new" merge "$old" "$new" "$current" "${keep#:}" {} +)
  (cd "$old" && find . -depth ! -name . -exec sh -c "$pass_old" merge "$old" "$new" "$current" "${keep#:}" {} +)
  rm -rf "$old"; mv "$new" "$old"
done
rm -rf "$root/arriving"
"""
)

# ENGINE NAME-FILTER SPEC IMAGE: does it run, as the site says, on the image that this name means now?
CURRENT = """id=$("$1" container ls -aq --no-trunc --filter "$2") || exit 2
[ -n "$id" ] || exit 1
is=$("$1" container inspect --format '{{.Image}} {{.State.Running}} {{index .Config.Labels "fairlead.spec"}}' "$id") || exit 2
new=$("$1" image inspect --format '{{.Id}}' "$4") || exit 2
[ "$is" = "$new true $3" ]"""

# ENGINE IMAGE: has the registry nothing newer under this name? A registry that cannot be asked so counts as "it has".
# The client has to be told what the engine knows: that it is one without TLS. Of a list of manifests Podman tells no more than their digests.
FRESH = """plain() {
  "$1" info --format '{{range .RegistryConfig.IndexConfigs}}{{if not .Secure}}{{println .Name}}{{end}}{{end}}' | grep -qxF "${2%%/*}"
}
found=$("$1" image ls -q --no-trunc "$2") || exit 2
[ -n "$found" ] || exit 1
is=$("$1" image inspect --format '{{.Id}}{{range .RepoDigests}}{{println}}{{.}}{{end}}' "$2") || exit 2
is=$(printf '%s\n' "$is" | sed 's/.*@//; s/^sha256://')
{ "$1" manifest inspect -v "$2" || "$1" manifest inspect "$2" || { plain "$@" && "$1" manifest inspect --insecure "$2"; }; } 2>/dev/null |
  grep -qF "$is" """

# ENGINE IMAGE: "IMAGE IMAGE@DIGEST", what the name means today; an image that no registry knows has no digest and is named as it is.
DIGEST = """is=$("$1" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$2") || exit 1
is=$(printf '%s\\n' "$is" | sed -n '/@sha256:/{p;q;}'); printf '%s %s\\n' "$2" "${is:-$2}" """

# ENGINE "IMAGE IMAGE@DIGEST" IMAGE: another host found out what its image means today. Where ours has the same name, it is that very one here
# too; where it has not (hosts of two flavors), our own name decides. First the question, then the answer.
PINNED = (
    """if [ "${2%% *}" = "$3" ]; then
  found=$("$1" image ls -q --no-trunc "$3") || exit 2
  [ -n "$found" ] || exit 1
  is=$("$1" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$3") || exit 2
  printf '%s\\n' "$is" | grep -qxF "${2#* }"
  exit
fi
set -- "$1" "$3"
"""
    + FRESH
)
PULL_PINNED = """[ "${2%% *}" = "$3" ] || exec "$1" pull "$3"
"$1" pull "${2#* }" && "$1" tag "${2#* }" "$3" """

# ENGINE CONTAINER NAME: give a container this name, whatever it is called now.
RENAME = """is=$("$1" container inspect --format '{{.Name}}' "$2") || exit 1
[ "${is#/}" = "$3" ] || "$1" rename "$2" "$3" """

# ENGINE NAME-FILTER KEEP-ID: remove the container of this name, unless it is the one with that ID; its last words first.
DISCARD = """id=$("$1" container ls -aq --no-trunc --filter "$2") || exit 1
[ -n "$id" ] && [ "$id" != "$3" ] || exit 0
"$1" logs --tail 20 "$id" 2>&1 || :
"$1" rm -f -v "$id" """

# FOLDER NAME WORD...: what the words print becomes FOLDER/NAME-TIME, readable by us alone.
SAVE = """set -eu; umask 077; folder=$1 name=$2; shift 2
mkdir -p "$folder"; file=$folder/$name-$(date -u +%Y%m%dT%H%M%SZ)
"$@" >"$file.new" || { rm -f "$file.new"; exit 1; }
sync "$file.new" 2>/dev/null || sync
mv "$file.new" "$file"; printf '%s\\n' "$file" """

# FILE WORD...: remember what the words print. FILE WORD...: do they still print it? (0 also where nothing is remembered)
REMEMBER = 'set -eu; umask 077; file=$1; shift; mkdir -p "${file%/*}"; "$@" >"$file.new" || exit 1; mv "$file.new" "$file"'
RECALL = """file=$1; shift
[ -e "$file" ] || exit 0
now=$("$@") || exit 2
[ "$now" = "$(cat "$file")" ] || { printf 'before:\\n%s\\nnow:\\n%s\\n' "$(cat "$file")" "$now" >&2; exit 1; }"""

# ENGINE OLD-CONTAINER NAME PREVIOUS-FILTER ROOT OLD-IMAGE TAG: the one kept becomes the previous one, the one before that goes last.
FINISH = """set -eu; engine=$1 old=$2 name=$3 filter=$4 root=$5 image=$6 tag=$7
"$engine" rm -v "$name.before" >/dev/null 2>&1 || :
before=$("$engine" container ls -aq --no-trunc --filter "$filter")
if [ -n "$before" ] && [ "$before" != "$old" ]; then "$engine" rename "$before" "$name.before"; fi
[ -n "$before" ] && [ "$before" = "$old" ] || "$engine" rename "$old" "$name.previous"
"$engine" tag "$image" "$tag"
if [ -n "$root" ]; then
  rm -rf "$root/before"
  if [ -d "$root/previous" ]; then mv "$root/previous" "$root/before"; fi
  if [ -d "$root/kept" ]; then mv "$root/kept" "$root/previous"; fi
  rm -rf "$root/before" "$root/remembered" "$root/arriving" || :
fi
"$engine" rm -v "$name.before" >/dev/null 2>&1 || :"""
# The same words, and `copied` where there was a copy of the state.
UNFINISH = """engine=$1 old=$2 name=$3 filter=$4 root=$5 copied=$6
is=$("$engine" container inspect --format '{{.Name}}' "$old") || exit 1
if [ "${is#/}" = "$name.previous" ]; then "$engine" rename "$old" "$name.kept" || exit 1; fi
if "$engine" container inspect "$name.before" >/dev/null 2>&1; then "$engine" rename "$name.before" "$name.previous" || exit 1; fi
[ -n "$root" ] || exit 0
if [ -n "$copied" ] && [ ! -d "$root/kept" ]; then mv "$root/previous" "$root/kept" || exit 1; fi
if [ -d "$root/before" ] && [ ! -d "$root/previous" ]; then mv "$root/before" "$root/previous"; fi"""

# ROOT: the state of the version before takes the place of today's, which is set aside. ROOT: back again. ROOT: today's gets its name for good, which
# is noted. ROOT: back again.
ASIDE = """set -eu; root=$1
if [ -d "$root/current" ]; then mv "$root/current" "$root/newer"; fi
if [ -d "$root/previous" ]; then mv "$root/previous" "$root/current"; fi"""
UNASIDE = """set -eu; root=$1
[ -d "$root/newer" ] || exit 0
if [ -d "$root/current" ]; then mv "$root/current" "$root/previous"; fi
mv "$root/newer" "$root/current" """
SHELVE = """set -eu; root=$1
rm -f "$root/shelved"
[ -d "$root/newer" ] || exit 0
to=$root/newer-$(date -u +%Y%m%dT%H%M%SZ); printf %s "$to" >"$root/shelved"
mv "$root/newer" "$to"; echo "the newer state lies in $to" """
UNSHELVE = """root=$1
[ -e "$root/shelved" ] || exit 0
[ -d "$root/newer" ] || mv "$(cat "$root/shelved")" "$root/newer" || exit 1
rm -f "$root/shelved" """

# ENGINE CONTAINER WORD...: start it, or where it is gone do what the words say.
START_OR = 'engine=$1 id=$2; shift 2; "$engine" start "$id" 2>/dev/null || "$@"'

# ENGINE ROOT OLD-IMAGE TAG: under Compose no container is kept; its image and its state are.
FINISH_COMPOSE = """set -eu; engine=$1 root=$2 image=$3 tag=$4
"$engine" tag "$image" "$tag"
rm -rf "$root/before"
if [ -d "$root/kept" ]; then
  if [ -d "$root/previous" ]; then mv "$root/previous" "$root/before"; fi
  mv "$root/kept" "$root/previous"
fi
rm -rf "$root/before" "$root/remembered" "$root/arriving" || :"""
UNFINISH_COMPOSE = """root=$1 copied=$2
if [ -n "$copied" ] && [ ! -d "$root/kept" ]; then mv "$root/previous" "$root/kept" || exit 1; fi
if [ -d "$root/before" ] && [ ! -d "$root/previous" ]; then mv "$root/before" "$root/previous"; fi"""
