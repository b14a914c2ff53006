# secret_uncreate ROOT STACK NAME
# The version that secret_create made goes again.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
name=$1
[ -s "$root/$name.new" ] || exit 0
version=$(cat "$root/$name.new")
names=$(docker secret ls --format '{{.Name}}') || exit 1
if printf '%s\n' "$names" | grep -qxF "$version"; then
  docker secret rm "$version" >/dev/null || exit 1
fi
rm -f "$root/$name.new"
