# FIREWALL-CMD: firewalld runs here, and has eth0 in the zone work
mount -t tmpfs t /usr/local/sbin
printf %s "$1" >/usr/local/sbin/firewall-cmd
chmod 755 /usr/local/sbin/firewall-cmd
echo work >/usr/local/sbin/zone.eth0
