# ROOT ID: is nothing of the lab there, in the file system, among namespaces and links? Exit code 1:
# something is.
root=$1 id=$2
if [ -e "$root" ] || ip netns list | grep -q "^$id-" || ip link show "$id" >/dev/null 2>&1; then
  exit 1
fi
