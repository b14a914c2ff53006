# leftovers ENGINE CONTAINERS ROOT BACKUPS IMAGE KEEPING-NAME...
# What changes of a container have left on this host, a line each: KIND, NAME, BYTES, AGE in seconds, and
# what it is for ("-": nothing that fairlead knows), with tabs between. BYTES or AGE "-": not known.
# KIND: container, state, backup (of one change), whole backup (by the verb), image, own (fairlead's). ROOT: "" where it has no state. IMAGE: as the site names it; those of
# the containers' own names are seen too. CONTAINERS: names of one image, with blanks between. KEEPING-NAME: one that keeps the image of the version before. 2: the engine does not answer.
# shellcheck source=time_lib.sh
. ./time_lib.sh
engine=$1 containers=$2 root=$3 backups=$4 names=" $5 "
shift 5
now=$(date +%s)
tab=$(printf '\t')

# line KIND NAME BYTES AGE USE
line() { printf '%s\t%s\t%s\t%s\t%s\n' "$@"; }

# age FILE
# Prints how many seconds ago it was changed.
age() { stat -c %Y "$1" 2>/dev/null | { read -r changed && echo $((now - changed)) || echo -; }; }

# bytes PATH
# Prints what it takes on the disk.
bytes() { du -sk "$1" 2>/dev/null | { read -r size _ && echo $((size * 1024)) || echo -; }; }

# is_ours REPOSITORY
# Exit: 0 one of the names is of this repository.
is_ours() {
  for known in $names; do
    known=${known%%@*}
    case ${known##*/} in *:*) known=${known%:*} ;; esac
    [ "${known#docker.io/}" != "${1#docker.io/}" ] || return 0
  done
  return 1
}

all=$("$engine" container ls -aq --no-trunc) || exit 2
used=
for id in $all; do
  words=$("$engine" container inspect --format '{{.Name}} {{.Image}} {{.Config.Image}}' "$id" 2>/dev/null) ||
    continue
  name=${words%% *} reference=${words##* }
  words=${words#* }
  image=${words%% *}
  name=${name#/}
  used="$used ${image#sha256:}"
  case ${reference##*/} in *[:@]*) ;; *) reference=$reference:latest ;; esac
  for container in $containers; do
    case $name in "$container" | "$container.previous" | "$container.kept") names="$names$reference " ;; esac
    case $name in
      "$container.previous") line container "$name" - - rollback ;;
      "$container.kept") line container "$name" - - "a change that was cut short" ;;
    esac
  done
done

# shellcheck disable=SC2086 # TIME is a pattern
for state in ${root:+"$root"/current "$root"/previous "$root"/kept "$root"/newer-$TIME "$root"/kept-$TIME}; do
  [ -d "$state" ] || continue
  use=-
  case ${state##*/} in
    current) use="the container" ;;
    previous) use=rollback ;;
    kept) use="a change that was cut short" ;;
  esac
  line state "$state" "$(bytes "$state")" "$(age "$state")" "$use"
done

# backups KIND USE FILE...
# A line for each of those that there are.
backups() {
  kind=$1 use=$2
  shift 2
  for backup; do
    [ ! -f "$backup" ] || line "$kind" "$backup" "$(bytes "$backup")" "$(age "$backup")" "$use"
  done
}

# The names of save.sh, archive.sh and backup.sh; .new: its writer was ended half way. One container's
# name may begin as another's.
# shellcheck disable=SC2086 # TIME is a pattern
for container in $containers; do
  own=$backups/$container
  backups backup - "$own"-$TIME "$own"-$TIME.new "$own"-inside-$TIME.tar.gz "$own"-inside-$TIME.tar.gz.new
  backups "whole backup" restore "$own"-backup-$TIME.tar
  backups backup - "$own"-backup-$TIME.tar.new
done

if [ -d /var/lib/fairlead/runs ]; then
  line own /var/lib/fairlead/runs "$(bytes /var/lib/fairlead/runs)" - "runs.show: the last 50 stay"
fi

images=$("$engine" image ls --no-trunc --format '{{.ID}}{{"\t"}}{{.Repository}}:{{.Tag}}') || exit 2
kept=
for name; do
  id=$("$engine" image inspect --format '{{.Id}}' "$name" 2>/dev/null) && kept="$kept ${id#sha256:}"
done
printf '%s\n' "$images" | while IFS=$tab read -r id name; do
  is_ours "${name%:*}" || continue
  id=${id#sha256:}
  words=$("$engine" image inspect --format '{{.Size}} {{.Created}}' "$id" 2>/dev/null) || continue
  created=$(date -d "$(printf '%s\n' "${words#* }" | cut -c 1-19 | tr T ' ')" +%s 2>/dev/null)
  use=-
  case " $used " in *" $id "*) use="a container" ;; esac
  case " $kept " in *" $id "*) use=rollback ;; esac
  case $names in *" ${name#docker.io/} "* | *" $name "*) use="the name in use" ;; esac
  line image "$name@${id}" "${words%% *}" "$([ -n "$created" ] && echo $((now - created)) || echo -)" "$use"
done
