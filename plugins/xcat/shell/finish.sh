# In the tree: no key, certificate, table or name that the packages' scripts made stays in the image;
# they are made at the first start, which is systemd's to begin.
set -e
mkdir -p /etc/xcat /etc/kea /tftpboot /install/postscripts /root /var/lib/dhcpd /var/lib/kea /var/named
find /etc/xcat -mindepth 1 -maxdepth 1 ! -name conf.orig -exec rm -rf {} +
rm -rf /root/.xcat /root/.ssh /etc/ssh/ssh_host_* /etc/machine-id /var/lib/xcat-configured
for name in _ssh _xcat ca cert hostkeys; do
  rm -rf "/install/postscripts/$name"
done
: >/etc/machine-id
mkdir -m 700 /root/.xcat /root/.ssh
wants=/etc/systemd/system/multi-user.target.wants
mkdir -p $wants
rm -f $wants/xcatd.service
ln -sf ../xcat-start.service $wants/xcat-start.service
