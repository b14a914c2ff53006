#!/bin/sh
# A stand-in for xcatconfig: -i makes keys, certificates and tables of this host, by its name; -u looks after what there is. Both start the daemon, where systemd is there.
set -e
key() { mkdir -p "${1%/*}" && { [ -s "$1" ] || { head -c 32 /dev/urandom | sha256sum | cut -c1-64 >"$1"; chmod 600 "$1"; }; }; }
certificate() { mkdir -p "${1%/*}" && { [ -s "$1" ] || { echo "Subject: CN=$(hostname)"; head -c 32 /dev/urandom | sha256sum | cut -c1-64; } >"$1.new"; [ ! -e "$1.new" ] || mv "$1.new" "$1"; }; }
case $1 in
  -i)
    rm -f /etc/xcat/hostkeys/ssh_host_rsa_key # an initial installation makes them anew
    key /etc/xcat/hostkeys/ssh_host_rsa_key
    key /root/.ssh/id_rsa ;;
  -u) ;;
  *) exit 2 ;;
esac
certificate /etc/xcat/ca/ca-cert.pem
certificate /etc/xcat/cert/server-cert.pem
certificate /root/.xcat/client-cred.pem
for pair in /root/.ssh/id_rsa:_ssh/authorized_keys /etc/xcat/hostkeys/ssh_host_rsa_key:hostkeys/ssh_host_rsa_key.pub /etc/xcat/ca/ca-cert.pem:ca/ca-cert.pem /root/.xcat/client-cred.pem:_xcat/ca.pem; do
  [ -s "${pair%%:*}" ] || continue # -u makes none
  mkdir -p "/install/postscripts/$(dirname "${pair#*:}")"
  cp "${pair%%:*}" "/install/postscripts/${pair#*:}"
done
[ -s /etc/xcat/site.sqlite ] || [ -s /etc/xcat/cfgloc ] || {
  cp /opt/xcat/share/xcat/*.csv /etc/xcat
  printf '"master","%s",,\n' "$(hostname)" >>/etc/xcat/site.csv
  echo "tables of $(hostname)" >/etc/xcat/site.sqlite
}
echo "xcatconfig $1 of $(hostname)" >>/etc/xcat/configured
systemctl restart xcatd || echo "xcatd is not started: no systemd" >&2
