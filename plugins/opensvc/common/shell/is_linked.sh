# is_linked FOLDER NAME: has the service the links of the 2014 agent?
#
# The agent's own are absolute, those of its documentation are not.
# Exit codes: 0 yes; 1 no.

folder=$(readlink -f "$1") && cd "$folder" || exit 1
[ -h "$2" ] && [ "$(readlink -f "$2")" = "${folder%/*}/bin/svcmgr" ] &&
  [ -h "$2.d" ] && [ "$(readlink -f "$2.d")" = "$folder/$2.dir" ] && [ -d "$2.dir" ]
