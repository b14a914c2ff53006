# To be included by a program whose words are PLACE...: files daos_nvme.conf, or block devices on
# whose file system it lies at the top.
#
# `each PROGRAM PLACE...` calls it with the path of each file that is there.
# Exit codes of `each`: 0; that of the program for the first that fails; 3 a device is not mountable.

each() {
  program=$1
  shift
  for place; do
    if [ -b "$place" ]; then
      folder=$(mktemp -d) || return 3
      mount "$place" "$folder" || {
        rmdir "$folder"
        return 3
      }
      code=0
      [ ! -f "$folder/daos_nvme.conf" ] || "$program" "$folder/daos_nvme.conf" || code=$?
      umount "$folder" && rmdir "$folder"
      [ "$code" = 0 ] || return "$code"
    elif [ -f "$place" ]; then
      "$program" "$place" || return
    fi
  done
}
