# ROOT NAME: a member of the pool, in namespaces of its own.
hostname "$2.tier1.lan"
exec chroot "$1" /usr/sbin/condor_master -f
