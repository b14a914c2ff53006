#!/bin/sh
# docker-of-2014: docker as the OpenSVC agent of 2014 knows it, over the docker of today.
#
# That agent starts its engines by `docker -H SOCKET -r=false -d -g FOLDER -p FILE`, which ended with
# Docker 1.8; it compares twelve characters of the IDs that `images` and `inspect` print, and the
# second begin with sha256: today; it reads the third column of `images`, whose columns are others
# since Docker 29. An engine of today needs an --exec-root of its own besides. All other words go to
# the docker that is next on the PATH, as they are.
# Install it before that one: /usr/local/sbin/docker, mode 755.
# Exit codes: those of docker; 127 there is no other docker.

# Prints the docker that is next on the PATH.
next_docker() {
  IFS=:
  for folder in $PATH; do
    [ -x "$folder/docker" ] || continue
    head -n 2 "$folder/docker" | grep -qa '^# docker-of-2014:' || {
      echo "$folder/docker"
      return
    }
  done
  echo "docker-of-2014: there is no other docker on the PATH" >&2
  return 127
}

docker=$(next_docker) || exit
[ "$1" = -H ] || exec "$docker" "$@"
case $#:$3 in
  *:-r=false)
    socket=$2
    shift 3
    [ "$1 $2 $4" = "-d -g -p" ] || exec "$docker" -H "$socket" "$@"
    data=$3 pidfile=$5
    shift 5
    own=/run/docker-of-2014/$(printf %s "$pidfile" | cksum | cut -d ' ' -f 1)
    exec dockerd -H "$socket" --data-root "$data" -p "$pidfile" --exec-root "$own" "$@"
    ;;
  4:inspect)
    text=$("$docker" "$@") || exit
    printf '%s\n' "$text" | sed 's/"Image": "sha256:/"Image": "/'
    ;;
  3:images | 4:images)
    exec "$docker" "$@" --format 'table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.Size}}'
    ;;
  *) exec "$docker" "$@" ;;
esac
