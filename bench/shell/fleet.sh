# FOLDER COUNT PROGRAM...
# Runs a program beside COUNT hosts: mount namespaces with state folders of their own, each held by a
# process whose number is in FOLDER/ns/ADDRESS, and in which login.sh puts whoever logs in at that
# address. They end with the program that started this one.
folder=$1 count=$2
shift 2
mkdir -p "$folder/ns" /var/lib/fairlead /run/fairlead /var/tmp
number=0
while [ "$number" -lt "$count" ]; do
  number=$((number + 1))
  name=$folder/ns/127.1.$((number / 256)).$((number % 256))
  : >"$name"
  setpriv --pdeathsig KILL unshare -m sh "$(dirname "$0")/holder.sh" "$name" &
done
until [ "$(find "$folder/ns" -type f -size +0 | wc -l)" = "$count" ]; do sleep 0.1; done
exec "$@"
