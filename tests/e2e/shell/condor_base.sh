# ARCHIVE: the image of a Debian with HTCondor is there.
docker image inspect htcondor:base >/dev/null 2>&1 || docker import "$1" htcondor:base
