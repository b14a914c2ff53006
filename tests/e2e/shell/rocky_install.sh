# rocky_install URL PACKAGE: DAOS out of a signed repository; runs inside rockylinux.

dnf -yq install dnf-plugins-core
dnf config-manager --add-repo "$1"
rpmkeys --import "$1RPM-GPG-KEY"
dnf -yq install "$2" && rpm -q daos && daos_server version
