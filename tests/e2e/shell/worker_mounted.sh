# CRL NAMESERVER: what the document has an engine mount. /cvmfs is a file system that stays; the
# automounter itself is not had here.
mkdir -p /cvmfs /opt/glite /etc/grid-security/certificates /home/atlas001
chown 40001:4000 /home/atlas001
mountpoint -q /cvmfs || mount -t tmpfs cvmfs /cvmfs
printf '%s' "$1" >/etc/grid-security/certificates/authority.r0
echo "nameserver $2" >/etc/resolv.conf
