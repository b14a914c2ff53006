# open_backup ENGINE CONTAINER FILE FOLDER ROOT NAME SYSTEM COMPONENT PATH...
# The state in FILE (a path, a name in FOLDER, or "": the newest of NAME there) lies in ROOT/restoring, once the
# backup has proved to be whole, of this very component and of no newer version than the container's. A
# PATH that it does not hold is left to `swap_state`. Prints which it is. 1: it is none that fits.
set -eu
# shellcheck source=backup_lib.sh
. ./backup_lib.sh
# shellcheck source=time_lib.sh
. ./time_lib.sh
umask 077
engine=$1 container=$2 file=$3 folder=$4 root=$5 name=$6 system=$7 component=$8

# refuse WORD...
refuse() {
  echo "$file: $*" >&2
  exit 1
}

# shellcheck disable=SC2086 # TIME is a pattern
case $file in
  '')
    file="$folder/$name-backup-*.tar"
    for each in "$folder/$name"-backup-$TIME.tar; do [ ! -f "$each" ] || file=$each; done
    ;;
  /*) ;;
  *) file=$folder/$file ;;
esac
[ -f "$file" ] || refuse "there is no such backup"

# It is what it says
names=$(tar -tf "$file" 2>/dev/null | tr '\n' ' ') || names=
case $names in
  "manifest state.tar.gz " | "manifest state.tar.gz dump.gz ") ;;
  *) refuse "is no backup of fairlead's, or not whole" ;;
esac
manifest=$(tar -xOf "$file" manifest) || refuse "cannot be read"
[ "$(echo "$manifest" | value backup)" = 1 ] || refuse "was written by a newer fairlead"
for part in state.tar.gz dump.gz; do
  case $names in *"$part "*) ;; *) continue ;; esac
  digest=$(tar -xOf "$file" "$part" | sha256sum)
  echo "$manifest" | grep -qxF "sha256 ${digest%% *}  $part" || refuse "$part is not as it was written"
done

# It fits
of="$(echo "$manifest" | value system).$(echo "$manifest" | value component)"
[ "$of" = "$system.$component" ] || refuse "is a backup of $of, not of $system.$component"
now=$(image_lines "$engine" "$container")
if [ "$(echo "$manifest" | value image-id)" != "$(echo "$now" | value image-id)" ]; then
  then=$(echo "$manifest" | value image-created) today=$(echo "$now" | value image-created)
  case " $then $today " in
    *" unknown "* | " $then $then ") refuse "is of another image, and which of the two is newer is not known" ;;
  esac
  newest=$(printf '%s\n%s\n' "$then" "$today" | sort | tail -n 1)
  [ "$newest" = "$today" ] || refuse "is of a newer version ($(echo "$manifest" | value image) of $then; here runs one of $today): upgrade first"
fi

# Nothing in it leaves its folder, or is a device
state() { tar -xOf "$file" state.tar.gz | gzip -dc; }
# (busybox takes what leads out of it off the names, and says so)
if state | tar -tf - 2>&1 | grep -qE '^/|(^|/)\.\.(/|$)|^tar: [Rr]emoving leading'; then refuse "holds a path that leads out of it"; fi
if state | tar -tvf - | grep -q '^[^-dlhp]'; then refuse "holds a device"; fi
rm -rf "$root/restoring"
mkdir -p "$root/restoring"
state | tar -C "$root/restoring" -xpf - --numeric-owner
echo "$file, of $(echo "$manifest" | value host), $(echo "$manifest" | value time)"
