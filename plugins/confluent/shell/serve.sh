# Starts the server in the foreground; what it prints is the container's log (-o). A file with the
# number of a process that there was once would keep it from starting.
rm -f /var/run/confluent/pid
exec /opt/confluent/bin/confluent -f -o
