# link FOLDER NAME: makes the links of the 2014 agent: NAME.d -> NAME.dir, NAME -> ../bin/svcmgr.

set -eu
cd "$1"
# shellcheck disable=SC2174
mkdir -p -m 0755 "$2.dir"
ln -sfn "$2.dir" "$2.d"
ln -sfn ../bin/svcmgr "$2"
