# tidied ROOT STACK SECRET...
# Is nothing left of what was before: old versions of secrets, notes of the change? 0 yes, 1 no.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=tidy_lib.sh
. ./tidy_lib.sh
for secret; do
  if [ -f "$root/$secret.new" ] || [ -n "$(old_versions "$secret")" ]; then exit 1; fi
done
for note in before tasks nodes deployed.before; do
  [ ! -f "$root/$stack.$note" ] || exit 1
done
