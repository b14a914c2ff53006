# secret_create ROOT STACK NAME, the value by stdin
# The value becomes the version NAME-N, one more than the last that anybody has.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
set -eu
name=$1
[ -s "$root/key" ] || write_whole "$root/key" head -c 32 /dev/urandom
names=$(docker secret ls --format '{{.Name}}')
last=$(printf '%s\n' "$names" | sed -n "s/^$name-\([0-9][0-9]*\)\$/\1/p" | sort -n | tail -n 1)
version=$name-$((${last:-0} + 1))
echo "$version" >"$root/$name.new"
digest=$(keyed_digest </dev/stdin)
docker secret create --label "fairlead.stack=$stack" --label "fairlead.secret=$name" --label "fairlead.digest=$digest" "$version" - >/dev/null
