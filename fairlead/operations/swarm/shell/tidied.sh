# tidied ROOT STACK SECRET...
# Is nothing left of what was before: old versions of secrets, notes of the change? 0 yes, 1 no, 2 the
# swarm does not answer.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=tidy_lib.sh
. ./tidy_lib.sh
for secret; do
  old=$(old_versions "$secret") || exit 2
  [ ! -f "$root/$secret.new" ] && [ -z "$old" ] || exit 1
done
for note in before tasks nodes deployed.before; do
  [ ! -f "$root/$stack.$note" ] || exit 1
done
