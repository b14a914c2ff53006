# ENGINE ROOT: nothing of the engine stands here, nor state and runs of fairlead.
engine=$1 root=$2
"$engine" ps -aq | xargs -r "$engine" rm -fv >/dev/null
"$engine" images -q --no-trunc | sort -u | xargs -r "$engine" rmi -f >/dev/null
"$engine" volume ls -q | xargs -r "$engine" volume rm >/dev/null
rm -rf "$root" /var/lib/fairlead/* /etc/systemd/system/fairlead-* /etc/systemd/lab.wants/fairlead-*
