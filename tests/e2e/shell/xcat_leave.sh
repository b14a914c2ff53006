# What a docker host for xCAT has of its own goes.
ip route delete default
ip route delete 192.0.2.0/24
rm -rf /etc/network/interfaces /usr/local/sbin/runc /usr/local/bin/arping
