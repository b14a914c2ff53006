# To be included. `engine_on SOCKET` prints the pattern of pgrep and pkill for the command line of
# the engine that listens on it. A client of ours is none.

engine_on() {
  printf '%s' "^[^ ]*dockerd .*unix://$1( |\$)|^[^ ]*docker .*unix://$1 .*-d( |\$)"
}
