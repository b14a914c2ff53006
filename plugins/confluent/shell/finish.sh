# In the tree: what the server keeps is root's, who runs it, and no key or name of the host that
# builds stays in the image: the first start makes its own.
set -e
rm -rf /etc/confluent/* /var/lib/confluent/* /etc/machine-id
: >/etc/machine-id
mkdir -p /etc/confluent /var/lib/confluent /var/run/confluent /var/lib/tftpboot \
  /var/log/confluent /var/cache/confluent
chown -R root:root /etc/confluent /var/lib/confluent /var/log/confluent /var/cache/confluent
