# perfsonar_database CONTAINER PIDFILE
# Prints 1 where the database that systemd has started there is the one whose number the file has.
docker exec "$1" systemctl show -p MainPID --value postgresql | cmp -s - "$2" && echo 1
