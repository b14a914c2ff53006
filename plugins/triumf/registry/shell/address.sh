# NAME: prints its IPv4 address; nothing where it has none.
# shellcheck source=../../common/shell/addresses.sh
. ../../common/shell/addresses.sh
address_of "$1"
