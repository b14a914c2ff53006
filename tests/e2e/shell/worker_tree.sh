# A tree of cvmfs that the engine mounts while workers run.
mkdir -p /cvmfs/atlas
mount -t tmpfs atlas /cvmfs/atlas
touch /cvmfs/atlas/x
