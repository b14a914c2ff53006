# AUTHORITY PLACE: is the authority there, as it is? Exit code 0: yes, 1: no, 2: there is none.
authority=$1 place=$2
[ -f "$authority" ] || {
  echo "there is no $authority" >&2
  exit 2
}
cmp -s "$authority" "$place" || exit 1
