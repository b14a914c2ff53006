# NAME: prints its IPv4 address, else its IPv6 address; nothing where it has neither.
# shellcheck source=../../common/shell/addresses.sh
. ../../common/shell/addresses.sh
address_of "$1" | grep . || address6_of "$1"
