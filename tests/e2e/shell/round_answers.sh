# ENGINE NAME: prints yes where pScheduler answers inside.
timeout 10 "$1" exec "$2" pscheduler ping localhost >/dev/null 2>&1 && echo yes
