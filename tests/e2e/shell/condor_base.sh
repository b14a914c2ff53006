# The image of a Debian with HTCondor is there, its archive being on stdin.
docker image inspect htcondor:base >/dev/null 2>&1 || docker import - htcondor:base
