# is_linked FOLDER NAME: has the service the links of the 2014 agent?
#
# Exit codes: 0 yes; 1 no.

cd "$1" && [ "$(readlink "$2")" = ../bin/svcmgr ] &&
  [ "$(readlink "$2.d")" = "$2.dir" ] && [ -d "$2.dir" ]
