# RUNC: a host that builds images with dnf, and has nothing of Confluent or xCAT. RUNC, a program,
# leaves out a capability that an older engine asks for and a machine in a container may lack.
runc=$1
rm -rf /var/lib/confluent-docker /var/lib/fairlead-images /var/lib/xcat-docker
echo '%_dbpath /var/lib/rpm' >/root/.rpmmacros
if ! grep -q 'CapBnd:.*ffffffffff$' /proc/self/status; then
  printf %s "$runc" >/usr/local/sbin/runc
  chmod 755 /usr/local/sbin/runc
fi
