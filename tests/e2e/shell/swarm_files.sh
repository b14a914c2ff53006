# swarm_files WORD: the files of a host in which a word stands.

grep -rlaF -e "$1" /var/lib/fairlead /run/fairlead /var/lib/beacon /tmp /var/log /root 2>/dev/null
