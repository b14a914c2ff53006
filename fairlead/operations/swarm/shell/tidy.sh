# tidy ROOT STACK SECRET...
# Nothing is left of what was before: old versions of secrets that no service uses any more, and
# notes of the change. A version that is in use is told of.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=tidy_lib.sh
. ./tidy_lib.sh
for secret; do
  old=$(old_versions "$secret") || exit 2
  for version in $old; do
    error=$(docker secret rm "$version" 2>&1) || case $error in
      *"in use"*) echo "$error" ;;
      *)
        echo "$error" >&2
        exit 1
        ;;
    esac
  done
  rm -f "$root/$secret.new"
done
for note in before tasks nodes deployed.before; do rm -f "$root/$stack.$note"; done
