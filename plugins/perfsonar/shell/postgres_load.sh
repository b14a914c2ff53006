# ENGINE IMAGE TEMPORARY ROOT DUMPS LABEL PROGRAM: the newest of DUMPS (DUMPS-TIME) is loaded into the new
# database, in a container of the image where nothing else runs; nobody uses it meanwhile. PROGRAM: what
# does it there. LABEL: of the mount, as the engine takes it.
set -eu
# shellcheck source=../../../fairlead/operations/container/shell/time_lib.sh
. ../../../fairlead/operations/container/shell/time_lib.sh
engine=$1 image=$2 temporary=$3 root=$4 label=$6 program=$7
dump=$(find "${5%/*}" -name "${5##*/}-$TIME" | sort | tail -n 1)
[ -n "$dump" ] || { echo "there is no dump $5-*" >&2; exit 1; }
tail -n 20 "$dump" | grep -q 'PostgreSQL database cluster dump complete' || { echo "$dump is not whole" >&2; exit 1; }
"$engine" rm -f -v "$temporary" >/dev/null 2>&1 || :
set -- -v "$root/current/var/lib/postgresql:/var/lib/postgresql$label"
[ ! -d "$root/current/var/lib/pgsql" ] || set -- "$@" -v "$root/current/var/lib/pgsql:/var/lib/pgsql$label"
"$engine" run --rm -i --name "$temporary" --network none "$@" --entrypoint sh "$image" -c "$program" <"$dump"
rm -f "$root/postgresql"
