# NODE MARK: it takes jobs again where the reason of its drain begins with MARK.
# shellcheck source=of_node.sh
. ./of_node.sh
of_node "$1" || exit 2
case $reason in
  "$2"*) timeout 60 scontrol update NodeName="$1" State=UNDRAIN || exit ;;
  *) exit 0 ;;
esac
of_node "$1" || exit 2
case $state in *DRAIN*)
  echo "$1 is $state still" >&2
  exit 1
  ;;
esac
