# HOST AUTHORITY NAME TAG NAME TAG: prints - before each package that the first image alone has, +
# before what the second alone has. Exit code 19: there is no such image, 20: one says nothing of
# its packages, or was changed since it said so.
host=$1 authority=$2
# shellcheck source=registry.sh
. ./registry.sh
reach

# packages NAME TAG: prints its packages, a line each.
packages() {
  configuration=$(configuration_of "$1" "$2") || refuse "$host has no $1:$2" 19
  names=$(printf %s "$configuration" | label_packages | tr -s ' ' '\n' | LC_ALL=C sort)
  [ -n "$names" ] || refuse "$1:$2 says nothing of its packages: it was not built by fairlead" 20
  is_as_built "$configuration" ||
    refuse "$1:$2 was changed after it was built, and what it says of its packages is of before" 20
  printf '%s\n' "$names"
}

old=$(packages "$3" "$4") || exit
new=$(packages "$5" "$6") || exit
{
  printf '%s\n' "$old"
  echo --
  printf '%s\n' "$new"
} | awk '
  $0 == "--" { second = 1; next }
  !second { old[$0]; next }
  $0 in old { delete old[$0]; next }
  { print "+" $0 }
  END { for (word in old) print "-" word }' | LC_ALL=C sort -k 1.2
