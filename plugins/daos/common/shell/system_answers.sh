# system_answers: does the system answer a client, by `daos system query`?
#
# An uninitialized system has nothing to answer with. Runs inside the client's image.
# Exit codes: 0 yes; 1 no, and why is printed.

answer=$(daos system query 2>&1) && exit 0
case $answer in *uninitialized*) exit 0 ;; esac
printf '%s\n' "$answer" | tail -n 1 >&2
exit 1
