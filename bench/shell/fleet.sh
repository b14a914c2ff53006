# FOLDER COUNT PROGRAM...
# Runs a program beside COUNT hosts: mount namespaces FOLDER/ns/ADDRESS with state folders of their
# own, in which login.sh puts whoever logs in at that address. In a mount namespace itself, with
# which they end.
folder=$1 count=$2
shift 2
mkdir -p "$folder/ns" /var/lib/fairlead /run/fairlead /var/tmp
mount -t tmpfs -o mode=0700 none "$folder/ns"
number=0
while [ "$number" -lt "$count" ]; do
  number=$((number + 1))
  name=$folder/ns/127.1.$((number / 256)).$((number % 256))
  : >"$name"
  unshare --mount="$name" sh -c \
    'for place in /var/lib/fairlead /run/fairlead /var/tmp; do mount -t tmpfs none "$place"; done'
done
exec "$@"
