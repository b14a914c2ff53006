# docker_is_wrapped: is docker on the PATH a script that can start engines, as the agent of 2014 wants
# it? Exit codes: 0 yes; 1 no, or there is none.

docker=$(command -v docker) || exit 1
[ "$(head -c 2 "$docker")" = '#!' ] && grep -q dockerd "$docker"
