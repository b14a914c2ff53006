# have_driver DRIVER ADDRESS...: has this driver of the kernel each of these PCI devices?
#
# Exit codes: 0 yes; 1 no; 2 there is no such device.

driver=$1 code=0
shift
for address; do
  device=${SYSFS:-/sys}/bus/pci/devices/$address
  [ -e "$device" ] || {
    echo "there is no PCI device $address" >&2
    exit 2
  }
  link=$(readlink "$device/driver") || link=none
  [ "${link##*/}" = "$driver" ] || code=1
done
exit "$code"
