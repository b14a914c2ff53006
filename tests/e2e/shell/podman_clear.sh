# Nothing of Podman stands here.
podman ps -aq | xargs -r podman rm -fv >/dev/null
podman images -q --no-trunc | sort -u | xargs -r podman rmi -f >/dev/null
podman volume ls -q | xargs -r podman volume rm >/dev/null
rm -f /etc/systemd/system/fairlead-* /etc/systemd/lab.wants/fairlead-*
