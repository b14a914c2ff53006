# opensvc_real: the agent 2.1 whose tree lies in /root/opensvc takes the stand-in's place.
#
# In a container the agent knows no process groups, and fails; a lab host looks like one.

rm -f /usr/local/bin/om /.dockerenv /run/.containerenv
mkdir -p /etc/opensvc /var/lib/opensvc /var/log/opensvc
mv /root/opensvc /usr/share/opensvc
echo 'OSVC_PYTHON="python3"' >/etc/default/opensvc
ln -s /usr/share/opensvc/bin/om /usr/local/bin/om
om node scan capabilities
