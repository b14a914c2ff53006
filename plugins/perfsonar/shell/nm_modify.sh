# nm_modify NAME KEY VALUE...
# The profile of the interface has these settings; what it does today stays until it is activated again.
set -eu
profile=$(nmcli -g GENERAL.CONNECTION device show "$1")
shift
nmcli connection modify "$profile" "$@"
