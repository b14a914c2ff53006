# In the image: what systemd runs at every start of the container. With empty tables xcatconfig makes
# keys, certificates and tables, by the container's real name; one that was cut short is done again.
# A new container on tables that are there is an update, which keeps them all. Else xcatd is started.
set -eu
begun=/etc/xcat/.first-start configured=/var/lib/xcat-configured
export TERM="${TERM:-vt100}" HOME=/root
PATH=/opt/xcat/bin:/opt/xcat/sbin:/usr/sbin:/usr/bin:/sbin:/bin XCATROOT=/opt/xcat
export PATH XCATROOT
if [ -e $configured ]; then
  exec systemctl start xcatd
fi
if [ ! -e $begun ] && { [ -s /etc/xcat/site.sqlite ] || [ -s /etc/xcat/cfgloc ]; }; then
  xcatconfig -u
else
  : >$begun
  xcatconfig -i
  rm -f $begun
fi
: >$configured
