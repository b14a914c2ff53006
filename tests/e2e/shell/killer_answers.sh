# NAME: prints yes where pScheduler answers inside.
timeout 10 docker exec "$1" pscheduler ping localhost >/dev/null 2>&1 && echo yes
