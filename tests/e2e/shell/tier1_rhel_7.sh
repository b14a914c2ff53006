# The files of a RHEL 7.
mkdir -p /etc/sysconfig
cd /etc/sysconfig || exit
echo "OPTIONS='--selinux-enabled'" >docker
echo DOCKER_NETWORK_OPTIONS= >docker-network
