# is_copied EXAMPLES COPY: is the copy what the checkout is today? (checkout_lib.sh)
#
# Exit codes: 0 yes; 1 no; 2 there is no such checkout.

# shellcheck source=checkout_lib.sh
. ./checkout_lib.sh
[ -d "$1" ] || {
  echo "there is no folder $1" >&2
  exit 2
}
[ "$(content "$1")" = "$(content "$2")" ]
