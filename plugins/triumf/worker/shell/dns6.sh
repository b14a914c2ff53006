# NAME...: prints what DNS has of IPv6 for each: NAME ADDRESS NAME-OF-ADDRESS, a - for nothing.
# shellcheck source=../../common/shell/addresses.sh
. ../../common/shell/addresses.sh
for name; do
  address=$(address6_of "$name")
  back=$([ -z "$address" ] || getent hosts "$address" | awk '{ print $2; exit }')
  echo "$name" "${address:--}" "${back:--}"
done
