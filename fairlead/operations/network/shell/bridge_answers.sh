# bridge_answers NAME
# Once all is put back: does one of those answer who did before `bridge`? Whom it noted, and by which
# device, lies below /var/lib/fairlead/backups/net. 0 yes, or nobody did; 1 no, and who does not.
# shellcheck source=taken.sh
. ./taken.sh
neighbours=/var/lib/fairlead/backups/net/$1.neighbours
[ -s "$neighbours" ] || exit 0
while read -r device neighbour; do
  [ "$(taken "$device" "$neighbour" </dev/null)" != taken ] || exit 0
done <"$neighbours"
echo "nobody answers who did before: $(awk '{ print $2 " by " $1 }' "$neighbours" | tr '\n' ' ' | sed 's/ $//')" >&2
exit 1
