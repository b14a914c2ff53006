# Prints how /cvmfs is mounted: the type and the options of each mount there or below, automounter
# first.
awk '$2 == "/cvmfs" || index($2, "/cvmfs/") == 1 { print $3, $4 }' /proc/mounts
