# deploy ROOT STACK PATIENCE STEADY ENV SECRETS IMAGES RESOLVE FILE...
# The stack is deployed; what there was before is noted first.
# shellcheck source=prepare_lib.sh
. ./prepare_lib.sh
prepare "$@" || exit 1
all=$(services) || exit 1
for service_id in $all; do
  printf '%s %s\n' "$(docker service inspect --format '{{.Spec.Name}}' "$service_id")" "$(service_hash "$service_id")"
done >"$root/$stack.before.new"
docker stack ps -q --no-trunc "$stack" >"$root/$stack.tasks" 2>/dev/null
rm -f "$root/$stack.deployed.before"
[ ! -f "$root/$stack.deployed" ] || mv "$root/$stack.deployed" "$root/$stack.deployed.before"
mv "$root/$stack.before.new" "$root/$stack.before"
for file; do
  shift
  set -- "$@" -c "$file"
done
[ "$resolve" = never ] || set -- --with-registry-auth "$@"
docker stack deploy --resolve-image "$resolve" "$@" "$stack" || exit 1
printf '%s %s\n' "$FAIRLEAD_SPEC" "$(stack_hash)" >"$root/$stack.deployed"
