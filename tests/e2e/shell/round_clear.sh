# ENGINE NAME...: no container of these names is left, nor what fairlead knows of them.
engine=$1
shift
[ "$engine" != docker ] || docker info >/dev/null 2>&1 || systemctl start docker
pkill -9 -f '[/]run/fairlead/runs/.*/body'
for name; do
  filter="name=^$name(\.kept|\.previous|\.before|\.seed)?$"
  "$engine" ps -aq --filter "$filter" | xargs -r "$engine" rm -fv
  rm -f "/etc/systemd/system/fairlead-$name".* "/etc/systemd/lab.wants/fairlead-$name".*
done >/dev/null
rm -rf /var/lib/fairlead/* /run/fairlead/* /var/tmp/fairlead
