# CERTIFICATE KEY: the registry serves with these.
cd /etc/grid-security || exit
printf %s "$1" >hostcert.pem
printf %s "$2" >hostkey.pem
systemctl restart docker-registry
