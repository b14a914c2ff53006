# daos_mounts: in a client: mounts a container of the pool tank, and stays.

mkdir -p /home/root/mnt
dfuse --mountpoint=/home/root/mnt --pool=tank --container=posix-fs
echo it is mounted
exec sleep 600
