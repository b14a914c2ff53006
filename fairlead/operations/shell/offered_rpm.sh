# offered_rpm MANAGER ENABLEREPO PACKAGE...
# Is each installed, or offered under this very name? A manager takes another that provides it as
# well: podman-docker for docker. 1: one is not, which is said.
manager=$1 repository=$2
shift 2
for name; do
  rpm -q "$name" >/dev/null 2>&1 ||
    "$manager" -q ${repository:+"--enablerepo=$repository"} list "$name" >/dev/null 2>&1 || {
      echo "no repository here has a package named $name" >&2
      exit 1
    }
done
