# COUNT: a pscheduler that is late as often as the file COUNT has letters, and takes one away each time.
[ -s "$1" ] || { echo "pScheduler appears to be functioning normally."; exit 0; }
rest=$(sed s/x// "$1")
printf %s "$rest" >"$1"
echo "The Scheduler is late."
exit 1
