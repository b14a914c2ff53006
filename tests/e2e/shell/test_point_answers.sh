# ENGINE CONTAINER URL: once pScheduler answers in it, URL is one of its remotes.
engine=$1 container=$2 url=$3
until "$engine" exec "$container" pscheduler ping localhost; do sleep 0.2; done >/dev/null 2>&1
"$engine" exec "$container" psconfig remote add "$url"
