# The beginning of the program in which the questions of a transaction are asked before there is a worker;
# it prints the clock, and ends with the first answer that is not 0.
ulimit -f 4096

# fl_print_clock
# Prints the centiseconds since boot.
fl_print_clock() {
  read -r clock _ </proc/uptime
  echo "${clock%.*}${clock#*.}"
}

fl_print_clock
