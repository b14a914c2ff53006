# lives ID PID
# Does this process belong to the container of this ID? 0 yes; 1 no, or it is not to be seen.
# shellcheck source=lives_lib.sh
. ./lives_lib.sh
lives "$1" "$2"
