# PATTERN: the files in which it stands, where fairlead and users write.
grep -rlas "$1" /var/lib/fairlead /run/fairlead /home /root /tmp /var/tmp /var/log
