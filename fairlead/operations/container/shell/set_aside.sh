# set_aside ROOT
# The state of the version before takes the place of today's, which waits in ROOT/newer.
set -eu
root=$1
if [ -d "$root/current" ]; then mv "$root/current" "$root/newer"; fi
if [ -d "$root/previous" ]; then mv "$root/previous" "$root/current"; fi
