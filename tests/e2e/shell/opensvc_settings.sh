# opensvc_settings: the node's daemon.json has nothing that the agents give their engines as options.

[ -e /etc/docker/daemon.json.kept ] || cp /etc/docker/daemon.json /etc/docker/daemon.json.kept
sed -e '/exec-opts/d' -e '/pidfile/d' -e '/insecure-registries/s/,$//' \
  /etc/docker/daemon.json.kept >/etc/docker/daemon.json
